"""The in-process event bus: who receives what, and when they may."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.events.mailbox import Event, Mailbox
from aitbc_hooks.events.patterns import compile_pattern

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    Handler = Callable[[str, dict[str, Any]], Awaitable[object] | object]
    OnFailure = Callable[["Owner", Event, BaseException], None]

_log = logging.getLogger("aitbc.hooks")

__all__ = ["EventBus", "Owner", "Subscription"]


class Owner:
    """Somebody who receives events: a plugin, or the embedding program.

    Args:
        name: The plugin's name; None for the embedding program.
        deadline: Seconds that each of its handlers may take for one event.
        granted: Whether its handlers are called; a plugin's are while it is ACTIVE.
    """

    def __init__(self, name: str | None, *, deadline: float = 30.0, granted: bool = False) -> None:
        self.name = name
        self.deadline = deadline
        self.granted = granted


class Subscription:
    """What `EventBus.subscribe` returns, to be given to `EventBus.unsubscribe`."""

    __slots__ = ("mailbox", "matches", "owner", "pattern")

    def __init__(self, owner: Owner, pattern: str, mailbox: Mailbox) -> None:
        self.owner = owner
        self.pattern = pattern
        self.matches = compile_pattern(pattern)
        self.mailbox = mailbox

    def __repr__(self) -> str:
        return f"<Subscription {self.pattern!r} of {self.owner.name or 'the host'}>"


class EventBus:
    """Delivers events to the subscriptions of all owners that may receive now.

    Each subscription gets its events one at a time and in the order of publication; a slow or
    failing one delays nobody else. What a handler raises is counted, told to `on_failure`, and
    goes no further.

    Args:
        on_failure: Told of every failed delivery; without it, failures are logged.
    """

    def __init__(self, on_failure: OnFailure | None = None) -> None:
        self._on_failure = on_failure or _log_failure
        self._subscriptions: tuple[Subscription, ...] = ()
        self._host = Owner(None, granted=True)

    def subscribe(
        self, pattern: str, handler: Handler, *, owner: Owner | None = None
    ) -> Subscription:
        """Call ``handler(event_type, data)`` for each event that `pattern` matches.

        Args:
            pattern: A dotted event type; ``*`` stands for one word, ``#`` for any number.
            handler: A function; what it returns is awaited if it is awaitable.
            owner: On whose behalf; the embedding program's by default.

        Raises:
            ValueError: The pattern is malformed.
        """
        owner = owner or self._host

        async def deliver(event_type: str, data: dict[str, Any]) -> None:
            if owner.granted:  # it may have been withdrawn while the event was on its way
                await awaited(handler(event_type, data))

        def failed(event: Event, error: BaseException) -> None:
            self._on_failure(owner, event, error)

        mailbox = Mailbox(
            deliver,
            name=f"{owner.name or 'host'}:event",
            deadline=owner.deadline,
            on_failure=failed,
        )
        subscription = Subscription(owner, pattern, mailbox)
        self._subscriptions = (*self._subscriptions, subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription: events that wait for it are withdrawn. Twice is as good as once."""
        self._subscriptions = tuple(sub for sub in self._subscriptions if sub is not subscription)
        subscription.mailbox.open = False
        subscription.mailbox.clear()

    async def publish(
        self, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to its receivers; return when they have accepted it."""
        event = _event(event_type, data, source)
        for subscription in self._receivers(event_type):
            subscription.mailbox.put(event)

    async def broadcast(
        self, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to its receivers; return when all have handled it.

        From within a handler, that handler's own receiver gets the event too, but is not waited
        for: it comes to it when it has returned.
        """
        event = _event(event_type, data, source)
        loop = asyncio.get_running_loop()
        handled: list[asyncio.Future[None]] = []
        for subscription in self._receivers(event_type):
            done = None if subscription.mailbox.is_current else loop.create_future()
            subscription.mailbox.put(event, done)
            if done is not None:
                handled.append(done)
        if handled:
            await asyncio.wait(handled)

    def grant(self, owner: Owner) -> None:
        """Let events reach the owner's handlers from now on."""
        owner.granted = True

    def withdraw(self, owner: Owner) -> None:
        """Let no more events reach the owner's handlers; withdraw those that wait."""
        owner.granted = False
        for subscription in self._of(owner):
            subscription.mailbox.clear()

    async def quiesce(self, owner: Owner) -> None:
        """Cancel the owner's handlers that are still running, but for the one that calls this."""
        mailboxes = [subscription.mailbox for subscription in self._of(owner)]
        if mailboxes:
            await asyncio.gather(*(mailbox.cancel() for mailbox in mailboxes))

    def forget(self, owner: Owner) -> None:
        """End all subscriptions of an owner."""
        for subscription in tuple(self._of(owner)):
            self.unsubscribe(subscription)

    async def settle(self) -> None:
        """Wait until everything that has been published so far is handled."""
        for subscription in self._subscriptions:
            await subscription.mailbox.settle()

    def _of(self, owner: Owner) -> Iterator[Subscription]:
        return (sub for sub in self._subscriptions if sub.owner is owner)

    def _receivers(self, event_type: str) -> Iterator[Subscription]:
        return (
            sub
            for sub in self._subscriptions
            if sub.owner.granted and sub.mailbox.open and sub.matches(event_type)
        )


def _event(event_type: object, data: object, source: str | None) -> Event:
    if not isinstance(event_type, str) or not event_type:
        raise TypeError(f"expected an event type, a non-empty string, got {event_type!r:.200}.")
    if not isinstance(data, dict):
        raise TypeError(f"event {event_type!r}: expected a dict of data, got {data!r:.200}.")
    return Event(event_type, data, source)


def _log_failure(owner: Owner, event: Event, error: BaseException) -> None:
    who = f"plugin {owner.name!r}" if owner.name else "a subscriber"
    _log.error("%s failed to handle event %r", who, event.type, exc_info=error)
