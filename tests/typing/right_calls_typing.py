"""Hook calls that mypy and pyright must accept, each with exactly the asserted result.

Checked by both, never run. `test_typing_complete.py` sees to it that no hook is missing.
"""

# pyright: strict

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from click import Group

from aitbc_hooks import PluginManager, PluginMetadata, PluginStatus
from aitbc_hooks.dispatch.typed import Addressed, Hooks

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aitbc_hooks.dispatch import HookManager
    from aitbc_hooks.lifecycle import Failure


def the_managers_faces(manager: PluginManager) -> None:
    assert_type(manager.hook, Hooks)
    assert_type(manager.plugin("a"), Addressed)


async def on_all_plugins(hook: Hooks, status: PluginStatus, failure: Failure) -> None:
    assert_type(await hook.predict(input_data={}), list[dict[str, Any]])
    assert_type(hook.get_model_info(), list[dict[str, Any]])
    assert_type(await hook.plugin_transitioned(plugin_name="a", old=status, new=status), list[None])
    assert_type(await hook.plugin_failed(plugin_name="a", failure=failure), list[None])
    assert_type(await hook.plugin_health_changed(plugin_name="a", health={}), list[None])
    assert_type(await hook.host_started(plugin_names=["a"]), list[None])
    assert_type(await hook.host_stopping(plugin_names=["a"]), list[None])

    awaitable: Coroutine[Any, Any, list[dict[str, Any]]] = hook.predict(input_data={})
    await awaitable


async def on_one_plugin(plugin: Addressed) -> None:
    assert_type(plugin.get_metadata(), PluginMetadata)
    assert_type(plugin.get_config_schema(), dict[str, Any])
    assert_type(await plugin.health_check(), dict[str, Any])
    assert_type(plugin.get_commands(), list[Group])
    assert_type(plugin.get_command_help(), str)
    assert_type(await plugin.connect({}), bool)
    assert_type(await plugin.get_balance("0x0"), dict[str, Any])
    assert_type(await plugin.send_transaction({}), str)
    assert_type(await plugin.get_contract_events("0x0", "Transfer"), list[dict[str, Any]])
    assert_type(await plugin.get_contract_events("0x0", "T", None), list[dict[str, Any]])
    assert_type(await plugin.get_contract_events("0x0", "T", from_block=7), list[dict[str, Any]])
    assert_type(await plugin.predict({"text": "hello"}), dict[str, Any])
    assert_type(await plugin.predict(input_data={}), dict[str, Any])
    assert_type(await plugin.train([{}]), bool)
    assert_type(plugin.get_model_info(), dict[str, Any])


async def announcements_to_one_plugin(
    plugin: Addressed, status: PluginStatus, failure: Failure
) -> None:
    await gives_nothing(plugin.plugin_transitioned("a", status, new=status))
    await gives_nothing(plugin.plugin_failed("a", failure))
    await gives_nothing(plugin.plugin_health_changed("a", health={}))
    await gives_nothing(plugin.host_started(["a"]))
    await gives_nothing(plugin.host_stopping(plugin_names=["a"]))


async def gives_nothing(awaitable: Coroutine[Any, Any, None]) -> None:
    """Await what `assert_type` cannot take: mypy lets nobody use the result None."""
    await awaitable


async def the_hook_managers_own_calls(manager: HookManager) -> None:
    assert_type(manager.register(object(), "a", priority=10, active=False), str | None)
    assert_type(manager.is_active("a"), bool)
    assert_type(manager.capabilities("a"), list[str])
    manager.set_active("a", active=True)
