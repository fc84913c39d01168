"""Priorities, inactive plugins, and changes that hooks make to their own call."""

from __future__ import annotations

import asyncio

import attrs
import pluggy
import pytest
from dispatch_plugins import (
    Plugin,
    async_spec,
    hookimpl,
    manager_of,
    plugin,
    specify,
    sync_spec,
)
from dispatch_scenarios import drive
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.errors import PluginNotFoundError

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def call(manager, arg=1):
    outcome = manager.hook.hook(arg=arg)
    return drive(outcome) if asyncio.iscoroutine(outcome) else outcome


@attrs.frozen
class Entry:
    place: str
    wrapper: bool
    priority: int


entries = st.lists(
    st.builds(
        Entry,
        place=st.sampled_from(["tryfirst", "plain", "trylast"]),
        wrapper=st.booleans(),
        priority=st.sampled_from([1, 10, 50, 50, 99]),
    ),
    max_size=8,
)


def expected_order(entries):
    """Return indexes in call order, straight from the rules."""

    def key(index):
        entry = entries[index]
        # pluggy calls the last registered first, except among those that are trylast.
        tie = index if entry.place == "trylast" else -index
        place = ["tryfirst", "plain", "trylast"].index(entry.place)
        return (not entry.wrapper, place, entry.priority, tie)

    return sorted(range(len(entries)), key=key)


def logging_plugin(entry, index, log):
    places = {"plain": [], "both": ["tryfirst", "trylast"]}.get(entry.place, [entry.place])
    options = dict.fromkeys(places, True)

    def implement(arg):
        log.append(index)

    def wrap(arg):
        log.append(index)
        return (yield)

    if entry.wrapper:
        return plugin(wrap, wrapper=True, **options)
    return plugin(implement, **options)


@given(entries=entries, removed=st.sets(st.integers(0, 7)), is_async=st.booleans())
def test_priority_orders_inside_pluggys_groups_and_equals_stay_as_in_pluggy(
    entries, removed, is_async
):
    log = []
    manager = manager_of(spec=async_spec if is_async else sync_spec)
    for index, entry in enumerate(entries):
        manager.register(logging_plugin(entry, index, log), f"p{index}", priority=entry.priority)
    call(manager)
    assert log == expected_order(entries)

    for index in removed:
        manager.unregister(name=f"p{index}")
    log.clear()
    call(manager)
    assert log == [index for index in expected_order(entries) if index not in removed]


peculiar_entries = st.lists(
    st.builds(
        Entry,
        place=st.sampled_from(["tryfirst", "plain", "trylast", "both"]),
        wrapper=st.booleans(),
        priority=st.sampled_from([1, 50, 99]),
    ),
    max_size=10,
)
removals = st.sets(st.integers(0, 9))


@given(entries=peculiar_entries, removed=removals, priority=st.integers(1, 100))
def test_with_one_priority_for_all_the_order_is_exactly_pluggys(entries, removed, priority):
    logs = []
    for manager in (HookManager("dispatch"), pluggy.PluginManager("dispatch")):
        log = []
        specify(manager, sync_spec)
        options = {"priority": priority} if isinstance(manager, HookManager) else {}
        for index, entry in enumerate(entries):
            manager.register(logging_plugin(entry, index, log), f"p{index}", **options)
        call(manager)
        for index in removed:
            manager.unregister(name=f"p{index}")
        last = logging_plugin(Entry("plain", wrapper=False, priority=50), -1, log)
        manager.register(last, "last", **options)
        call(manager)
        logs.append(log)
    assert logs[0] == logs[1]


def placed(order, entries, index):
    """Return the list after a registration: where pluggy puts it, then sorted if it has to be."""
    entry = entries[index]
    start = next((i for i, other in enumerate(order) if entries[other].wrapper), len(order))
    start, end = (start, len(order)) if entry.wrapper else (0, start)
    group = order[start:end]
    place = len(group)
    if entry.place in ("trylast", "both"):
        place = 0
    elif entry.place == "plain":
        while place and entries[group[place - 1]].place in ("tryfirst", "both"):
            place -= 1
    order = [*order[: start + place], index, *order[start + place :]]
    if len({entries[each].priority for each in order}) == 1:
        return order
    places = {"both": 0, "trylast": 0, "plain": 1, "tryfirst": 2}
    return sorted(
        order,
        key=lambda i: (entries[i].wrapper, places[entries[i].place], -entries[i].priority),
    )


