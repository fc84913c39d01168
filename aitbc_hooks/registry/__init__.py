"""The registry's format: what a central repository says of the plugins that it offers."""

from aitbc_hooks.registry.format import Compatibility, PluginRegistry, RegistryEntry

__all__ = ["Compatibility", "PluginRegistry", "RegistryEntry"]
