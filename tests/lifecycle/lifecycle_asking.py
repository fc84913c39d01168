"""Operations that a test asks for: when each begins, when it is cancelled, what it comes to."""

from __future__ import annotations

import asyncio

import attrs

from aitbc_hooks.errors import LifecycleError


@attrs.frozen
class Ask:
    """An operation for the manager; the numbers are turns of the loop."""

    operation: str  # one of OPERATIONS, or "broadcast"
    name: str = ""
    cancel_at: int | None = None  # counted from its beginning
    begin_at: int = 0


@attrs.frozen
class Outcome:
    """What became of an operation: what it returned, or the code or class of what it raised."""

    result: object
    cancelled: bool = False  # the cancellation came before the end
    settled: bool = False  # it came when nothing was waited for but clocks


class UnderWay:
    """An operation from its beginning to its end, with its cancellation."""

    def __init__(self, world, ask):
        self.ask = ask
        self.outcome = None
        self.ended = world.loop.create_future()
        self._world = world
        self._cancelled = self._settled = False

    def begin(self):
        self._task = self._world.loop.create_task(
            self._world.perform(self.ask.operation, self.ask.name)
        )
        self._task.add_done_callback(self._end)
        if self.ask.cancel_at is not None:
            after(self.ask.cancel_at, self._cancel, unless=self._task.done)

    def _cancel(self):
        self._settled = not self._world.loop._ready
        self._cancelled = self._task.cancel()

    def _end(self, task):
        self.outcome = Outcome(result_of(task), self._cancelled, self._settled)
        self.ended.set_result(None)


def after(turns, action, unless=lambda: False):
    """Do something after some turns of the loop; no task, so nothing that has a place of its own."""
    if unless():
        return
    if turns:
        asyncio.get_running_loop().call_soon(after, turns - 1, action, unless)
    else:
        action()


def result_of(task):
    if task.cancelled():
        return asyncio.CancelledError
    error = task.exception()
    if isinstance(error, LifecycleError):
        return error.code
    return task.result() if error is None else type(error)
