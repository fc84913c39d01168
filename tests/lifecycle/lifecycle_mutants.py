"""Drivers with one fault each. A test that lets one of them through is worth nothing."""

from __future__ import annotations

import asyncio
import contextlib

from lifecycle_broken import DEVIATIONS, GRID, WALKS, Mutants

from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import (
    LIFECYCLE_METHODS,
    Lifecycle,
    Operation,
    Turns,
    find_transition,
)

DRIVERS = Mutants("aitbc_hooks.hosting.plugin.Lifecycle")


@DRIVERS.killed_by(GRID, WALKS, known_as="truthy success")
class TruthySuccess(Lifecycle):
    def _judge(self, row, call):
        return None if call.value == 1 else super()._judge(row, call)


@DRIVERS.killed_by(GRID, WALKS)
class LateSuccess(Lifecycle):
    def _judge(self, row, call):
        return None if call.value is True else super()._judge(row, call)


@DRIVERS.killed_by(GRID, WALKS, known_as="ignores False")
class IgnoresFalse(Lifecycle):
    def _judge(self, row, call):
        return None if call.value is False else super()._judge(row, call)


@DRIVERS.killed_by(GRID, WALKS)
class StopWithoutStart(Lifecycle):
    async def _unload(self, row):
        if self.status in (S.LOADED, S.INACTIVE):
            await self._call("stop")
        return await super()._unload(row)


@DRIVERS.killed_by(GRID, WALKS, known_as="stop twice")
class StopsTwice(Lifecycle):
    async def _unload(self, row):
        if self.status is S.INACTIVE:
            await self._call("stop")
        return await super()._unload(row)


@DRIVERS.killed_by(GRID, WALKS, known_as="unload skips stop")
class UnloadSkipsStop(Lifecycle):
    async def _unload(self, row):
        self._enter_status(S.UNLOADING)
        return await super()._unload(find_transition(Operation.UNLOAD, S.LOADED, self.name))


