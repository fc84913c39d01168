"""The one driver that performs the transitions of one plugin."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle.call import GRACE, MethodCall, pass_on
from aitbc_hooks.lifecycle.failure import Failure, shown
from aitbc_hooks.lifecycle.table import Operation, Transition, find_transition
from aitbc_hooks.lifecycle.turns import Turns

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aitbc_hooks.lifecycle.subject import Subject

    Guard = Callable[[], Awaitable[Failure | None]]
    Perform = Callable[[Operation, Guard | None], Awaitable[bool]]

__all__ = ["DEADLINE", "Lifecycle", "Listener"]

#: Seconds that each lifecycle method may take unless the configuration says otherwise.
DEADLINE: Final = 30.0


class Listener:
    """What the driver tells its owner. Every method may be overridden; none may raise."""

    def transitioned(self, old: PluginStatus, new: PluginStatus) -> None:
        """Take note that the status has changed."""

    def failed(self, failure: Failure) -> None:
        """Take note of a failure; it is in ``lifecycle.failure`` too."""

    def granted(self) -> None:
        """Let hook calls and events reach the plugin: `start` has returned True."""

    def withdrawn(self) -> None:
        """Let no more hook calls and events reach the plugin: `stop` is about to be entered."""

    async def quiesce(self) -> None:
        """End what still runs in the plugin for events: `cleanup` is about to be entered."""

    def released(self) -> None:
        """Forget the instance: it has been unloaded, or could not be used."""


class Lifecycle:
    """The status of one plugin, and the operations that change it.

    Operations on one plugin take turns, first come first served, and each is judged by the table
    when its turn has come. Different plugins know nothing of each other here.

    Args:
        name: The plugin's name.
        make: Makes a fresh `Subject` for each load; what it raises fails the load.
        timeouts: Method name -> seconds; `DEADLINE` for those not named.
        grace: Seconds from a method's cancellation until it is abandoned.
        listener: Whom to tell.

    Attributes:
        status: The status, owned here; ``plugin.status`` only mirrors it.
        since: When it became that, in UTC.
        failure: The failure of this instance, or of its unloading; None after a fresh load.
        subject: The instance; None while there is none.
        error_count: Failures recorded for this instance, those in event handlers included.
    """

    def __init__(
        self,
        name: str,
        make: Callable[[], Subject],
        *,
        timeouts: Mapping[str, float] | None = None,
        grace: float = GRACE,
        listener: Listener | None = None,
    ) -> None:
        self.name = name
        self.status = PluginStatus.UNLOADED
        self.since = datetime.now(UTC)
        self.failure: Failure | None = None
        self.subject: Subject | None = None
        self.error_count = 0
        self._make = make
        self._timeouts = timeouts or {}
        self._grace = grace
        self._listener = listener or Listener()
        self._turns = Turns()
        self._owes_cleanup = False
        self._abandoned: object = None  # the plugin that an abandoned call may still run in

    async def load(self) -> bool:
        """Construct the plugin and run `initialize`: UNLOADED -> LOADING -> LOADED."""
        return await self.perform(Operation.LOAD)

    async def start(self, guard: Guard | None = None) -> bool:
        """Run `start`: LOADED or INACTIVE -> ACTIVE.

        Args:
            guard: Awaited when the turn has come and the operation is legal; a failure that it
                returns is recorded, the plugin is not called and keeps its status.
        """
        return await self.perform(Operation.START, guard)

    async def stop(self) -> bool:
        """Run `stop`: ACTIVE -> INACTIVE."""
        return await self.perform(Operation.STOP)

    async def unload(self) -> bool:
        """Run `stop` and `cleanup` as they are owed, and drop the instance: -> UNLOADED."""
        return await self.perform(Operation.UNLOAD)

    async def perform(self, operation: Operation, guard: Guard | None = None) -> bool:
        """Perform an operation in its turn.

        Returns:
            True if the plugin is where the operation leads; False if it failed: see `failure`.

        Raises:
            LifecycleError: The operation is illegal in the status that the plugin had when the
                turn came, or it was asked for inside the plugin's own transition.
            asyncio.CancelledError: The caller was cancelled; the status tells the truth.
            KeyboardInterrupt: The plugin raised it; the failure is recorded.
        """
        async with self.turn(operation) as perform:
            return await perform(operation, guard)

    @contextlib.asynccontextmanager
    async def turn(self, operation: Operation) -> AsyncIterator[Perform]:
        """Have a turn that may last for several operations, and for `ask` and `swap`.

        Args:
            operation: What is to be done, for the message of `refuse_own`.

        Yields:
            What performs an operation as `perform` does, in this turn.
        """
        self.refuse_own(operation)
        async with self._turns.take():
            yield self._perform

    async def _perform(self, operation: Operation, guard: Guard | None) -> bool:
        row = find_transition(operation, self.status, self.name)
        if row is None:
            return True
        if guard is not None and (failure := await guard()) is not None:
            self.note(failure)
            return False
        if operation is Operation.UNLOAD:
            return await self._unload(row)
        return await self._run(row)

    async def ask(self, method: str, call: Callable[[], Awaitable[object]]) -> Failure | None:
        """Call a method of the instance that is no transition, in a turn of the caller's.

        It has a deadline as the others have; to be abandoned leads to ERROR as it does there.

        Args:
            method: Its name.
            call: Calls it; success is True.

        Returns:
            Why it failed; recorded only if it was abandoned.
        """
        made = await self._call_within(method, call, cancellable=False)
        row = attrs.evolve(_NO_TRANSITION, method=method)
        failure = self._judge(row, made)
        if failure is not None and made.abandoned:
            self._enter_status(row.failure)
            self.note(failure)
        pass_on(made)
        return failure

    def swap(self, other: Lifecycle) -> None:
        """Exchange instances, with all that is known of them, in a turn of both; nobody is told."""
        for name in _OF_THE_INSTANCE:
            mine, others = getattr(self, name), getattr(other, name)
            setattr(self, name, others)
            setattr(other, name, mine)

    def refuse_own(self, operation: Operation) -> None:
        """Raise if the caller runs inside this plugin's own transition (``AITBC-L02``)."""
        if self._turns.own:
            raise LifecycleError(
                f"{operation.value} was asked for inside the plugin's own transition and would "
                "wait for itself.",
                plugin=self.name,
                hint="Return from the lifecycle method first.",
                code="AITBC-L02",
            )

    def record_error(self) -> None:
        """Count a failure of this instance that changes no status, as in an event handler."""
        self.error_count += 1
        self._mark("_error_count", self.error_count)

    def note(self, failure: Failure) -> None:
        """Record a failure that changes no status, and tell the listener of it."""
        self.failure = failure
        self.record_error()
        self._listener.failed(failure)

    def deadline(self, method: str) -> float:
        """Return the seconds that a call of `method` may take."""
        return self._timeouts.get(method, DEADLINE)

    async def _run(self, row: Transition) -> bool:
        """Perform one row other than unloading."""
        call = await self._enter(row, cancellable=True)
        failure = self._settle(row, call) if call.entered else None
        pass_on(call)
        return failure is None

    async def _unload(self, row: Transition) -> bool:
        """Perform an unload: it completes, whatever happens to its caller."""
        calls: list[MethodCall] = []
        first = row.first and find_transition(row.first, self.status, self.name)
        if first:
            calls.append(await self._enter(first, cancellable=False))
            self._settle(first, calls[-1])
        self._enter_status(row.via)
        failure = None
        if self._owes_cleanup:
            calls.append(await self._quiesce())
        if self._owes_cleanup and not self._quarantined:
            calls.append(await self._enter(row, cancellable=False))
            failure = self._judge(row, calls[-1])
        elif self._owes_cleanup:
            failure = self._failure("AITBC-L06", row.method, _NOT_CALLED)
        self._leave(row, failure)
        pass_on(*calls)
        return failure is None

    async def _quiesce(self) -> MethodCall:
        """Let the listener end event handlers; not at the expense of the deadline of `cleanup`."""
        call = MethodCall(self._listener.quiesce, name=f"aitbc-hooks:{self.name}:quiesce")
        await call.run(deadline=None, grace=self._grace, cancellable=False)
        return call

    async def _enter(self, row: Transition, *, cancellable: bool) -> MethodCall:
        """Run the row's method in its own task, with everything that entering it entails."""
        method = functools.partial(getattr(self, f"_{row.method}"), row)
        return await self._call_within(row.method, method, cancellable=cancellable)

    async def _call_within(
        self, name: str, method: Callable[[], Awaitable[object]], *, cancellable: bool
    ) -> MethodCall:
        """Run a method within its deadline; of one that is abandoned, the instance is noted."""
        call = MethodCall(method, name=f"aitbc-hooks:{self.name}:{name}")
        await call.run(deadline=self.deadline(name), grace=self._grace, cancellable=cancellable)
        if call.abandoned and self.subject is not None:
            self._abandoned = self.subject.plugin
        return call

    async def _initialize(self, row: Transition) -> object:
        self.failure = None
        self.error_count = 0
        self._enter_status(row.via)
        self.subject = self._make()
        self.subject.mirror(self.status)
        self._owes_cleanup = True
        if self._quarantined:  # it was handed over as an instance, and is no fresh one
            raise LifecycleError(_NOT_CALLED, hint="Register a fresh one.", code="AITBC-L06")
        return await self._call(row.method)

    async def _start(self, row: Transition) -> object:
        return await self._call(row.method)

    async def _stop(self, row: Transition) -> object:
        self._listener.withdrawn()
        return await self._call(row.method)

    async def _cleanup(self, row: Transition) -> object:
        return await self._call(row.method)

    async def _call(self, name: str) -> object:
        method = self.subject.methods.get(name) if self.subject else None
        if method is None:
            return True
        return await awaited(method())

    def _settle(self, row: Transition, call: MethodCall) -> Failure | None:
        """Move the status to where the call has led, and record its failure if it failed."""
        failure = self._judge(row, call)
        if failure is not None:
            self._enter_status(row.failure)
            self.note(failure)
            return failure
        if row.operation is Operation.START:
            self._mark("_start_time", time.monotonic())
        self._enter_status(row.success)
        if row.operation is Operation.START:
            self._listener.granted()
        return None

    def _judge(self, row: Transition, call: MethodCall) -> Failure | None:
        """Return why the call failed; None for True and nothing else."""
        method, error = row.method, call.exception
        if call.abandoned:
            why = f"its deadline of {self.deadline(method):g} s" if call.timed_out else "its caller"
            message = (
                f"was cancelled by {why} and did not end within {self._grace:g} s after that; it "
                "was abandoned, and nothing of this instance is called any more."
            )
            return self._failure("AITBC-L06", method, message)
        if call.timed_out:
            message = f"did not end within its deadline of {self.deadline(method):g} s."
            return self._failure("AITBC-L05", method, message)
        if error is None:
            if call.value is True:
                return None
            return self._failure("AITBC-L03", method, f"expected True, got {shown(call.value)}.")
        if isinstance(error, asyncio.CancelledError) and call.cancelled:
            return self._failure("AITBC-L08", method, "was cancelled with its caller.")
        code = "AITBC-L07" if isinstance(error, SystemExit) else "AITBC-L04"
        entered = method if self.subject is not None else None  # making the instance failed
        return Failure.from_exception(error, plugin=self.name, method=entered, code=code)

    def _leave(self, row: Transition, failure: Failure | None) -> None:
        """Drop the instance and end in UNLOADED."""
        status = row.failure if failure else row.success
        subject, self.subject = self.subject, None
        self._owes_cleanup = False
        if subject is not None:
            subject.unbind()
            self._listener.released()
            subject.mirror(status)
        self._enter_status(status)
        if failure is not None:
            self.note(failure)

    @property
    def _quarantined(self) -> bool:
        return self.subject is not None and self.subject.plugin is self._abandoned

    def _enter_status(self, status: PluginStatus | None) -> None:
        if status is None or status is self.status:
            return
        old, self.status = self.status, status
        self.since = datetime.now(UTC)
        if self.subject is not None:
            self.subject.mirror(status)
        self._listener.transitioned(old, status)

    def _mark(self, name: str, value: object) -> None:
        if self.subject is not None:
            self.subject.mark(name, value)

    def _failure(self, code: str, method: str, message: str) -> Failure:
        return Failure(code=code, message=message, plugin=self.name, method=method)


#: The attributes that come and go with an instance.
_OF_THE_INSTANCE: Final = (
    "status",
    "since",
    "failure",
    "subject",
    "error_count",
    "_owes_cleanup",
    "_abandoned",
)

#: How a method is judged that is no transition.
_NO_TRANSITION: Final = Transition(
    Operation.START,
    frozenset(),
    "",
    success=PluginStatus.LOADED,
    failure=PluginStatus.ERROR,
)

_NOT_CALLED: Final = (
    "was not called: an earlier method of this instance was abandoned and may still be running."
)
