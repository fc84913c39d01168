"""The event bus as the host gives it to a plugin: what runs on it runs in the right name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.events import PluginBus
from aitbc_hooks.hosting.origin import running_as

if TYPE_CHECKING:
    from aitbc_hooks.events import Subscription
    from aitbc_hooks.events.bus import Handler

__all__ = ["OwnBus"]


class OwnBus(PluginBus):
    """Runs the plugin's handlers in the plugin's name, and what it publishes in nobody's.

    A delivery inherits the publisher's context; without this, the tasks that a receiver starts
    would count as the publisher's, and end with it.
    """

    async def publish(self, event_type: str, data: dict[str, Any]) -> None:
        """Publish an event; return when its receivers have accepted it."""
        with running_as(None):
            await super().publish(event_type, data)

    def subscribe(self, pattern: str, handler: Handler) -> Subscription:
        """Call ``handler(event_type, data)`` for each event that `pattern` matches.

        Args:
            pattern: A dotted event type; ``*`` stands for one word, ``#`` for any number.
            handler: A function; what it returns is awaited if it is awaitable.
        """

        async def handle(event_type: str, data: dict[str, Any]) -> None:
            with running_as(self._owner):
                await awaited(handler(event_type, data))

        return super().subscribe(pattern, handle)
