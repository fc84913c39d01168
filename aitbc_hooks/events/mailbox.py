"""One receiver of events: its own queue, one event at a time, in the order of publication."""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.lifecycle import outside_turns
from aitbc_hooks.lifecycle.call import GRACE, MethodCall, pass_on

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Event", "Mailbox"]

# The mailboxes whose handler the current code runs in, outermost first.
_handling: ContextVar[tuple[_Delivery, ...]] = ContextVar("aitbc_hooks_events_handling", default=())


@attrs.frozen
class Event:
    """One event.

    Attributes:
        type: A dotted name.
        data: The payload, shared by all receivers.
        source: The plugin that published it; None for the host.
    """

    type: str
    data: dict[str, Any]
    source: str | None = None


@attrs.frozen(eq=False)
class _Delivery:
    """An event on its way to one handler, in the context that the handler will run in."""

    event: Event
    context: Context
    handled: asyncio.Future[None] | None

    @classmethod
    def of(cls, event: Event, handled: asyncio.Future[None] | None) -> _Delivery:
        if handled is not None:  # the publisher waits, and so does all that waits for it
            return cls(event, copy_context(), handled)
        context = outside_turns()
        context.run(_handling.set, ())
        return cls(event, context, None)

    def resolve(self) -> None:
        if self.handled is not None and not self.handled.done():
            self.handled.set_result(None)


class Mailbox:
    """A handler with the events that wait for it.

    Args:
        handler: Called with an event's type and data.
        name: For the names of tasks.
        deadline: Seconds that one event may take.
        on_failure: Told of what the handler raised, and of a passed deadline as `TimeoutError`.

    Attributes:
        open: Whether events are accepted.
    """

    def __init__(
        self,
        handler: Callable[[str, dict[str, Any]], Awaitable[object]],
        *,
        name: str,
        deadline: float,
        on_failure: Callable[[Event, BaseException], None],
    ) -> None:
        self.open = True
        self._handler = handler
        self._name = name
        self._deadline = deadline
        self._on_failure = on_failure
        self._waiting: deque[_Delivery] = deque()
        self._task: asyncio.Task[None] | None = None
        self._current: _Delivery | None = None

    @property
    def is_current(self) -> bool:
        """Whether the running code was called, directly or not, by this mailbox's handler."""
        return self._current in _handling.get()

    def put(self, event: Event, handled: asyncio.Future[None] | None = None) -> None:
        """Accept an event; `handled` is resolved when the handler is done with it."""
        self._waiting.append(_Delivery.of(event, handled))
        if self._task is None or self._task.done():
            # Not create_task: an eager task factory would run the handler in here.
            self._task = asyncio.Task(
                self._drain(), name=f"aitbc-hooks:{self._name}", context=Context()
            )

    def clear(self) -> None:
        """Withdraw the events that the handler has not seen yet."""
        while self._waiting:
            self._waiting.popleft().resolve()

    async def settle(self) -> None:
        """Wait until the handler has seen everything; not from within the handler itself."""
        if self._task is not None and not self.is_current:
            await asyncio.wait({self._task})

    async def cancel(self) -> None:
        """Withdraw what waits and cancel the handler, unless this is called from within it."""
        self.clear()
        if self._task is not None and not self.is_current:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=2 * GRACE)

    async def _drain(self) -> None:
        try:
            while self._waiting:
                delivery = self._current = self._waiting.popleft()
                try:
                    await self._handle(delivery)
                finally:
                    self._current = None
                    delivery.resolve()
        finally:
            self.clear()

    async def _handle(self, delivery: _Delivery) -> None:
        event = delivery.event
        call = MethodCall(
            lambda: self._enter(delivery), name=f"aitbc-hooks:{self._name}:{event.type}"
        )
        await call.run(
            deadline=self._deadline, grace=GRACE, cancellable=True, context=delivery.context
        )
        error = call.exception
        if call.timed_out:
            error = TimeoutError(f"did not end within its deadline of {self._deadline:g} s")
        if call.abandoned:
            self.open = False
            self.clear()
        if error is not None and not call.caller_cancelled:
            self._on_failure(event, error)
        pass_on(call)

    async def _enter(self, delivery: _Delivery) -> None:
        if self.open:  # it may have been closed while the event was on its way
            _handling.set((*_handling.get(), delivery))
            await self._handler(delivery.event.type, delivery.event.data)
