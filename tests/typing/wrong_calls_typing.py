"""Hook calls that mypy and pyright must refuse.

Checked by both, never run. Each wrong line is silenced by mypy's code for the error, which
pyright honours too, and a comment that silences nothing is an error in turn: of mypy by
``warn_unused_ignores``, of pyright by the comment below. So a call that either of them begins to
accept fails the check. `test_typing_complete.py` sees to it that no hook is missing.
"""

# Not strict: a complaint about the consequences of an error would hide that the error is gone.
# pyright: standard, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

if TYPE_CHECKING:
    from aitbc_hooks import PluginManager, PluginStatus
    from aitbc_hooks.dispatch import HookManager
    from aitbc_hooks.dispatch.typed import Addressed, Hooks
    from aitbc_hooks.lifecycle import Failure


async def arguments_by_position(hook: Hooks, status: PluginStatus, failure: Failure) -> None:
    await hook.predict({})  # type: ignore[call-arg]
    await hook.plugin_transitioned("a", status, status)  # type: ignore[call-arg]
    await hook.plugin_failed("a", failure)  # type: ignore[call-arg]
    await hook.plugin_health_changed("a", {})  # type: ignore[call-arg]
    await hook.host_started(["a"])  # type: ignore[call-arg]
    await hook.host_stopping(["a"])  # type: ignore[call-arg]


async def missing_arguments(hook: Hooks, plugin: Addressed, status: PluginStatus) -> None:
    await hook.predict()  # type: ignore[call-arg]
    await hook.plugin_transitioned(plugin_name="a", old=status)  # type: ignore[call-arg]
    await hook.plugin_failed(plugin_name="a")  # type: ignore[call-arg]
    await hook.plugin_health_changed(plugin_name="a")  # type: ignore[call-arg]
    await hook.host_started()  # type: ignore[call-arg]
    await hook.host_stopping()  # type: ignore[call-arg]
    await plugin.connect()  # type: ignore[call-arg]
    await plugin.get_balance()  # type: ignore[call-arg]
    await plugin.send_transaction()  # type: ignore[call-arg]
    await plugin.get_contract_events("0x0")  # type: ignore[call-arg]
    await plugin.predict()  # type: ignore[call-arg]
    await plugin.train()  # type: ignore[call-arg]
    await plugin.plugin_transitioned("a", status)  # type: ignore[call-arg]
    await plugin.plugin_failed("a")  # type: ignore[call-arg]
    await plugin.plugin_health_changed("a")  # type: ignore[call-arg]
    await plugin.host_started()  # type: ignore[call-arg]
    await plugin.host_stopping()  # type: ignore[call-arg]


async def unknown_arguments(
    hook: Hooks, plugin: Addressed, status: PluginStatus, failure: Failure
) -> None:
    await hook.predict(input_data={}, data={})  # type: ignore[call-arg]
    hook.get_model_info(name="a")  # type: ignore[call-arg]
    await hook.plugin_transitioned(plugin_name="a", old=status, new=status, at=0)  # type: ignore[call-arg]
    await hook.plugin_failed(plugin_name="a", failure=failure, at=0)  # type: ignore[call-arg]
    await hook.plugin_health_changed(plugin_name="a", health={}, at=0)  # type: ignore[call-arg]
    await hook.host_started(plugin_names=["a"], at=0)  # type: ignore[call-arg]
    await hook.host_stopping(plugin_names=["a"], at=0)  # type: ignore[call-arg]
    plugin.get_metadata(name="a")  # type: ignore[call-arg]
    plugin.get_config_schema(name="a")  # type: ignore[call-arg]
    await plugin.health_check(name="a")  # type: ignore[call-arg]
    plugin.get_commands(name="a")  # type: ignore[call-arg]
    plugin.get_command_help(name="a")  # type: ignore[call-arg]
    await plugin.connect({}, retry=True)  # type: ignore[call-arg]
    await plugin.get_balance("0x0", unit="a")  # type: ignore[call-arg]
    await plugin.send_transaction({}, wait=True)  # type: ignore[call-arg]
    await plugin.get_contract_events("0x0", "a", to_block=7)  # type: ignore[call-arg]
    await plugin.predict({}, data={})  # type: ignore[call-arg]
    await plugin.predict({}, {})  # type: ignore[call-arg]
    await plugin.train([{}], epochs=1)  # type: ignore[call-arg]
    plugin.get_model_info(name="a")  # type: ignore[call-arg]
    await plugin.plugin_transitioned("a", status, status, at=0)  # type: ignore[call-arg]
    await plugin.plugin_failed("a", failure, at=0)  # type: ignore[call-arg]
    await plugin.plugin_health_changed("a", {}, at=0)  # type: ignore[call-arg]
    await plugin.host_started(["a"], at=0)  # type: ignore[call-arg]
    await plugin.host_stopping(["a"], at=0)  # type: ignore[call-arg]


