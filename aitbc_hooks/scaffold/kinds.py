"""The kinds of plugins that can be begun: what each example does, and what its manifest says."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["KINDS", "Kind"]


@attrs.frozen
class Kind:
    """One kind of plugin.

    Attributes:
        name: What ``--kind`` takes; the folder of its templates.
        description: What the example does, in a sentence of the manifest.
        interfaces: The interfaces that it implements, as the manifest has them.
        hooks: The hooks that it takes part in, as the manifest has them: without those that every
            plugin answers.
        activation: When a host starts it; ``$command`` is the command group.
        entry: Where the plugin is in its folder; ``$class_name`` is its class.
        has_commands: Whether it offers a command group.
    """

    name: str
    description: str
    interfaces: tuple[str, ...]
    hooks: tuple[str, ...]
    activation: tuple[str, ...]
    entry: str = "plugin:$class_name"
    has_commands: bool = False


#: Name -> kind.
KINDS: Final[Mapping[str, Kind]] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind(
                "cli",
                "Keeps notes",
                ("cli",),
                ("get_command_help", "get_commands"),
                ("on_command:$command",),
                has_commands=True,
            ),
            Kind(
                "blockchain",
                "A chain in memory to develop against",
                ("blockchain",),
                ("connect", "get_balance", "get_contract_events", "send_transaction"),
                ("on_start",),
            ),
            Kind(
                "ai",
                "Learns to put texts into categories",
                ("ai",),
                ("get_model_info", "predict", "train"),
                ("on_hook:predict", "on_hook:train"),
            ),
            Kind(
                "hooks",
                "Counts events and times predictions",
                (),
                ("handle_event", "predict"),
                ("on_start",),
                entry="plugin",
            ),
        )
    }
)
