"""Regular health checks of whatever is active."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aitbc_hooks.interfaces import PluginStatus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.hosting.announcer import Announcer
    from aitbc_hooks.hosting.plugin import HostedPlugin

__all__ = ["HealthWatch"]


class HealthWatch:
    """Asks every ACTIVE plugin for its health, again and again.

    Args:
        plugins: Returns the plugins to consider.
        announcer: Told when a plugin's word for its health changes.
        interval: Seconds between two rounds.
    """

    def __init__(
        self,
        plugins: Callable[[], Iterable[HostedPlugin]],
        announcer: Announcer,
        *,
        interval: float,
    ) -> None:
        self._plugins = plugins
        self._announcer = announcer
        self._interval = interval

    async def run(self) -> None:
        """Check at once, and then every interval, until cancelled."""
        while True:
            await self.check_all()
            await asyncio.sleep(self._interval)

    async def check_all(self) -> None:
        """Check all ACTIVE plugins, concurrently."""
        active = [
            hosted for hosted in self._plugins() if hosted.lifecycle.status is PluginStatus.ACTIVE
        ]
        await asyncio.gather(*(self.check(hosted) for hosted in active))

    async def check(self, hosted: HostedPlugin) -> None:
        """Check one plugin, and announce it if its word has changed."""
        before = hosted.health
        instance = hosted.plugin
        health = await hosted.check_health()
        if hosted.plugin is not instance:
            return  # it was unloaded meanwhile; a new instance has its own health
        hosted.health = health
        if before is not None and before.get("status") != health.get("status"):
            self._announcer.tell("plugin_health_changed", plugin_name=hosted.name, health=health)
