"""Which name a plugin has, without a look at every other plugin.

pluggy compares plugins with ``==``. For an object whose class does not say what equality is,
that is identity, and a dictionary answers; only plugins that compare by value are compared.
"""

from __future__ import annotations

__all__ = ["PluginIndex"]


class PluginIndex:
    """The names of registered plugins by identity."""

    __slots__ = ("_by_value", "_names")

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._by_value: dict[int, object] = {}

    def add(self, name: str, plugin: object) -> None:
        """Note a plugin that has been registered."""
        self._names[id(plugin)] = name
        if not _compares_by_identity(plugin):
            self._by_value[id(plugin)] = plugin

    def discard(self, plugin: object) -> None:
        """Forget a plugin that is not registered any more."""
        self._names.pop(id(plugin), None)
        self._by_value.pop(id(plugin), None)

    def name(self, plugin: object) -> str | None:
        """Return the name that this very object was registered with, or None."""
        return self._names.get(id(plugin))

    def is_alone(self, plugin: object) -> bool:
        """Return whether `plugin` is equal to no registered plugin but itself."""
        return (
            plugin is not None
            and _compares_by_identity(plugin)
            and all(other != plugin for other in self._by_value.values())
        )


def _compares_by_identity(plugin: object) -> bool:
    cls = type(plugin)
    return cls.__eq__ is object.__eq__ and cls.__ne__ is object.__ne__
