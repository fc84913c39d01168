"""A task that stands by: the first steps of handlers run in its name, and one that suspends is its.

`asyncio.timeout`, `asyncio.TaskGroup` and others note the current task when a handler enters them
and cancel that very task later. So a handler must see one task from its first step to its last,
although no task is to be made for a handler that never suspends. A standby is a real task that
waits; while a sweep runs, it is made the current task (asyncio documents `_enter_task`,
`_register_task` and their counterparts for those who implement tasks). If a handler suspends, the
standby goes on with it, and ends with it; if none does, it goes on waiting for the next sweep, and
is no task that `asyncio.all_tasks` would show.
"""

from __future__ import annotations

import asyncio
import types
from asyncio.tasks import _register_task, _unregister_task
from contextvars import Context
from typing import TYPE_CHECKING, Any

from aitbc_hooks.lifecycle.call import GRACE

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Generator

    from aitbc_hooks.events.publication import Publication
    from aitbc_hooks.events.subscription import Subscription
    from aitbc_hooks.events.waiting import Wait

__all__ = ["Standby"]


class Standby(asyncio.Task[None]):
    """The task of a handler that has suspended; until then, of whatever sweep it is lent to.

    Args:
        loop: The running loop.
        on_abandoned: Told when the handler has ignored its cancellation for the grace period.
        on_ended: Told when the handler has ended.

    Attributes:
        loop: Its loop.
        spent: It cannot be lent any more: it was cancelled, or carries a handler.
        lent: The publication that is being swept in this task's name.
        receiver: Whose handler it carries.
        publication: What has brought the handler's event.
        error: What the handler has raised.
        overdue: The handler passed its deadline.
        dismissed: The host has cancelled the handler.
        abandoned: The handler was left behind.
        watchers: Those who wait until it has ended, or was left behind.
    """

    receiver: Subscription
    publication: Publication

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_abandoned: Callable[[Standby], None],
        on_ended: Callable[[Standby], None],
    ) -> None:
        self.loop = loop
        self.spent = False
        self.lent: Publication | None = None
        self.error: BaseException | None = None
        self.overdue = self.dismissed = self.abandoned = False
        self.watchers: list[Wait] = []
        self._on_abandoned = on_abandoned
        self._on_ended = on_ended
        self._timer: asyncio.TimerHandle | None = None
        self._parked: asyncio.Future[None] | None = None
        self._load: tuple[Coroutine[Any, Any, None], Context, Any] | None = None
        body = self._stand_by()
        body.send(None)  # so that a cancellation finds it inside its try statement
        super().__init__(body, loop=loop, name="aitbc-hooks:events", context=Context())
        # While it stands by there is nothing that anybody should wait for, cancel or miss. A loop
        # that ends cancels what it finds; a handler that begins after that ends with the loop.
        _unregister_task(self)
        self._log_destroy_pending = False

    @property
    def context(self) -> Context | None:
        """The context in which its code runs: a handler's is not that of its task."""
        if self._load is not None:
            return self._load[1]
        return self.lent.context if self.lent is not None else None

    def cancel(self, msg: Any | None = None) -> bool:
        """Cancel the task; a sweep that runs in its name ends with the present handler.

        Otherwise the next handler would be cancelled in the place of the one that is meant.
        """
        self.spent = True
        if self.lent is not None:
            self.lent.cut()
        return super().cancel(msg)

    def carry(
        self, coroutine: Coroutine[Any, Any, None], context: Context, signal: Any, deadline: float
    ) -> None:
        """Go on with a coroutine whose first step has run in this task's name.

        Args:
            coroutine: What has suspended.
            context: Where it runs.
            signal: What it has yielded.
            deadline: Seconds until it is cancelled.
        """
        if hasattr(signal, "_asyncio_future_blocking"):
            # Others may await the same future before this task does: the mark is one for all.
            signal._asyncio_future_blocking = False  # noqa: SLF001 - the protocol of awaiting
        self.spent = True
        self._load = (coroutine, context, signal)
        _register_task(self)
        if self._parked is not None and not self._parked.done():
            self._parked.set_result(None)
        # A timer lasts until its time, cancelled or not: it must not hold the broadcaster's context.
        self._timer = self.loop.call_later(deadline, self._pass_deadline, context=Context())

    def dismiss(self) -> None:
        """Cancel the handler: nobody wants it to end any more."""
        if not (self.dismissed or self.overdue):
            self.dismissed = True
            self._cancel_with_grace()

    def _pass_deadline(self) -> None:
        self.overdue = True
        self._cancel_with_grace()

    def _cancel_with_grace(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(GRACE, self._abandon, context=Context())
        self.cancel()

    def _abandon(self) -> None:
        self.abandoned = True
        self._on_abandoned(self)
        self._release()

    async def _stand_by(self) -> None:
        cancellation = None
        try:
            await _pause()
            if self._load is None:
                self._parked = self.loop.create_future()
                await self._parked
        except asyncio.CancelledError as error:
            if self._load is None:
                raise
            cancellation = error
        if self._load is None:  # nobody but `carry` ends the waiting
            return
        try:
            await _resume(*self._load, cancellation)
        except GeneratorExit:  # the loop is gone
            raise
        except BaseException:
            self._end()
            raise
        self._end()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._on_ended(self)
        self._release()

    def _release(self) -> None:
        for wait in self.watchers:
            wait.resolve(self.receiver)


@types.coroutine
def _pause() -> Generator[None, None, None]:
    yield


@types.coroutine
def _resume(
    coroutine: Coroutine[Any, Any, None],
    context: Context,
    signal: Any,
    cancellation: BaseException | None,
) -> Generator[Any, Any, None]:
    """Go on, in its own context, with a coroutine that has suspended with `signal`."""
    step: tuple[Any, ...] | None = None
    if signal is not None and not hasattr(signal, "_asyncio_future_blocking"):
        # What no future is, asyncio cannot wait for either.
        error = cancellation or RuntimeError(f"Task got bad yield: {signal!r:.200}")
        step = (coroutine.throw, error)
    # As asyncio does for a task that was cancelled in a step: what it waits for is cancelled.
    elif cancellation is not None and (signal is None or not signal.cancel(*cancellation.args)):
        step = (coroutine.throw, cancellation)
    elif signal is not None:
        signal._asyncio_future_blocking = True  # noqa: SLF001 - see Standby.carry
    while True:
        if step is None:
            try:
                yield signal
            except GeneratorExit:  # the loop is gone, and perhaps the collector has been there
                context.run(coroutine.close)
                raise
            except BaseException as error:  # noqa: BLE001 - it is the coroutine's to handle
                step = (coroutine.throw, error)
            else:
                step = (coroutine.send, None)
        try:
            signal = context.run(*step)
        except StopIteration:
            return
        step = None
