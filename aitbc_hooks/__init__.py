"""aitbc-hooks: a plugin host on pluggy, with awaited hooks and an enforced lifecycle.

The names below are imported when they are first used, so that `import aitbc_hooks` costs little
more than `import pluggy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.config import HostConfig, load_config
    from aitbc_hooks.dispatch import HookManager
    from aitbc_hooks.errors import AitbcError
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
    from aitbc_hooks.manager import PluginManager
    from aitbc_hooks.registry import PluginRegistry
    from aitbc_hookspecs import hookimpl, hookspec

__version__ = "0.1.0"

__all__ = [
    "AIPlugin",
    "AitbcError",
    "BasePlugin",
    "BlockchainPlugin",
    "CLIPlugin",
    "HookManager",
    "HostConfig",
    "LegacyPlugin",
    "LegacyPluginAdapter",
    "PluginContext",
    "PluginManager",
    "PluginMetadata",
    "PluginRegistry",
    "PluginStatus",
    "__version__",
    "hookimpl",
    "hookspec",
    "load_config",
]

_HOMES = {
    "AIPlugin": "aitbc_hooks.interfaces",
    "AitbcError": "aitbc_hooks.errors",
    "BasePlugin": "aitbc_hooks.interfaces",
    "BlockchainPlugin": "aitbc_hooks.interfaces",
    "CLIPlugin": "aitbc_hooks.interfaces",
    "HookManager": "aitbc_hooks.dispatch",
    "HostConfig": "aitbc_hooks.config",
    "LegacyPlugin": "aitbc_hooks.interfaces",
    "LegacyPluginAdapter": "aitbc_hooks.interfaces",
    "PluginContext": "aitbc_hooks.interfaces",
    "PluginManager": "aitbc_hooks.manager",
    "PluginMetadata": "aitbc_hooks.interfaces",
    "PluginRegistry": "aitbc_hooks.registry",
    "PluginStatus": "aitbc_hooks.interfaces",
    "hookimpl": "aitbc_hookspecs",
    "hookspec": "aitbc_hookspecs",
    "load_config": "aitbc_hooks.config",
}


if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
