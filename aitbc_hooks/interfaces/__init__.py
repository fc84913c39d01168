"""The class face of the contract: what a plugin written to SPEC.md subclasses and receives."""

from aitbc_hooks.interfaces.ai import AIPlugin
from aitbc_hooks.interfaces.base import BasePlugin
from aitbc_hooks.interfaces.blockchain import BlockchainPlugin
from aitbc_hooks.interfaces.cli import CLIPlugin
from aitbc_hooks.interfaces.legacy import LegacyPlugin, LegacyPluginAdapter
from aitbc_hooks.interfaces.legacy_command import LegacyCommandAdapter
from aitbc_hooks.interfaces.legacy_service import LegacyServiceAdapter
from aitbc_hooks.interfaces.records import PluginContext, PluginMetadata
from aitbc_hooks.interfaces.status import PluginStatus

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
    "PluginMetadata",
    "PluginStatus",
]
