"""Drivers with one fault each. A test that lets one of them through is worth nothing."""

from __future__ import annotations

import asyncio
import contextlib

from aitbc_hooks.hosting import Dependencies
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import Lifecycle, Operation, find_transition


class TruthySuccess(Lifecycle):
    def _judge(self, row, call):
        return None if call.value == 1 else super()._judge(row, call)


class LateSuccess(Lifecycle):
    def _judge(self, row, call):
        return None if call.value is True else super()._judge(row, call)


class StopWithoutStart(Lifecycle):
    async def _unload(self, row):
        if self.status in (S.LOADED, S.INACTIVE):
            await self._call("stop")
        return await super()._unload(row)


class UnloadSkipsStop(Lifecycle):
    async def _unload(self, row):
        self._enter_status(S.UNLOADING)
        return await super()._unload(find_transition(Operation.UNLOAD, S.LOADED, self.name))


class NoCleanupAfterFailedStop(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if failure and row.operation is Operation.STOP:
            self._owes_cleanup = False
        return failure


class NoCleanupAfterFailedInitialize(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if failure and row.operation is Operation.LOAD:
            self._owes_cleanup = False
        return failure


class CleanupTwice(Lifecycle):
    async def _cleanup(self, row):
        await self._call("cleanup")
        return await super()._cleanup(row)


class ActiveBeforeStartReturned(Lifecycle):
    async def _start(self, row):
        self._enter_status(S.ACTIVE)
        return await super()._start(row)


class ErrorNotSet(Lifecycle):
    def _enter_status(self, status):
        super()._enter_status(self.status if status is S.ERROR else status)


class FailureNotRecorded(Lifecycle):
    def note(self, failure):
        self.record_error()


class SuccessLostOnCancel(Lifecycle):
    def _settle(self, row, call):
        if call.caller_cancelled:
            call.value = None
        return super()._settle(row, call)


class SwallowsCancelledError(Lifecycle):
    async def perform(self, operation, guard=None):
        try:
            return await super().perform(operation, guard)
        except asyncio.CancelledError:
            return False


class SwallowsKeyboardInterrupt(Lifecycle):
    async def perform(self, operation, guard=None):
        try:
            return await super().perform(operation, guard)
        except KeyboardInterrupt:
            return False


class UnloadCancellable(Lifecycle):
    async def _enter(self, row, *, cancellable):
        return await super()._enter(row, cancellable=True)


class NoTurns(Lifecycle):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._turns._lock = contextlib.nullcontext()


class JudgesBeforeItsTurn(Lifecycle):
    async def perform(self, operation, guard=None):
        row = find_transition(operation, self.status, self.name)
        return True if row is None else await super().perform(operation, guard)


class WaitsForItself(Lifecycle):
    def refuse_own(self, operation):
        pass


class NoDeadline(Lifecycle):
    def deadline(self, method):
        return None


class CallsBesideTheAbandoned(Lifecycle):
    _quarantined = False


class GrantsTooEarly(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if self.status is S.LOADED:
            self._listener.granted()
        return failure


class WithdrawsNothing(Lifecycle):
    async def _stop(self, row):
        return await self._call("stop")


class StopsNoDependents(Dependencies):
    async def _stop_all(self, dependents):
        pass


class StopsDependentsAtOnce(Dependencies):
    async def _stop_all(self, dependents):
        active = [other for other in dependents if other.lifecycle.status is S.ACTIVE]
        await asyncio.gather(*(other.lifecycle.stop() for other in active))


class ReturnsBeforeDependentsAreStopped(Dependencies):
    async def _stop_all(self, dependents):
        await asyncio.shield(asyncio.ensure_future(super()._stop_all(dependents)))


class ForgetsWithdrawal(Dependencies):
    async def _withdraw(self, hosted, operation):
        dependents = self.dependents(hosted)
        for other in (hosted, *dependents):
            other.lifecycle.refuse_own(operation)
        await self._stop_all(dependents)
        return await hosted.lifecycle.perform(operation)


class StartsNoNeeds(Dependencies):
    async def _prepare(self, hosted):
        return None


#: Where a mutant takes the place of the real class -> the mutants.
MUTANTS = {
    "aitbc_hooks.hosting.plugin.Lifecycle": Lifecycle.__subclasses__(),
    "aitbc_hooks.manager.Dependencies": Dependencies.__subclasses__(),
}
