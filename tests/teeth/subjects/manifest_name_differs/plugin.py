"""A plugin with a manifest that does not agree with it."""

from __future__ import annotations

from aitbc.plugins import BasePlugin, PluginMetadata


class Plugin(BasePlugin):
    """Is sound otherwise."""

    def get_metadata(self):
        return PluginMetadata("visit-counter", "1.5.0", "Counts visits", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True
