"""`swap`: a plugin that is registered beside another one takes its place."""

import pluggy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager

hookspec, hookimpl = pluggy.HookspecMarker("p"), pluggy.HookimplMarker("p")

GROUPS = ({}, {"tryfirst": True}, {"trylast": True})
HOOKS = ("one", "two")


class Specs:
    @hookspec
    def one(self):
        """A hook."""

    @hookspec
    def two(self):
        """Another hook."""


def plugin(word, groups):
    """Return a plugin that answers `word` in some hooks, each in one of pluggy's groups."""

    def method(options):
        return hookimpl(**options)(lambda self: word)

    return type("Plugin", (), {hook: method(GROUPS[g]) for hook, g in groups.items()})()


def manager_with(plugins):
    """Return a manager with plugins (name, instance, priority) registered in that order."""
    manager = HookManager("p", strict=True)
    manager.add_hookspecs(Specs)
    for name, instance, priority in plugins:
        manager.register(instance, name, priority=priority)
    return manager


def answers(manager):
    return [getattr(manager.hook, hook)() for hook in HOOKS]


implementing = st.dictionaries(st.sampled_from(HOOKS), st.integers(0, 2))
priorities = st.sampled_from((10, 50, 90))
plugins = st.lists(st.tuples(implementing, priorities), min_size=1, max_size=6)


@given(plugins, st.integers(0, 5), implementing)
def test_the_order_is_that_of_a_host_in_which_the_new_one_was_there_from_the_beginning(
    drawn, number, groups
):
    registered = [(f"p{n}", plugin(n, g), priority) for n, (g, priority) in enumerate(drawn)]
    name, _, priority = registered[number % len(registered)]
    new = plugin("new", groups)
    manager = manager_with([*registered, ("beside", new, priority)])
    answers(manager)  # calls are planned
    manager.set_active("beside", active=False)

    manager.swap(name, "beside")
    assert manager.get_plugin(name) is new
    assert not manager.is_active(name)
    assert manager.is_active("beside"), "that goes with the plugin"
    old = manager.unregister(name="beside")
    assert old is registered[number % len(registered)][1]
    manager.set_active(name, active=True)

    reference = [(n, new if n == name else instance, p) for n, instance, p in registered]
    assert answers(manager) == answers(manager_with(reference))
    assert manager.get_name(new) == name
    assert manager.get_name(old) is None


@given(plugins, st.integers(0, 5), implementing)
def test_swapping_back_leaves_everything_as_it_was(drawn, number, groups):
    registered = [(f"p{n}", plugin(n, g), priority) for n, (g, priority) in enumerate(drawn)]
    name = registered[number % len(registered)][0]
    manager = manager_with([*registered, ("beside", plugin("new", groups), 50)])
    before = answers(manager)
    manager.swap(name, "beside")
    manager.swap(name, "beside")
    assert answers(manager) == before


@pytest.mark.parametrize("names", [("new name", "old name"), ("old name", "new name")])
def test_a_name_that_is_free_is_taken(names):
    alone = plugin("alone", {"one": 0})
    manager = manager_with([("a", plugin("a", {"one": 0}), 50), ("old name", alone, 50)])
    manager.set_active("old name", active=False)
    manager.swap(*names)
    assert manager.get_name(alone) == "new name"
    assert not manager.has_plugin("old name")
    assert manager.hook.one() == ["a"]
    manager.set_active("new name", active=True)
    assert manager.hook.one() == ["alone", "a"]
    assert manager.addressed("new name").one() == "alone"


@pytest.mark.parametrize("off", ["one", "other", "third", "nobody"])
def test_the_next_call_finds_both_in_their_new_places_and_called_as_before(off):
    names = ("one", "other", "third", "nobody")
    manager = manager_with([(name, plugin(name, {"one": 0}), 50) for name in names])
    manager.set_active(off, active=False)
    answers(manager)  # calls are planned
    manager.swap("one", "other")
    assert manager.hook.one() == [
        word for word in ("nobody", "third", "one", "other") if word != off
    ]


@pytest.mark.parametrize("neighbours", [0, 2])
@pytest.mark.parametrize("order", ["a odd b", "odd a b"])
def test_implementations_that_are_first_and_last_at_once_change_places_too(neighbours, order):
    both = {"tryfirst": True, "trylast": True}
    methods = {"one": hookimpl(**both)(lambda self: "odd")}
    odd, new = (type("Odd", (), methods)() for _ in range(2))
    registered = [
        (name, odd if name == "odd" else plugin(name, {"one": neighbours}), 50)
        for name in order.split()
    ]
    manager = manager_with([*registered, ("beside", new, 50)])
    before = [impl.plugin_name for impl in manager.hook.one.get_hookimpls()]
    manager.swap("odd", "beside")
    assert [impl.plugin_name for impl in manager.hook.one.get_hookimpls()] == before
    assert {i.plugin_name: i.plugin for i in manager.hook.one.get_hookimpls()}["odd"] is new


def test_two_names_that_are_free_stay_free():
    manager = manager_with([("a", plugin("a", {"one": 0}), 50)])
    manager.swap("b", "c")
    assert [name for name, _ in manager.list_name_plugin()] == ["a"]


@pytest.mark.parametrize("names", [("here", "blocked"), ("blocked", "here")])
def test_a_name_that_is_blocked_stays_blocked(names):
    manager = manager_with([("here", plugin("word", {"one": 0}), 50)])
    manager.set_blocked("blocked")

    with pytest.raises(ValueError, match="plugin name 'blocked' is blocked"):
        manager.swap(*names)

    assert manager.is_blocked("blocked")
    assert manager.has_plugin("here")
    assert answers(manager) == [["word"], []]
