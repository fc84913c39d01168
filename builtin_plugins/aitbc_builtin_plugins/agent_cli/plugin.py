"""The plugin: a store of agents between `initialize` and `cleanup`, and commands that use it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc.plugins import CLIPlugin, PluginMetadata
from aitbc_hooks.errors import PluginInactiveError, StateError

from .commands import Workspace, agent_group
from .store import AgentStore

if TYPE_CHECKING:
    from click import Group

__all__ = ["AgentCLIPlugin"]

_DATABASE: Final = "agents.sqlite3"


class AgentCLIPlugin(CLIPlugin):
    """Manages agents from the command line; `docs/configuration.md` has its two settings."""

    _store: AgentStore | None = None

    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata, equal to ``plugin.toml``."""
        return PluginMetadata(
            name="agent-cli",
            version="1.0.0",
            description="Agent management CLI commands",
            author="AITBC Team",
            license="MIT",
            keywords=["cli", "agent", "management"],
        )

    def get_config_schema(self) -> dict[str, Any]:
        """Return the content of ``config_schema.json``."""
        text = Path(__file__).with_name("config_schema.json").read_text(encoding="utf-8")
        schema: dict[str, Any] = json.loads(text)
        return schema

    async def initialize(self) -> bool:
        """Open the database in the plugin's data directory; a new one is made the first time.

        Raises:
            StateError: The file cannot be used; it is left as it is.
        """
        store = AgentStore(
            Path(self.context.data_dir, _DATABASE), max_agents=self._setting("max_agents")
        )
        self._store = await asyncio.to_thread(store.open)
        return True

    async def start(self) -> bool:
        """Succeed: the commands are there as soon as the plugin is ACTIVE."""
        return True

    async def stop(self) -> bool:
        """Succeed: nothing runs between two commands."""
        return True

    async def cleanup(self) -> bool:
        """Let go of the store; no file is open between two operations."""
        self._store = None
        return True

    async def health_check(self) -> dict[str, Any]:
        """Return the default health, the number of agents, and how many there may be.

        ``status`` is ``degraded``, with a ``reason``, when the store is full or unreadable;
        ``agents`` is None when nobody knows.
        """
        limit = self._setting("max_agents")
        health = await super().health_check() | {"agents": None, "max_agents": limit}
        if self._store is None:
            return health
        try:
            health["agents"] = await asyncio.to_thread(self._store.count)
        except StateError as error:
            return health | {"status": "degraded", "reason": str(error)}
        if health["agents"] >= limit:
            reason = f"The store is full: {health['agents']} agents of at most {limit}."
            return health | {"status": "degraded", "reason": reason}
        return health

    def get_commands(self) -> list[Group]:
        """Return the group ``agent``; its commands work while the plugin is initialised."""
        return [agent_group(Workspace(self._opened, self._setting("default_agent_type")))]

    def get_command_help(self) -> str:
        """Return help text for commands."""
        return "Agent management commands"

    def _opened(self) -> AgentStore:
        if self._store is None:
            raise PluginInactiveError("its store is not open.", plugin="agent-cli")
        return self._store

    def _setting(self, name: str) -> Any:
        """Return a setting; the default fills in where a host has not."""
        default = self.get_config_schema()["properties"][name]["default"]
        return self.context.config.get(name, default)
