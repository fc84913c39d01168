"""The plan that an addressed call keeps is that of the moment in which the call begins."""

from __future__ import annotations

import pytest
from dispatch_plugins import (
    Plugin,
    answering,
    async_spec,
    hookimpl,
    manager_of,
    plugin,
    specify,
    sync_spec,
)
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookManager, Tallies
from aitbc_hooks.dispatch.recording import SAMPLE
from aitbc_hooks.errors import CapabilityError, PluginInactiveError, PluginNotFoundError

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def answer(value):
    return plugin(lambda arg: value)


def wrapper(name):
    def hook(arg):
        (result,) = yield
        return [f"{name}({result})"]

    return plugin(hook, wrapper=True)


def finish(outcome):
    return drive(outcome) if hasattr(outcome, "__await__") else outcome


@both
@pytest.mark.parametrize("recorded", [False, True])
def test_a_kept_hook_calls_the_plugin_that_has_the_name_now(spec, recorded):
    manager = manager_of(answer("old"), answer("other"), spec=spec)
    hook = manager.addressed("p0").hook
    assert finish(hook(1)) == finish(hook(1)) == "old"

    manager.unregister(name="p0")
    with pytest.raises(PluginNotFoundError):
        hook(1)
    manager.register(answer("new"), "p0")
    assert finish(hook(1)) == finish(hook(1)) == "new"

    manager.set_active("p0", active=False)
    with pytest.raises(PluginInactiveError):
        hook(1)
    manager.set_active("p0", active=True)
    assert finish(hook(1)) == "new"

    manager.unregister(name="p0")
    manager.register(object(), "p0")
    with pytest.raises(CapabilityError, match="no hooks"):
        hook(1)


@both
def test_wrappers_come_and_go_around_a_kept_hook(spec):
    manager = manager_of(answer("a"), answer("other"), spec=spec)
    hook = manager.addressed("p0").hook
    seen = [finish(hook(1))]

    for act in (
        lambda: manager.register(wrapper("w"), "w"),
        lambda: manager.register(wrapper("v"), "v"),
        lambda: manager.set_active("w", active=False),
        lambda: manager.set_active("w", active=True),
        lambda: manager.unregister(name="v"),
        lambda: manager.unregister(name="w"),
    ):
        act()
        assert finish(hook(1)) == finish(hook(1))
        seen.append(finish(hook(1)))

    assert seen == ["a", "w(a)", "v(w(a))", "v(a)", "v(w(a))", "w(a)", "a"]


def test_a_call_that_was_made_before_its_plugin_was_replaced_enters_the_new_one():
    manager = manager_of(answer("old"))
    hook = manager.addressed("p0").hook
    finish(hook(1))
    made = hook(1)

    manager.unregister(name="p0")
    manager.register(answer("new"), "p0")

    assert drive(made) == "new"


def test_a_call_that_was_made_before_its_plugin_lost_the_hook_says_so():
    manager = manager_of(answer("old"))
    made = manager.addressed("p0").hook(1)

    manager.unregister(name="p0")
    manager.register(object(), "p0")

    with pytest.raises(CapabilityError):
        drive(made)


def test_a_call_that_was_made_before_a_wrapper_went_runs_without_it():
    manager = manager_of(answer("a"))
    manager.register(wrapper("w"), "w")
    hook = manager.addressed("p0").hook
    assert drive(hook(1)) == "w(a)"
    made = hook(1)

    manager.unregister(name="w")

    assert drive(made) == "a"


@both
def test_a_hook_may_call_itself_on_one_plugin(spec):
    inner = []

    def hook(arg):
        if arg:
            inner.append(finish(manager.addressed("p1").hook(arg - 1)))
        return arg

    manager = manager_of(answer("other"), plugin(hook), spec=spec)

    for _ in range(2):
        inner.clear()
        assert finish(manager.addressed("p1").hook(2)) == 2
        assert inner == [0, 1]


@both
def test_all_implementations_of_the_plugin_are_called_whichever_gives_the_result(spec):
    log = []

    def implementation(word):
        return hookimpl(specname="hook")(lambda arg: log.append(word) or word)

    each = Plugin(a=implementation("a"), b=implementation("b"))
    assert finish(manager_of(each, spec=spec).addressed("p0").hook(1)) == "b"
    assert log == ["b", "a"]


def test_the_result_of_a_concurrent_hook_is_the_plugins_own():
    manager = manager_of(answering("a"), answering("b"), concurrent=2)
    assert drive(manager.addressed("p0").hook(1)) == "a"


def test_of_addressed_calls_of_a_sync_hook_too_one_in_a_sample_is_timed():
    tallies = Tallies()
    manager = HookManager("dispatch", recorder=tallies)
    specify(manager, sync_spec)
    manager.register(answer("a"), "p0")
    for _ in range(SAMPLE):
        assert manager.addressed("p0").hook(1) == "a"
    (tally,) = tallies
    assert (tally.calls, tally.timed) == (SAMPLE, 1)
