"""One event on its way to its receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.events.records import Event
from aitbc_hooks.events.running import receiver_in
from aitbc_hooks.events.waiting import Wait

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import Context

    from aitbc_hooks.events.running import Turn
    from aitbc_hooks.events.subscription import Subscription

__all__ = ["Publication"]


class Publication:
    """One event on its way to its receivers.

    Attributes:
        type: The event's type.
        data: Its payload.
        source: The plugin that published it; None for the host.
        context: A copy of the publisher's context; handlers run in it, or in copies of it.
        inside: The turns that wait for it, because it was broadcast in them; outermost first.
        awaited: Whether a broadcaster waits until it is handled.
        wait: What the broadcaster waits for; None as long as that is nothing.
        rest: The receivers that the present sweep has not reached.
        queued: Whether a sweep takes it from the mailboxes.
        taken: The receivers of the present sweep whose turn needs looking after when it ends.
        full: The receivers whose mailbox had no room, and `refused` those that refused it.
    """

    # Defaults of the class: one of these is made for each event, and few of them are ever set.
    inside: tuple[Turn, ...] = ()
    awaited = False
    wait: Wait | None = None
    queued = False
    taken: tuple[Subscription, ...] = ()
    full: tuple[Subscription, ...] = ()
    refused: tuple[Subscription, ...] = ()
    rest: Iterator[Subscription]

    def __init__(
        self, event_type: str, data: dict[str, Any], source: str | None, context: Context
    ) -> None:
        self.type = event_type
        self.data = data
        self.source = source
        self.context = context

    @property
    def at(self) -> Subscription | None:
        """The receiver that the present sweep has reached; before the first, the publisher's."""
        return receiver_in(self.context)

    @property
    def event(self) -> Event:
        """The event as others are told of it."""
        return Event(self.type, self.data, self.source)

    def expect(self, receiver: Subscription) -> None:
        """Let the broadcaster, if there is one, wait for a receiver."""
        if self.awaited:
            if self.wait is None:
                self.wait = Wait()
            self.wait.pending.add(receiver)

    def resolve(self, receiver: Subscription) -> None:
        """Let the broadcaster wait for a receiver no longer."""
        if self.wait is not None:
            self.wait.resolve(receiver)

    def cut(self) -> bool:
        """End the present sweep with the handler that it has reached; return if others remain.

        Those others are in `rest`, where the sweep does not see them any more.
        """
        rest = tuple(self.rest)
        self.rest = iter(rest)
        return bool(rest)
