"""A plugin that does nothing wrong; tests change one thing."""

from aitbc_hooks import BasePlugin, PluginMetadata


class Sound(BasePlugin):
    name = "sound"
    needs = ()

    def get_metadata(self):
        return PluginMetadata(self.name, "1.2.3", "d", "a", "MIT", dependencies=list(self.needs))

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True
