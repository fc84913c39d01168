"""One event on its way to its receivers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.events.records import Event

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextvars import Context

    from aitbc_hooks.events.running import Turn
    from aitbc_hooks.events.subscription import Subscription
    from aitbc_hooks.events.waiting import Wait

__all__ = ["Publication"]


class Publication:
    """One event on its way to its receivers.

    Attributes:
        type: The event's type.
        data: Its payload.
        source: The plugin that published it; None for the host.
        context: A copy of the publisher's context; handlers run in it, or in copies of it.
        inside: The turns that wait for it, because it was broadcast in them; outermost first.
        wait: The broadcaster's; None if it was published.
        at: The receiver that a sweep has reached, and `rest` those that it has not.
        queued: Whether a sweep takes it from the mailboxes.
        taken: The receivers of the present sweep whose turn needs looking after when it ends.
        full: The receivers whose mailbox had no room, and `refused` those that refused it.
    """

    __slots__ = (
        "at",
        "context",
        "data",
        "full",
        "inside",
        "queued",
        "refused",
        "rest",
        "source",
        "taken",
        "type",
        "wait",
    )

    def __init__(
        self,
        event_type: str,
        data: dict[str, Any],
        source: str | None,
        context: Context,
        *,
        inside: tuple[Turn, ...] = (),
        wait: Wait | None = None,
    ) -> None:
        self.type = event_type
        self.data = data
        self.source = source
        self.context = context
        self.inside = inside
        self.wait = wait
        self.at: Subscription | None = None
        self.rest: Iterator[Subscription] = iter(())
        self.queued = True
        self.taken: tuple[Subscription, ...] = ()
        self.full: tuple[Subscription, ...] = ()
        self.refused: tuple[Subscription, ...] = ()

    @property
    def event(self) -> Event:
        """The event as others are told of it."""
        return Event(self.type, self.data, self.source)

    def cut(self) -> bool:
        """End the present sweep with the handler that it has reached; return if others remain.

        Those others are in `rest`, where the sweep does not see them any more.
        """
        rest = tuple(self.rest)
        self.rest = iter(rest)
        return bool(rest)