@DRIVERS.killed_by(GRID, WALKS, known_as="cleanup skipped when stop fails")
class NoCleanupAfterFailedStop(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if failure and row.operation is Operation.STOP:
            self._owes_cleanup = False
        return failure


@DRIVERS.killed_by(GRID, WALKS)
class NoCleanupAfterFailedInitialize(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if failure and row.operation is Operation.LOAD:
            self._owes_cleanup = False
        return failure


@DRIVERS.killed_by(GRID, WALKS, known_as="no cleanup after failed start")
class NoCleanupAfterFailedStart(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if failure and row.operation is Operation.START:
            self._owes_cleanup = False
        return failure


@DRIVERS.killed_by(GRID, WALKS)
class CleanupTwice(Lifecycle):
    async def _cleanup(self, row):
        await self._call("cleanup")
        return await super()._cleanup(row)


@DRIVERS.killed_by(GRID, WALKS, known_as="ACTIVE before start returns")
class ActiveBeforeStartReturned(Lifecycle):
    async def _start(self, row):
        self._enter_status(S.ACTIVE)
        return await super()._start(row)


@DRIVERS.killed_by(GRID, WALKS, known_as="ERROR not set")
class ErrorNotSet(Lifecycle):
    def _enter_status(self, status):
        super()._enter_status(self.status if status is S.ERROR else status)


@DRIVERS.killed_by(GRID, WALKS)
class FailureNotRecorded(Lifecycle):
    def note(self, failure):
        self.record_error()


@DRIVERS.killed_by(GRID, WALKS, known_as="success lost on cancel")
class SuccessLostOnCancel(Lifecycle):
    def _settle(self, row, call):
        if call.caller_cancelled:
            call.value = None
        return super()._settle(row, call)


@DRIVERS.killed_by(DEVIATIONS, known_as="cancel-before-begin is ERROR")
class CancelledBeforeItBeganIsError(Lifecycle):
    async def _run(self, row):
        call = await self._enter(row, cancellable=True)
        failure = self._settle(row, call)
        if call.caller_cancelled:
            raise asyncio.CancelledError
        return failure is None


@DRIVERS.killed_by(GRID, WALKS, known_as="swallows CancelledError")
class SwallowsCancelledError(Lifecycle):
    async def perform(self, operation, guard=None):
        try:
            return await super().perform(operation, guard)
        except asyncio.CancelledError:
            return False


@DRIVERS.killed_by(WALKS)
class SwallowsKeyboardInterrupt(Lifecycle):
    async def perform(self, operation, guard=None):
        try:
            return await super().perform(operation, guard)
        except KeyboardInterrupt:
            return False


@DRIVERS.killed_by(GRID, WALKS, known_as="unload cancellable")
class UnloadCancellable(Lifecycle):
    async def _enter(self, row, *, cancellable):
        return await super()._enter(row, cancellable=True)


@DRIVERS.killed_by(GRID, known_as="stuck on quarantine cancel")
class CancelledBesideAnAbandonedCallIsStuck(Lifecycle):
    async def _unload(self, row):
        if self._quarantined:
            self._enter_status(row.via)
            await asyncio.sleep(0)
        return await super()._unload(row)


@DRIVERS.killed_by(GRID, WALKS, known_as="no lock")
class NoTurns(Lifecycle):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._turns._lock = contextlib.nullcontext()


@DRIVERS.killed_by(GRID, WALKS, known_as="two locks")
class TwoLocks(Lifecycle):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self._both = (Turns(), Turns())

    async def perform(self, operation, guard=None):
        self._turns = self._both[operation in (Operation.STOP, Operation.UNLOAD)]
        return await super().perform(operation, guard)


@DRIVERS.killed_by(GRID, WALKS, known_as="lock leak on cancel")
class LosesTheTurnOnCancel(Lifecycle):
    async def perform(self, operation, guard=None):
        self.refuse_own(operation)
        try:
            return await super().perform(operation, guard)
        except asyncio.CancelledError:
            self._turns = _TakenForEver()
            raise


class _TakenForEver(Turns):
    @contextlib.asynccontextmanager
    async def take(self):
        await asyncio.get_running_loop().create_future()
        yield


@DRIVERS.killed_by(GRID, WALKS, known_as="legality before lock")
class JudgesBeforeItsTurn(Lifecycle):
    async def perform(self, operation, guard=None):
        row = find_transition(operation, self.status, self.name)
        return True if row is None else await super().perform(operation, guard)


@DRIVERS.killed_by(GRID, WALKS, known_as="start from ERROR")
class StartsFromError(Lifecycle):
    async def perform(self, operation, guard=None):
        if operation is Operation.START and self.status is S.ERROR:
            self._enter_status(S.LOADED)
        return await super().perform(operation, guard)


@DRIVERS.killed_by(GRID, WALKS, known_as="reload in place")
class ReloadsInPlace(Lifecycle):
    async def perform(self, operation, guard=None):
        if operation is Operation.LOAD and self.status is S.LOADED:
            return await self._call("initialize") is True
        return await super().perform(operation, guard)


@DRIVERS.killed_by(WALKS)
class WaitsForItself(Lifecycle):
    def refuse_own(self, operation):
        pass


@DRIVERS.killed_by(GRID, WALKS, known_as="no timeout")
class NoDeadline(Lifecycle):
    def deadline(self, method):
        return None if method in LIFECYCLE_METHODS else super().deadline(method)


@DRIVERS.killed_by(GRID, WALKS, known_as="zombie overlap")
class CallsBesideTheAbandoned(Lifecycle):
    _quarantined = False


@DRIVERS.killed_by(GRID, WALKS, known_as="broadcast to LOADED")
class GrantsTooEarly(Lifecycle):
    def _settle(self, row, call):
        failure = super()._settle(row, call)
        if self.status is S.LOADED:
            self._listener.granted()
        return failure


@DRIVERS.killed_by(GRID, WALKS, known_as="broadcast to INACTIVE")
class WithdrawsNothing(Lifecycle):
    async def _stop(self, row):
        return await self._call("stop")


@DRIVERS.killed_by(GRID, WALKS, known_as="broadcast while stopping")
class WithdrawsAfterStop(Lifecycle):
    async def _stop(self, row):
        result = await self._call("stop")
        self._listener.withdrawn()
        return result