@given(entries=peculiar_entries, removed=removals)
def test_several_priorities_sort_what_pluggy_has_placed(entries, removed):
    manager = manager_of(spec=sync_spec)
    order = []
    for index, entry in enumerate(entries):
        manager.register(logging_plugin(entry, index, []), f"p{index}", priority=entry.priority)
        order = placed(order, entries, index)
        if index - 1 in removed and index > 0:
            manager.unregister(name=f"p{index - 1}")
            order.remove(index - 1)

    impls = manager.hook.hook.get_hookimpls()
    assert [impl.plugin_name for impl in impls] == [f"p{index}" for index in order]


def test_priority_counts_for_hooks_that_have_no_hookspec_yet():
    manager = HookManager("dispatch")
    for name, priority in [("late", 90), ("early", 10), ("middle", 50)]:
        manager.register(plugin(lambda arg, name=name: name), name, priority=priority)

    assert manager.hook.hook(arg=1) == ["early", "middle", "late"]


def test_a_name_that_is_registered_anew_has_its_new_priority():
    manager = manager_of(plugin(lambda arg: "other"), spec=sync_spec)
    manager.register(plugin(lambda arg: "first"), "again", priority=99)
    manager.unregister(name="again")
    manager.register(plugin(lambda arg: "second"), "again", priority=1)

    assert call(manager) == ["second", "other"]


def test_a_registration_that_fails_forgets_its_priority_and_keeps_the_one_there_was():
    manager = manager_of(plugin(lambda arg: "other"), spec=sync_spec)
    manager.register(plugin(lambda arg: "kept"), "taken", priority=1)
    with pytest.raises(ValueError, match="already registered"):
        manager.register(plugin(lambda arg: "refused"), "taken", priority=99, active=False)

    with pytest.raises(pluggy.PluginValidationError):
        manager.register(plugin(lambda wrong: None), "fresh", priority=1, active=False)
    manager.register(plugin(lambda arg: "fresh"), "fresh")

    assert call(manager) == ["kept", "fresh", "other"]


def test_a_blocked_name_is_not_registered_and_none_is_ignored_as_in_pluggy():
    manager = manager_of(spec=sync_spec)
    manager.set_blocked("blocked")

    assert manager.register(plugin(lambda arg: 1), "blocked", priority=1) is None
    assert manager.register(None) is None
    assert call(manager) == []


# Inactive plugins


@both
def test_an_inactive_plugin_and_its_wrapper_are_left_out_of_every_call(spec):
    def wrapper(arg):
        return [*(yield), "wrapped"]

    both_kinds = Plugin(
        hook=hookimpl(lambda arg: "inactive"),
        around=hookimpl(wrapper=True, specname="hook")(wrapper),
    )
    manager = manager_of(plugin(lambda arg: "active"), spec=spec)
    manager.register(both_kinds, "both")
    assert call(manager) == ["inactive", "active", "wrapped"]

    manager.set_active("both", active=False)
    extra = manager.hook.hook.call_extra([lambda arg: "extra"], {"arg": 1})
    assert call(manager) == ["active"]
    assert (drive(extra) if asyncio.iscoroutine(extra) else extra) == ["extra", "active"]

    manager.set_active("both", active=True)
    assert call(manager) == ["inactive", "active", "wrapped"]


def test_an_inactive_plugin_is_left_out_of_subset_callers():
    first, second, third = (plugin(lambda arg, name=name: name) for name in "abc")
    manager = manager_of(first, second, third, spec=sync_spec)
    subset = manager.subset_hook_caller("hook", [first])
    manager.set_active("p1", active=False)

    assert subset(arg=1) == ["c"]


