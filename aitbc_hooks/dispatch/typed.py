"""The hooks of `aitbc_hookspecs` as a type checker sees them.

`Hooks` is ``manager.hook``: calls of all active plugins. `Addressed` is ``manager.plugin(name)``:
calls of one. A hook is only where it can be called that way, so a call that would raise
``AITBC-H03`` is a type error too. Both are checked against the hookspecs by
``tests/dispatch/test_dispatch_typed.py``; what the hooks mean is documented there.
"""

# ruff: noqa: D102 - the documentation of a hook is its hookspec

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from click import Group

    from aitbc_hooks.interfaces import PluginMetadata, PluginStatus
    from aitbc_hooks.lifecycle import Failure

__all__ = ["Addressed", "Hooks"]


class Hooks(Protocol):
    """Hooks that are called on all active plugins: keyword arguments, and a list of results."""

    async def predict(self, *, input_data: dict[str, Any]) -> list[dict[str, Any]]: ...

    def get_model_info(self) -> list[dict[str, Any]]: ...

    async def plugin_transitioned(
        self, *, plugin_name: str, old: PluginStatus, new: PluginStatus
    ) -> list[None]: ...

    async def plugin_failed(self, *, plugin_name: str, failure: Failure) -> list[None]: ...

    async def plugin_health_changed(
        self, *, plugin_name: str, health: dict[str, Any]
    ) -> list[None]: ...

    async def host_started(self, *, plugin_names: list[str]) -> list[None]: ...

    async def host_stopping(self, *, plugin_names: list[str]) -> list[None]: ...


class Addressed(Protocol):
    """Hooks that are called on one plugin: the arguments of the hookspec, and its result."""

    def get_metadata(self) -> PluginMetadata: ...

    def get_config_schema(self) -> dict[str, Any]: ...

    async def health_check(self) -> dict[str, Any]: ...

    def get_commands(self) -> list[Group]: ...

    def get_command_help(self) -> str: ...

    async def connect(self, config: dict[str, Any]) -> bool: ...

    async def get_balance(self, address: str) -> dict[str, Any]: ...

    async def send_transaction(self, tx_data: dict[str, Any]) -> str: ...

    async def get_contract_events(
        self, contract_address: str, event_name: str, from_block: int | None = None
    ) -> list[dict[str, Any]]: ...

    async def predict(self, input_data: dict[str, Any]) -> dict[str, Any]: ...

    async def train(self, training_data: list[dict[str, Any]]) -> bool: ...

    def get_model_info(self) -> dict[str, Any]: ...

    async def plugin_transitioned(
        self, plugin_name: str, old: PluginStatus, new: PluginStatus
    ) -> None: ...

    async def plugin_failed(self, plugin_name: str, failure: Failure) -> None: ...

    async def plugin_health_changed(self, plugin_name: str, health: dict[str, Any]) -> None: ...

    async def host_started(self, plugin_names: list[str]) -> None: ...

    async def host_stopping(self, plugin_names: list[str]) -> None: ...
