"""What hook callers do at the edges of pluggy's own ways: history, and hookspecs taken back."""

from __future__ import annotations

import pytest
from dispatch_plugins import async_spec, manager_of, plugin, specify, sync_spec

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.errors import AitbcError, ContractError


def answer(value):
    return plugin(lambda arg: value)


def test_the_receiver_of_a_historic_call_gets_each_result_then_and_later():
    manager = manager_of(answer("a"), answer(None), answer("b"), spec=sync_spec, historic=True)
    results = []
    manager.hook.hook.call_historic(results.append, {"arg": 1})
    assert results == ["b", "a"]
    manager.register(answer("late"), "late")
    assert results == ["b", "a", "late"]


def test_what_a_replay_raises_is_raised_to_who_registers_if_the_hook_isolates_nothing():
    def hook(arg):
        raise ValueError("own")

    failures = []
    manager = manager_of(spec=sync_spec, historic=True, report=failures.append)
    manager.hook.hook.call_historic(kwargs={"arg": 1})
    with pytest.raises(ValueError, match="own"):
        manager.register(plugin(hook), "late")
    assert failures == []


def test_a_hook_keeps_its_name_when_its_hookspec_is_taken_back():
    manager = HookManager("dispatch")
    manager.register(answer(1), "early", active=False)
    with pytest.raises(ContractError):
        specify(manager, async_spec, deadline=0)
    with pytest.raises(AitbcError) as caught:
        manager.addressed("early").hook(arg=1)
    assert str(caught.value) == (
        "[AITBC-H02] plugin 'early': is not active, so its 'hook' cannot be called. Start it first."
    )
