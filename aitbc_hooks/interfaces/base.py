"""The base interface of class-style plugins (SPEC.md, Base Plugin Interface)."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from aitbc_hooks.interfaces.status import PluginStatus

if TYPE_CHECKING:
    from aitbc_hooks.interfaces.records import PluginContext, PluginMetadata

__all__ = ["BasePlugin"]


class BasePlugin(ABC):
    """Base interface that all plugins must implement.

    The host's lifecycle driver owns `status`; a plugin reads it and never needs to assign it.
    The three underscored attributes are set by the driver too, so that the default
    `health_check` tells the truth.
    """

    # Class-level values stand in for a subclass that skips super().__init__(), as the
    # specification's own LegacyPluginAdapter does.
    context: PluginContext = None  # type: ignore[assignment]
    metadata: PluginMetadata = None  # type: ignore[assignment]
    status: PluginStatus = PluginStatus.UNLOADED
    _start_time: float | None = None
    _memory_usage: int = 0
    _error_count: int = 0

    def __init__(self, context: PluginContext) -> None:
        self.context = context
        self.status = PluginStatus.UNLOADED
        self.metadata = self.get_metadata()

    @abstractmethod
    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata: the same on every call, without side effects."""

    @abstractmethod
    async def initialize(self) -> bool:
        """Initialize the plugin: open what it needs. True, and nothing else, is success."""

    @abstractmethod
    async def start(self) -> bool:
        """Start the plugin: begin serving. True, and nothing else, is success."""

    @abstractmethod
    async def stop(self) -> bool:
        """Stop the plugin: end what `start` began. Called once for each successful start."""

    @abstractmethod
    async def cleanup(self) -> bool:
        """Cleanup plugin resources. Called once, also after a failed or partial start."""

    async def health_check(self) -> dict[str, Any]:
        """Return plugin health status.

        Returns:
            ``status``: the lifecycle status's value; ``uptime``: seconds since `start` returned
            True, None before; ``memory_usage``: bytes resident in the process that the plugin
            runs in; ``error_count``: failures that the host has recorded for this instance.
        """
        started = self._start_time
        return {
            "status": self.status.value,
            "uptime": None if started is None else time.monotonic() - started,
            "memory_usage": self._memory_usage,
            "error_count": self._error_count,
        }

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:  # noqa: B027 - optional
        """Handle system events (optional). `data` is shared by all receivers: do not change it."""

    def get_config_schema(self) -> dict[str, Any]:
        """Return configuration schema (optional), as JSON Schema."""
        return {}
