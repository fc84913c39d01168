"""Plugins to be hosted in tests, and a manager that keeps its data in the test's folder."""

from types import MappingProxyType

from aitbc_hooks import BasePlugin, PluginManager, PluginMetadata


def card(name="alpha", **fields):
    return PluginMetadata(name, "1.0.0", "A plugin of the tests", "AITBC Team", "MIT", **fields)


class Sound(BasePlugin):
    """Does nothing wrong; subclasses change one thing."""

    name = "alpha"
    fields = MappingProxyType({})

    def get_metadata(self):
        return card(self.name, **self.fields)

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


def sound(name="alpha", *, fields=None, **methods):
    """Return a fresh class; `methods` replace those of `Sound`."""
    return type("Made", (Sound,), {"name": name, "fields": fields or {}, **methods})


def manager_in(folder, *plugins, api_client=None, **config):
    """Return a manager whose state lies in `folder`, with those plugins registered."""
    manager = PluginManager({"state_dir": str(folder / "state"), **config}, api_client=api_client)
    for plugin in plugins:
        manager.register(plugin)
    return manager
