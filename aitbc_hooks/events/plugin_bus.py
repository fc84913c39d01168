"""The bus as one plugin sees it: ``context.event_bus``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aitbc_hooks.events.bus import EventBus
    from aitbc_hooks.events.records import EventLimits
    from aitbc_hooks.events.subscription import Handler, Owner, Subscription

__all__ = ["PluginBus"]


class PluginBus:
    """Publishes in the plugin's name; its subscriptions end with the plugin.

    Handlers are called while the plugin is ACTIVE. A plugin may subscribe as early as in
    `initialize`.
    """

    def __init__(self, bus: EventBus, owner: Owner) -> None:
        self._bus = bus
        self._owner = owner

    async def publish(self, event_type: str, data: dict[str, Any]) -> None:
        """Publish an event; return when its receivers have accepted it.

        Raises:
            EventError: A receiver's mailbox was full, and its policy is to refuse (``AITBC-E01``).
        """
        await self._bus.publish(event_type, data, source=self._owner.name)

    def subscribe(
        self, pattern: str, handler: Handler, *, limits: EventLimits | None = None
    ) -> Subscription:
        """Call ``handler(event_type, data)`` for each event that `pattern` matches.

        Args:
            pattern: A dotted event type; ``*`` stands for one word, ``#`` for any number.
            handler: A function; what it returns is awaited if it is awaitable.
            limits: How many events may wait for it; by default what is configured.
        """
        return self._bus.subscribe(pattern, handler, owner=self._owner, limits=limits)

    def unsubscribe(self, subscription: Subscription) -> None:
        """End a subscription. Twice is as good as once."""
        self._bus.unsubscribe(subscription)