def test_an_inactive_plugin_stays_registered_and_validated():
    manager = manager_of(spec=sync_spec)
    each = plugin(lambda arg: 1)
    manager.register(each, "inactive", active=False)

    assert manager.get_plugin("inactive") is each
    assert [impl.plugin for impl in manager.hook.hook.get_hookimpls()] == [each]
    assert not manager.is_active("inactive")
    with pytest.raises(pluggy.PluginValidationError):
        manager.register(plugin(lambda wrong: 1), "bad", active=False)


def test_a_plugin_that_was_inactive_is_active_when_its_name_is_registered_anew():
    manager = manager_of(spec=sync_spec)
    manager.register(plugin(lambda arg: 1), "name", active=False)
    manager.unregister(name="name")
    manager.register(plugin(lambda arg: 2), "name")

    assert manager.is_active("name")
    assert call(manager) == [2]


def test_a_historic_call_does_not_reach_an_inactive_plugin_then_or_later():
    seen = []
    manager = manager_of(spec=sync_spec, historic=True)
    manager.hook.hook.call_historic(kwargs={"arg": "before"})

    def late(arg):
        seen.append(arg)

    manager.register(plugin(late), "late", active=False)
    manager.hook.hook.call_historic(kwargs={"arg": "while"})
    manager.set_active("late", active=True)
    manager.hook.hook.call_historic(kwargs={"arg": "after"})

    assert seen == ["after"]


def test_setting_what_is_set_already_makes_no_caller_rebuild():
    manager = manager_of(plugin(lambda arg: 1), plugin(lambda arg: 2), spec=sync_spec)
    manager.set_active("p1", active=False)
    live = manager.hook.hook.live()
    manager.set_active("p0", active=True)
    manager.set_active("p1", active=False)

    assert manager.hook.hook.live() is live


def test_set_active_of_an_unknown_plugin_says_which_name_was_meant():
    manager = manager_of(plugin(lambda arg: 1))

    with pytest.raises(PluginNotFoundError, match="Did you mean 'p0'") as caught:
        manager.set_active("p00", active=False)
    assert caught.value.code == "AITBC-P01"
    assert not manager.is_active("p00")


# Changes during a call


@both
@pytest.mark.parametrize("change", ["register", "unregister", "set_active"])
def test_a_call_that_runs_keeps_its_implementations_and_the_next_call_has_the_new(spec, change):
    manager = manager_of(plugin(lambda arg: "old"), spec=spec)
    added = plugin(lambda arg: "added")
    changes = {
        "register": (
            lambda: manager.register(added),
            ["changer", "old"],
            ["added", "changer", "old"],
        ),
        "unregister": (lambda: manager.unregister(name="p0"), ["changer", "old"], ["changer"]),
        "set_active": (
            lambda: manager.set_active("p0", active=False),
            ["changer", "old"],
            ["changer"],
        ),
    }
    act, running, following = changes[change]
    pending = [act]

    def changer(arg):
        if pending:
            pending.pop()()
        return "changer"

    manager.register(plugin(changer), "changer")

    assert call(manager) == running
    assert call(manager) == following


@pytest.mark.parametrize("already_called", [False, True])
def test_an_async_call_has_the_implementations_of_the_moment_it_begins(already_called):
    manager = manager_of(plugin(lambda arg: "old"))
    if already_called:
        drive(manager.hook.hook(arg=1))
    waiting = manager.hook.hook(arg=1)
    manager.register(plugin(lambda arg: "new"), "new")

    assert drive(waiting) == ["new", "old"]


def test_a_replay_may_register_another_plugin_with_a_priority_of_its_own():
    manager = manager_of(spec=sync_spec, historic=True)
    manager.hook.hook.call_historic(kwargs={"arg": 1})
    registered = []

    def hook(arg):
        registered.append(manager.register(plugin(lambda arg: None), "nested", priority=1))

    manager.register(plugin(hook), "outer", priority=2)

    assert registered == ["nested"]
    assert [impl.plugin_name for impl in manager.hook.hook.get_hookimpls()] == ["outer", "nested"]
