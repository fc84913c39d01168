"""The interface of command-line plugins (SPEC.md, CLI Plugin Interface)."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from aitbc_hooks.interfaces.base import BasePlugin

if TYPE_CHECKING:
    from click import Group

__all__ = ["CLIPlugin"]


class CLIPlugin(BasePlugin):
    """Interface for CLI command plugins."""

    @abstractmethod
    def get_commands(self) -> list[Group]:
        """Return CLI command groups; the host mounts each under its own name."""

    @abstractmethod
    def get_command_help(self) -> str:
        """Return help text for commands: one line, shown beside the commands' names."""