async def arguments_of_wrong_types(hook: Hooks, plugin: Addressed, status: PluginStatus) -> None:
    await hook.predict(input_data=1)  # type: ignore[arg-type]
    await hook.plugin_transitioned(plugin_name="a", old="active", new=status)  # type: ignore[arg-type]
    await hook.plugin_failed(plugin_name="a", failure="it")  # type: ignore[arg-type]
    await hook.plugin_health_changed(plugin_name="a", health="good")  # type: ignore[arg-type]
    await hook.host_started(plugin_names="a")  # type: ignore[arg-type]
    await hook.host_stopping(plugin_names="a")  # type: ignore[arg-type]
    await plugin.connect("a")  # type: ignore[arg-type]
    await plugin.get_balance(0)  # type: ignore[arg-type]
    await plugin.send_transaction("a")  # type: ignore[arg-type]
    await plugin.get_contract_events("0x0", "a", from_block="b")  # type: ignore[arg-type]
    await plugin.predict("a")  # type: ignore[arg-type]
    await plugin.train({})  # type: ignore[arg-type]
    await plugin.plugin_transitioned("a", status, new="active")  # type: ignore[arg-type]
    await plugin.plugin_failed("a", "it")  # type: ignore[arg-type]
    await plugin.plugin_health_changed("a", "good")  # type: ignore[arg-type]
    await plugin.host_started("a")  # type: ignore[arg-type]
    await plugin.host_stopping("a")  # type: ignore[arg-type]


def hooks_that_only_the_driver_calls(hook: Hooks, plugin: Addressed) -> None:
    _ = hook.initialize  # type: ignore[attr-defined]
    _ = hook.start  # type: ignore[attr-defined]
    _ = hook.stop  # type: ignore[attr-defined]
    _ = hook.cleanup  # type: ignore[attr-defined]
    _ = hook.handle_event  # type: ignore[attr-defined]
    _ = plugin.initialize  # type: ignore[attr-defined]
    _ = plugin.start  # type: ignore[attr-defined]
    _ = plugin.stop  # type: ignore[attr-defined]
    _ = plugin.cleanup  # type: ignore[attr-defined]
    _ = plugin.handle_event  # type: ignore[attr-defined]


def hooks_of_one_plugin_called_on_all(hook: Hooks) -> None:
    _ = hook.get_metadata  # type: ignore[attr-defined]
    _ = hook.get_config_schema  # type: ignore[attr-defined]
    _ = hook.health_check  # type: ignore[attr-defined]
    _ = hook.get_commands  # type: ignore[attr-defined]
    _ = hook.get_command_help  # type: ignore[attr-defined]
    _ = hook.connect  # type: ignore[attr-defined]
    _ = hook.get_balance  # type: ignore[attr-defined]
    _ = hook.send_transaction  # type: ignore[attr-defined]
    _ = hook.get_contract_events  # type: ignore[attr-defined]
    _ = hook.train  # type: ignore[attr-defined]


async def forgotten_awaits(hook: Hooks, plugin: Addressed) -> None:
    hook.predict(input_data={})  # type: ignore[unused-coroutine]
    plugin.predict({})  # type: ignore[unused-coroutine]
    len(hook.predict(input_data={}))  # type: ignore[arg-type]
    assert hook.predict(input_data={})[0]  # type: ignore[index]
    assert plugin.predict({})["answer"]  # type: ignore[index]
    for _ in hook.predict(input_data={}):  # type: ignore[attr-defined]
        pass
    answers: list[dict[str, Any]] = hook.predict(input_data={})  # type: ignore[assignment]
    assert answers


async def needless_awaits(hook: Hooks, plugin: Addressed) -> None:
    await hook.get_model_info()  # type: ignore[misc]
    await plugin.get_metadata()  # type: ignore[misc]


async def results_of_wrong_types(hook: Hooks, plugin: Addressed) -> None:
    one: dict[str, Any] = await hook.predict(input_data={})  # type: ignore[assignment]
    many: list[dict[str, Any]] = await plugin.predict({})  # type: ignore[assignment]
    assert_type(await plugin.train([]), str)  # type: ignore[assert-type]
    assert one, many


def unknown_hooks(manager: PluginManager) -> None:
    _ = manager.hook.predikt  # type: ignore[attr-defined]
    _ = manager.plugin("a").predikt  # type: ignore[attr-defined]
    manager.plugin(1)  # type: ignore[arg-type]
    manager.plugin()  # type: ignore[call-arg]


def the_hook_managers_own_calls(manager: HookManager) -> None:
    manager.register(object(), "a", 10)  # type: ignore[call-arg]
    manager.set_active("a")  # type: ignore[call-arg]
    manager.is_active(1)  # type: ignore[arg-type]
