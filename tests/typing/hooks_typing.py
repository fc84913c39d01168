"""Hook calls as mypy and pyright must see them; checked by both, never run.

Right calls have exactly the asserted type. Wrong calls are errors: each is silenced by mypy's
code for it, which pyright honours too, and a comment that silences nothing is an error in turn.
"""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import TYPE_CHECKING, Any, assert_type

from click import Group

from aitbc_hooks.interfaces import PluginMetadata, PluginStatus

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aitbc_hooks.dispatch import HookManager
    from aitbc_hooks.dispatch.typed import Addressed, Hooks


async def right_calls_on_all_plugins(hook: Hooks, status: PluginStatus) -> None:
    assert_type(await hook.predict(input_data={}), list[dict[str, Any]])
    predicted: Coroutine[Any, Any, list[dict[str, Any]]] = hook.predict(input_data={})
    await predicted
    assert_type(hook.get_model_info(), list[dict[str, Any]])
    assert_type(await hook.plugin_transitioned(plugin_name="a", old=status, new=status), list[None])
    assert_type(await hook.host_started(plugin_names=["a"]), list[None])


async def right_calls_on_one_plugin(plugin: Addressed) -> None:
    assert_type(await plugin.predict({"text": "hello"}), dict[str, Any])
    assert_type(await plugin.predict(input_data={}), dict[str, Any])
    assert_type(await plugin.train([{}]), bool)
    assert_type(await plugin.get_contract_events("0x0", "Transfer"), list[dict[str, Any]])
    assert_type(await plugin.get_contract_events("0x0", "T", from_block=7), list[dict[str, Any]])
    assert_type(await plugin.send_transaction({}), str)
    assert_type(plugin.get_metadata(), PluginMetadata)
    assert_type(plugin.get_commands(), list[Group])


async def wrong_calls_on_all_plugins(hook: Hooks) -> None:
    await hook.predict({})  # type: ignore[call-arg]
    await hook.predict()  # type: ignore[call-arg]
    await hook.predict(data={})  # type: ignore[call-arg]
    await hook.predict(input_data=1)  # type: ignore[arg-type]
    await hook.get_model_info()  # type: ignore[misc]
    await hook.train(training_data=[])  # type: ignore[attr-defined]
    await hook.start()  # type: ignore[attr-defined]
    hook.predikt  # type: ignore[attr-defined]  # noqa: B018


async def wrong_calls_on_one_plugin(plugin: Addressed) -> None:
    await plugin.predict()  # type: ignore[call-arg]
    await plugin.predict({}, {})  # type: ignore[call-arg]
    await plugin.train({})  # type: ignore[arg-type]
    await plugin.start()  # type: ignore[attr-defined]
    assert_type(await plugin.train([]), str)  # type: ignore[assert-type]


async def the_managers_own_calls(manager: HookManager) -> None:
    manager.register(object(), "a", priority=10, active=False)
    manager.register(object(), "a", 10)  # type: ignore[call-arg]
    manager.set_active("a", active=True)
    assert_type(manager.is_active("a"), bool)
    assert_type(manager.capabilities("a"), list[str])
