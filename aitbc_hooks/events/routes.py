"""Which receivers an event type reaches: resolved once for each type, until something changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.events.patterns import is_exact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.events.subscription import Subscription

__all__ = ["Route", "Routes"]

#: Event types that are remembered. They come from plugins, so their number is not trusted.
_BOUND: Final = 1024


class Route:
    """The receivers of one event type, in the order of their subscription.

    Attributes:
        receivers: Those that may receive now.
        count: The events that have taken this route and are not in `Subscription.offered` yet.
    """

    __slots__ = ("count", "receivers")

    def __init__(self, receivers: tuple[Subscription, ...]) -> None:
        self.receivers = receivers
        self.count = 0


class Routes:
    """All subscriptions, by what they subscribe to. Every tuple is replaced, never changed."""

    def __init__(self) -> None:
        self._exact: dict[str, tuple[Subscription, ...]] = {}
        self._patterns: tuple[Subscription, ...] = ()
        self._known: dict[str, Route] = {}

    def __iter__(self) -> Iterator[Subscription]:
        for subscriptions in tuple(self._exact.values()):
            yield from subscriptions
        yield from self._patterns

    def add(self, subscription: Subscription) -> None:
        """Take a subscription in."""
        if is_exact(subscription.pattern):
            others = self._exact.get(subscription.pattern, ())
            self._exact[subscription.pattern] = (*others, subscription)
        else:
            self._patterns = (*self._patterns, subscription)
        self.forget()

    def remove(self, subscription: Subscription) -> None:
        """Leave a subscription out; it need not be there."""
        pattern = subscription.pattern
        if is_exact(pattern):
            others = _without(self._exact.get(pattern, ()), subscription)
            if others:
                self._exact[pattern] = others
            else:
                self._exact.pop(pattern, None)
        else:
            self._patterns = _without(self._patterns, subscription)
        self.forget()

    def find(self, event_type: str) -> Route:
        """Return the route of an event type."""
        route = self._known.get(event_type)
        if route is None:
            if len(self._known) >= _BOUND:
                self.forget()
            route = self._known[event_type] = Route(self._resolve(event_type))
        return route

    def forget(self) -> None:
        """Resolve event types anew: subscriptions have come or gone, or may receive or not."""
        self.tally()
        self._known.clear()

    def tally(self) -> None:
        """Bring `Subscription.offered` up to date."""
        for route in self._known.values():
            count, route.count = route.count, 0
            for subscription in route.receivers:
                subscription.offered += count

    def _resolve(self, event_type: str) -> tuple[Subscription, ...]:
        matching = [sub for sub in self._patterns if _reached(sub) and sub.matches(event_type)]
        exact = [sub for sub in self._exact.get(event_type, ()) if _reached(sub)]
        return tuple(sorted(exact + matching, key=lambda sub: sub.serial))


def _reached(subscription: Subscription) -> bool:
    return subscription.receives and not subscription.owner.held


def _without(
    subscriptions: tuple[Subscription, ...], one: Subscription
) -> tuple[Subscription, ...]:
    return tuple(sub for sub in subscriptions if sub is not one)
