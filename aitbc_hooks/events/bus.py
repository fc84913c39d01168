"""The in-process event bus: who receives what, and when they may."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from aitbc_hooks.errors import EventError
from aitbc_hooks.events.breaker import Breaker
from aitbc_hooks.events.delivery import Delivery
from aitbc_hooks.events.publication import Publication
from aitbc_hooks.events.records import EventLimits
from aitbc_hooks.events.routes import Routes
from aitbc_hooks.events.running import running
from aitbc_hooks.events.subscription import Owner, Subscription
from aitbc_hooks.events.waiting import Wait
from aitbc_hooks.lifecycle import outside_turns

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aitbc_hooks.events.delivery import OnChange, OnFailure
    from aitbc_hooks.events.records import Event, EventStatistics
    from aitbc_hooks.events.routes import Route
    from aitbc_hooks.events.running import Turn
    from aitbc_hooks.events.subscription import Handler

_log = logging.getLogger("aitbc.hooks")

__all__ = ["EventBus"]


class EventBus:
    """Delivers events to the subscriptions of all owners that may receive now.

    Each subscription gets its events one at a time and in the order of publication; a slow or
    failing one delays nobody else. What a handler raises is counted, told to `on_failure`, and
    goes no further.

    Args:
        on_failure: Told of every failed delivery; without it, failures are logged.
        on_change: Told of an owner whose events pause or go on, or whose handler was abandoned.
        clock: Seconds of a clock that never goes back, for pauses after failures.
    """

    def __init__(
        self,
        on_failure: OnFailure | None = None,
        *,
        on_change: OnChange | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._delivery = Delivery(on_failure or _log_failure, on_change, clock)
        self._routes = Routes()
        # A program that embeds the host is not kept from its own events.
        self._host = Owner(None, granted=True, limits=EventLimits(max_failures=None))
        self._serial = 0

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """All subscriptions that have not ended."""
        return tuple(self._routes)

    def subscribe(
        self,
        pattern: str,
        handler: Handler,
        *,
        owner: Owner | None = None,
        limits: EventLimits | None = None,
    ) -> Subscription:
        """Call ``handler(event_type, data)`` for each event that `pattern` matches.

        Args:
            pattern: A dotted event type; ``*`` stands for one word, ``#`` for any number.
            handler: A function; what it returns is awaited if it is awaitable.
            owner: On whose behalf; the embedding program's by default.
            limits: How many events may wait for it (``mailbox``) and what becomes of one more
                (``when_full``); by default the owner's. What makes events pause is the owner's.

        Raises:
            EventError: The owner is a plugin that has been unloaded (``AITBC-E02``).
            TypeError: The handler cannot be called.
            ValueError: The pattern is malformed.
        """
        owner = owner or self._host
        if owner.gone:
            raise EventError(
                f"{owner} has been unloaded, and cannot subscribe to {pattern!r}.",
                hint="Subscribe while the plugin is loaded, in initialize() say.",
                code="AITBC-E02",
            )
        if not callable(handler):
            raise TypeError(f"expected a function to call with events, got {handler!r:.200}.")
        self._serial += 1
        subscription = Subscription(owner, pattern, handler, limits or owner.limits, self._serial)
        subscription.update()
        owner.subscriptions = (*owner.subscriptions, subscription)
        self._routes.add(subscription)
        return subscription

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription: events that wait for it are withdrawn. Twice is as good as once."""
        self._delivery.spill()
        owner = subscription.owner
        subscription.open = False
        subscription.clear()
        self._routes.remove(subscription)
        if subscription in owner.subscriptions:
            owner.subscriptions = tuple(s for s in owner.subscriptions if s is not subscription)
            owner.ended = (*owner.ended, subscription)
            self._settle_accounts(owner)

    async def publish(
        self, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to its receivers; return when they have accepted it.

        Raises:
            EventError: A receiver's mailbox was full, and its policy is to refuse; the others
                have the event (``AITBC-E01``).
        """
        route = self._route(event_type, data)
        publication = Publication(event_type, data, source, outside_turns())
        route.count += 1
        self._delivery.enqueue(publication, route.receivers)
        if publication.full:
            room = Wait()
            room.pending.update(publication.full)
            for receiver in publication.full:
                receiver.queuers.append(room)
            await room.over(self._delivery.turns())
        if publication.refused:
            raise _refusal(publication)

    async def broadcast(
        self, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to its receivers; return when all have handled it.

        From within a handler, a receiver whose own handler waits for that handler, directly or
        not, gets the event too, but is not waited for.

        Raises:
            EventError: As `publish` does, when the others have handled it.
        """
        route = self._route(event_type, data)
        if not route.receivers:
            return
        route.count += 1
        await self._broadcast(event_type, data, source, route.receivers)

    async def deliver(
        self, owner: Owner, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to one owner's subscriptions; return when they have handled it.

        Raises:
            EventError: As `broadcast` does.
        """
        receivers = [each for each in owner.subscriptions if each.matches(event_type)]
        for receiver in receivers:
            receiver.offered += 1
        await self._broadcast(event_type, data, source, receivers)

    async def _broadcast(
        self,
        event_type: str,
        data: dict[str, Any],
        source: str | None,
        receivers: Sequence[Subscription],
    ) -> None:
        publication = Publication(event_type, data, source, copy_context())
        publication.awaited = True
        if running.get() is not None:
            publication.inside = self._delivery.turns()
        self._delivery.hand_over(publication, receivers)
        if publication.wait is not None:
            await publication.wait.over(publication.inside)
        if publication.refused:
            raise _refusal(publication)

    def grant(self, owner: Owner, *, held: bool = False) -> None:
        """Let events reach the owner's handlers from now on; earlier failures are forgotten.

        Args:
            owner: The owner.
            held: Only what is given to `deliver`, until `release`.
        """
        had_paused = owner.breaker.is_open
        owner.granted, owner.held = True, held
        owner.breaker = Breaker(owner.limits)
        for subscription in owner.subscriptions:
            subscription.update()
        self._routes.forget()
        if had_paused:
            self._delivery.changed(owner)

    def release(self, owner: Owner) -> None:
        """Let all events reach an owner that was granted `held`."""
        owner.held = False
        self._routes.forget()

    def withdraw(self, owner: Owner) -> None:
        """Let no more events reach the owner's handlers; withdraw those that wait."""
        owner.granted = False
        for subscription in owner.subscriptions:
            subscription.clear()
        self._routes.forget()

    async def quiesce(self, owner: Owner) -> None:
        """Cancel the owner's handlers that are still running, but for the one that calls this.

        Return when they have ended, or have been abandoned.
        """
        for subscription in owner.subscriptions:
            subscription.clear()
        own = set(self._delivery.turns())
        ended = Wait()
        for standby in tuple(owner.standbys):
            if not standby.abandoned and (standby.receiver, standby.publication) not in own:
                standby.dismiss()
                ended.pending.add(standby.receiver)
                standby.watchers.append(ended)
        await ended.over(())

    def forget(self, owner: Owner) -> None:
        """End all subscriptions of an owner, which cannot subscribe any more."""
        owner.gone = True
        for subscription in owner.subscriptions:
            self.unsubscribe(subscription)

    async def settle(self, seconds: float | None = None) -> int:
        """Wait until no event waits and no handler runs, but for those that wait for the caller.

        Args:
            seconds: How long at most; None for as long as it takes.

        Returns:
            How many events have not been handled.
        """
        loop = self._delivery.enter_loop()
        self._delivery.spill()
        end = None if seconds is None else loop.time() + seconds
        turns = self._delivery.turns()
        while busy := [subscription for subscription in self._routes if not subscription.rests]:
            left = None if end is None else end - loop.time()
            if (left is not None and left <= 0) or not await _resting(busy, turns, left):
                break
        own = {receiver for receiver, _ in turns}
        return sum(
            len(receiver.waiting) + (receiver.suspended and receiver not in own)
            for receiver in busy
        )

    def statistics(self, owner: Owner | None = None) -> EventStatistics:
        """Return what has become of an owner's events, those of ended subscriptions included.

        Asked from a thread that runs no event loop, it may miss what is under way.

        Args:
            owner: The embedding program by default.
        """
        owner = owner or self._host
        with contextlib.suppress(RuntimeError):
            asyncio.get_running_loop()
            self._delivery.spill()
        self._settle_accounts(owner)
        return sum(map(self._count, (*owner.subscriptions, *owner.ended)), owner.past)

    def _route(self, event_type: object, data: object) -> Route:
        if not isinstance(event_type, str) or not event_type:
            raise TypeError(f"expected an event type, a non-empty string, got {event_type!r:.200}.")
        if not isinstance(data, dict):
            raise TypeError(f"event {event_type!r}: expected a dict of data, got {data!r:.200}.")
        return self._routes.find(event_type)

    def _count(self, subscription: Subscription) -> EventStatistics:
        return subscription.count(running=self._delivery.handles(subscription))

    def _settle_accounts(self, owner: Owner) -> None:
        """Forget the subscriptions that have ended, and keep what became of their events."""
        self._routes.tally()
        still = []
        for subscription in owner.ended:
            if self._delivery.handles(subscription):
                still.append(subscription)
            else:
                owner.past += self._count(subscription)
        owner.ended = tuple(still)


async def _resting(
    busy: list[Subscription], turns: tuple[Turn, ...], seconds: float | None
) -> bool:
    """Wait until receivers have come to rest; return whether they have, all that could."""
    wait = Wait()
    wait.pending.update(busy)
    for subscription in busy:
        subscription.watchers.append(wait)
    try:
        return await wait.over(turns, seconds)
    finally:
        for subscription in busy:
            if wait in subscription.watchers:
                subscription.watchers.remove(wait)


def _refusal(publication: Publication) -> EventError:
    names = ", ".join(str(receiver.owner) for receiver in publication.refused)
    return EventError(
        f"event {publication.type!r} was refused, because the mailbox is full, by {names}.",
        hint="Publish less, or give the receiver a larger mailbox or another policy.",
    )


def _log_failure(owner: Owner, event: Event, error: BaseException) -> None:
    _log.error("%s failed to handle event %r", owner, event.type, exc_info=error)
