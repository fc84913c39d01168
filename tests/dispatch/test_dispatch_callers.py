"""What hook callers do at the edges of pluggy's own ways: history, and hookspecs taken back."""

from __future__ import annotations

import pluggy
import pytest
from dispatch_plugins import async_spec, manager_of, plugin, specify, sync_spec
from dispatch_scenarios import drive

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


def wrap(arg):
    return (yield)


def wrap_the_old_way(arg):
    yield


#: The options of the plugins of a hook, in the order of their registration.
NEIGHBOURS = {
    "plain": [{}, {}, {"trylast": True}],
    "tryfirst": [{}, {}, {"tryfirst": True}],
    "wrappers": [{}, {}, {"wrapper": True}, {"hookwrapper": True}],
    "all": [{}, {"trylast": True}, {}, {"tryfirst": True}, {"wrapper": True}],
    "only tryfirst": [{"tryfirst": True}, {"tryfirst": True}],
    "none": [],
}


@pytest.mark.parametrize("neighbours", NEIGHBOURS.values(), ids=NEIGHBOURS)
def test_additional_methods_come_where_pluggy_lets_them_come(neighbours):
    def results(manager):
        specify(manager, sync_spec)
        for index, options in enumerate(neighbours):
            function = (
                wrap
                if "wrapper" in options
                else wrap_the_old_way
                if "hookwrapper" in options
                else lambda arg, index=index: index
            )
            manager.register(plugin(function, **options))
        return manager.hook.hook.call_extra([lambda arg: "x", lambda arg: "y"], {"arg": 1})

    assert results(HookManager("dispatch")) == results(pluggy.PluginManager("dispatch"))


def test_who_monitors_sees_of_an_additional_method_what_pluggy_shows_of_it():
    def method(arg): ...

    def shown(manager):
        seen = []
        specify(manager, sync_spec)
        manager.add_hookcall_monitoring(
            lambda name, impls, arguments: seen.extend(impls), lambda *_: None
        )
        manager.hook.hook.call_extra([method], {"arg": 1})
        (impl,) = seen
        return {name: getattr(impl, name) for name in pluggy.HookImpl.__slots__}

    assert shown(HookManager("dispatch")) == shown(pluggy.PluginManager("dispatch"))


@pytest.mark.parametrize("extra", [False, True], ids=["", "extra"])
def test_what_an_old_style_wrapper_raises_at_last_is_warned_of_in_pluggys_words(extra):
    def late(arg):
        yield
        raise KeyError("late")

    def warning(manager, spec):
        specify(manager, spec)
        manager.register(answer(1), "inner")
        manager.register(plugin(late, hookwrapper=True), "outer")
        caller = manager.hook.hook

        def act():
            drive(caller.call_extra([], {"arg": 1}) if extra else caller(arg=1))

        with (
            pytest.warns(pluggy.PluggyTeardownRaisedWarning) as caught,
            pytest.raises(KeyError, match="late"),
        ):
            act()
        return str(caught[0].message)

    ours = warning(HookManager("dispatch"), async_spec)
    assert ours == warning(pluggy.PluginManager("dispatch"), sync_spec)
