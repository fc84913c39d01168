"""The import path that SPEC.md prints; the names live in `aitbc_hooks` and `aitbc_hookspecs`."""

from aitbc_hooks.interfaces import (
    AIPlugin,
    BasePlugin,
    BlockchainPlugin,
    CLIPlugin,
    LegacyPlugin,
    LegacyPluginAdapter,
    PluginContext,
    PluginMetadata,
    PluginStatus,
)
from aitbc_hookspecs import hookimpl

__all__ = [
    "AIPlugin",
    "BasePlugin",
    "BlockchainPlugin",
    "CLIPlugin",
    "LegacyPlugin",
    "LegacyPluginAdapter",
    "PluginContext",
    "PluginMetadata",
    "PluginStatus",
    "hookimpl",
]
