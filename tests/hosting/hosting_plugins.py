"""Plugins to be hosted in tests, and a manager that keeps its data in the test's folder."""

from types import MappingProxyType

from sound_plugin import Sound as SoundPlugin

from aitbc_hooks import PluginManager, PluginMetadata


def card(name="alpha", **fields):
    return PluginMetadata(name, "1.0.0", "A plugin of the tests", "AITBC Team", "MIT", **fields)


class Sound(SoundPlugin):
    """The plugin that does nothing wrong, with any field of its metadata."""

    name = "alpha"
    fields = MappingProxyType({})

    def get_metadata(self):
        return card(self.name, **self.fields)


def sound(name="alpha", *, fields=None, **methods):
    """Return a fresh class; `methods` replace those of `Sound`."""
    return type("Made", (Sound,), {"name": name, "fields": fields or {}, **methods})


def manager_in(folder, *plugins, api_client=None, **config):
    """Return a manager whose state lies in `folder`, with those plugins registered."""
    manager = PluginManager({"state_dir": str(folder / "state"), **config}, api_client=api_client)
    for plugin in plugins:
        manager.register(plugin)
    return manager
