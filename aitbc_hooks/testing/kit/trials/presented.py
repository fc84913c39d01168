"""What a host would be given for a plugin of any kind."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

from aitbc_hooks.discovery import has_hookimpls
from aitbc_hooks.interfaces import BasePlugin, LegacyPluginAdapter

if TYPE_CHECKING:
    from aitbc_hooks.interfaces import PluginContext

__all__ = ["presented"]


def presented(plugin: object) -> object:
    """Return what a host would be given for a plugin: a legacy one goes behind the adapter.

    Args:
        plugin: A class, a factory, a module, or an object. What was presented once stays as it is.
    """
    if isinstance(plugin, (BasePlugin, ModuleType)) or has_hookimpls(plugin):
        return plugin
    if isinstance(plugin, type):
        if issubclass(plugin, BasePlugin):
            return plugin
        legacy_class = plugin

        def adapted_class(_context: PluginContext) -> LegacyPluginAdapter:
            return LegacyPluginAdapter(legacy_class())

        return adapted_class
    if callable(plugin):
        return plugin

    def adapted(_context: PluginContext) -> LegacyPluginAdapter:
        return LegacyPluginAdapter(plugin)

    return adapted
