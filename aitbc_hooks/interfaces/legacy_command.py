"""Command modules of the old kind: a module with a click group ``plugin_command``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.errors import MetadataError, PluginError
from aitbc_hooks.interfaces.cli import CLIPlugin
from aitbc_hooks.interfaces.legacy import LegacyPluginAdapter
from aitbc_hooks.interfaces.records import PluginMetadata

if TYPE_CHECKING:
    from types import ModuleType

    from click import Group

__all__ = ["LegacyCommandAdapter"]

#: What a module may say of itself: the metadata's field -> the module's variable.
_SAID = {"version": "__version__", "author": "__author__", "license": "__license__"}


class LegacyCommandAdapter(LegacyPluginAdapter, CLIPlugin):
    """Presents a module with a click group ``plugin_command`` as a `CLIPlugin`.

    Nothing else in the module is called: ``start`` or ``stop`` there are commands, in all
    likelihood, and no methods of a lifecycle.

    Args:
        module: The module.
        metadata: What to report as the plugin's metadata; by default the module's own
            ``metadata``, else the name and the help of the group with the module's
            ``__version__``, ``__author__`` and ``__license__``.

    Raises:
        PluginError: ``plugin_command`` is missing, or is no named click group.
        MetadataError: Neither `metadata` nor the module says what the plugin is.
    """

    def __init__(self, module: ModuleType, *, metadata: PluginMetadata | None = None) -> None:
        self._group = _group_of(module)
        card = metadata or _metadata_of(module, self._group)
        super().__init__(module, metadata=card, stacklevel=3)
        self._methods = dict.fromkeys(self._methods)

    def get_commands(self) -> list[Group]:
        """Return the module's group."""
        return [self._group]

    def get_command_help(self) -> str:
        """Return the group's help, its first line."""
        return _first_line(self._group) or self.metadata.description


def _group_of(module: ModuleType) -> Group:
    from click import Group  # noqa: PLC0415 - a plugin without commands does not need it

    group = getattr(module, "plugin_command", None)
    if not isinstance(group, Group) or not group.name:
        raise PluginError(
            f"{module.__name__}: expected a named click group plugin_command, got {group!r:.80}.",
            hint="A single command goes into a group: group.add_command(...).",
        )
    return group


def _first_line(group: Group) -> str:
    return (group.help or "").strip().partition("\n")[0]


def _metadata_of(module: ModuleType, group: Group) -> PluginMetadata:
    """Return what the group and the module's own variables say."""
    own = getattr(module, "metadata", None)
    if isinstance(own, PluginMetadata):
        return own
    said: dict[str, Any] = {field: getattr(module, name, None) for field, name in _SAID.items()}
    if missing := [_SAID[field] for field, value in said.items() if value is None]:
        raise MetadataError(
            f"metadata: {module.__name__} has no {', '.join(missing)}.",
            hint="Pass LegacyCommandAdapter(..., metadata=PluginMetadata(...)).",
        )
    return PluginMetadata(
        name=(group.name or "").replace("_", "-"),
        description=_first_line(group) or f"Commands of {module.__name__}",
        **said,
    )
