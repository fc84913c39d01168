"""What surrounds the drivers, with one fault each: dependencies, and events."""

from __future__ import annotations

import asyncio

from lifecycle_broken import GRID, WALKS, Mutants

from aitbc_hooks.events import EventBus
from aitbc_hooks.events.delivery import Delivery
from aitbc_hooks.hosting import Dependencies
from aitbc_hooks.interfaces import PluginStatus as S

DEPENDENCIES = Mutants("aitbc_hooks.manager.Dependencies")
BUSES = Mutants("aitbc_hooks.manager.EventBus")
DELIVERIES = Mutants("aitbc_hooks.events.bus.Delivery")


@DEPENDENCIES.killed_by(WALKS)
class StopsNoDependents(Dependencies):
    async def _stop_all(self, dependents):
        pass


@DEPENDENCIES.killed_by(WALKS)
class StopsDependentsAtOnce(Dependencies):
    async def _stop_all(self, dependents):
        active = [other for other in dependents if other.lifecycle.status is S.ACTIVE]
        await asyncio.gather(*(other.lifecycle.stop() for other in active))


@DEPENDENCIES.killed_by(WALKS)
class ReturnsBeforeDependentsAreStopped(Dependencies):
    async def _stop_all(self, dependents):
        await asyncio.shield(asyncio.ensure_future(super()._stop_all(dependents)))


@DEPENDENCIES.killed_by(WALKS)
class ForgetsWithdrawal(Dependencies):
    async def _withdraw(self, hosted, operation):
        dependents = self.dependents(hosted)
        for other in (hosted, *dependents):
            other.lifecycle.refuse_own(operation)
        await self._stop_all(dependents)
        return await hosted.lifecycle.perform(operation)


@DEPENDENCIES.killed_by(WALKS)
class StartsNoNeeds(Dependencies):
    async def _prepare(self, hosted):
        return None


@DELIVERIES.killed_by(GRID, known_as="broadcast stops at first error")
class StopsAtTheFirstError(Delivery):
    def _raised(self, receiver, publication, error):
        super()._raised(receiver, publication, error)
        publication.cut()


@BUSES.killed_by(WALKS, known_as="stale broadcast")
class DeliversStaleEvents(EventBus):
    def withdraw(self, owner):
        owner.granted = False
        self._routes.forget()


@BUSES.killed_by(GRID, WALKS)
class CleansUpBesideEventHandlers(EventBus):
    async def quiesce(self, owner):
        pass
