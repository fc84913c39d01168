"""aitbc-hooks: a plugin host on pluggy, with awaited hooks and an enforced lifecycle.

The names below are imported when they are first used, so that `import aitbc_hooks` costs little
more than `import pluggy`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.config import HostConfig, load_config
    from aitbc_hooks.dispatch import HookFailure, HookManager, InterfaceDeprecationWarning
    from aitbc_hooks.errors import (
        AitbcError,
        CapabilityError,
        ConfigError,
        ContractError,
        DependencyError,
        EventError,
        HookError,
        LifecycleError,
        MetadataError,
        PluginError,
        PluginInactiveError,
        PluginLoadError,
        PluginNameError,
        PluginNotFoundError,
    )
    from aitbc_hooks.events import Event, EventLimits, EventStatistics
    from aitbc_hooks.hosting import PluginReport
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
    from aitbc_hooks.lifecycle import Failure
    from aitbc_hooks.manager import PluginManager
    from aitbc_hooks.registry import PluginRegistry
    from aitbc_hookspecs import Deprecated, HookspecMarker, hookimpl, hookspec

__version__ = "0.1.0"

__all__ = [
    "AIPlugin",
    "AitbcError",
    "BasePlugin",
    "BlockchainPlugin",
    "CLIPlugin",
    "CapabilityError",
    "ConfigError",
    "ContractError",
    "DependencyError",
    "Deprecated",
    "Event",
    "EventError",
    "EventLimits",
    "EventStatistics",
    "Failure",
    "HookError",
    "HookFailure",
    "HookManager",
    "HookspecMarker",
    "HostConfig",
    "InterfaceDeprecationWarning",
    "LegacyCommandAdapter",
    "LegacyPlugin",
    "LegacyPluginAdapter",
    "LegacyServiceAdapter",
    "LifecycleError",
    "MetadataError",
    "PluginContext",
    "PluginError",
    "PluginInactiveError",
    "PluginLoadError",
    "PluginManager",
    "PluginMetadata",
    "PluginNameError",
    "PluginNotFoundError",
    "PluginRegistry",
    "PluginReport",
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
    "CapabilityError": "aitbc_hooks.errors",
    "ConfigError": "aitbc_hooks.errors",
    "ContractError": "aitbc_hooks.errors",
    "DependencyError": "aitbc_hooks.errors",
    "Deprecated": "aitbc_hookspecs",
    "Event": "aitbc_hooks.events",
    "EventError": "aitbc_hooks.errors",
    "EventLimits": "aitbc_hooks.events",
    "EventStatistics": "aitbc_hooks.events",
    "Failure": "aitbc_hooks.lifecycle",
    "HookError": "aitbc_hooks.errors",
    "HookFailure": "aitbc_hooks.dispatch",
    "HookManager": "aitbc_hooks.dispatch",
    "HookspecMarker": "aitbc_hookspecs",
    "HostConfig": "aitbc_hooks.config",
    "InterfaceDeprecationWarning": "aitbc_hooks.dispatch",
    "LegacyCommandAdapter": "aitbc_hooks.interfaces",
    "LegacyPlugin": "aitbc_hooks.interfaces",
    "LegacyPluginAdapter": "aitbc_hooks.interfaces",
    "LegacyServiceAdapter": "aitbc_hooks.interfaces",
    "LifecycleError": "aitbc_hooks.errors",
    "MetadataError": "aitbc_hooks.errors",
    "PluginContext": "aitbc_hooks.interfaces",
    "PluginError": "aitbc_hooks.errors",
    "PluginInactiveError": "aitbc_hooks.errors",
    "PluginLoadError": "aitbc_hooks.errors",
    "PluginManager": "aitbc_hooks.manager",
    "PluginMetadata": "aitbc_hooks.interfaces",
    "PluginNameError": "aitbc_hooks.errors",
    "PluginNotFoundError": "aitbc_hooks.errors",
    "PluginRegistry": "aitbc_hooks.registry",
    "PluginReport": "aitbc_hooks.hosting",
    "PluginStatus": "aitbc_hooks.interfaces",
    "hookimpl": "aitbc_hookspecs",
    "hookspec": "aitbc_hookspecs",
    "load_config": "aitbc_hooks.config",
}


if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
