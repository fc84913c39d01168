"""The import path that SPEC.md prints; the names live in `aitbc_hooks` and `aitbc_hookspecs`."""

from typing import TYPE_CHECKING

from aitbc_hooks.interfaces import (
    AIPlugin,
    BasePlugin,
    BlockchainPlugin,
    CLIPlugin,
    LegacyCommandAdapter,
    LegacyPlugin,
    LegacyPluginAdapter,
    LegacyServiceAdapter,
    PluginContext,
    PluginMetadata,
    PluginStatus,
)
from aitbc_hooks.lazy import lazy_names
from aitbc_hookspecs import hookimpl

if TYPE_CHECKING:
    from aitbc_hooks.manager import PluginManager
    from aitbc_hooks.registry import PluginRegistry

__all__ = [
    "AIPlugin",
    "BasePlugin",
    "BlockchainPlugin",
    "CLIPlugin",
    "LegacyCommandAdapter",
    "LegacyPlugin",
    "LegacyPluginAdapter",
    "LegacyServiceAdapter",
    "PluginContext",
    "PluginManager",
    "PluginMetadata",
    "PluginRegistry",
    "PluginStatus",
    "hookimpl",
]

if not TYPE_CHECKING:  # a plugin's author pays for no host
    __getattr__ = lazy_names(
        __name__,
        {
            "PluginManager": "aitbc_hooks.manager",
            "PluginRegistry": "aitbc_hooks.registry",
        },
    )
