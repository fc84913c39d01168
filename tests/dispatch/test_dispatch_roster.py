"""What is remembered of a plugin, and what is forgotten when it goes."""

from __future__ import annotations

import attrs
import pluggy
import pytest
from dispatch_plugins import hookimpl, manager_of, plugin, specify, sync_spec

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.roster import Roster


def answering(value, **options):
    return plugin(lambda arg: value, **options)


@attrs.define
class ByValue:
    """A plugin that is equal to others of its value."""

    value: int

    @hookimpl
    def hook(self, arg): ...


def test_a_name_that_was_given_up_has_no_priority_for_who_gets_it_by_a_swap():
    manager = manager_of(answering("first"), answering("second"), spec=sync_spec)
    manager.register(answering("gone"), "gone", priority=1)
    manager.unregister(name="gone")
    manager.swap("p0", "gone")

    assert manager.hook.hook(arg=1) == ["second", "first"]


def test_a_plugin_that_leaves_while_it_is_registered_stays_in_the_hook_as_in_pluggy():
    def names(manager):
        def leave(arg):
            manager.unregister(name="leaving")

        specify(manager, sync_spec, historic=True)
        manager.hook.hook.call_historic(kwargs={"arg": 1})
        for name in ("a", "b", "c"):
            manager.register(answering(name), name)
        manager.register(plugin(leave), "leaving")
        for name in ("d", "e"):
            manager.register(answering(name), name)
        manager.unregister(name="b")
        return [impl.plugin_name for impl in manager.hook.hook.get_hookimpls()]

    ours = names(HookManager("dispatch"))
    assert ours == names(pluggy.PluginManager("dispatch"))
    assert ours == ["a", "c", "leaving", "d", "e"]


def test_a_plugin_that_compares_by_value_takes_nothing_along_of_those_that_differ():
    manager = manager_of(answering(1), ByValue(1), ByValue(2), spec=sync_spec)
    manager.unregister(name="p1")

    assert [manager.capabilities(name) for name in ("p0", "p2")] == [["hook"]] * 2


class EqualToAll:
    """A plugin that is equal to everything."""

    def __eq__(self, other):
        return True

    __hash__ = None


def test_a_plugin_that_is_equal_to_another_has_its_name_as_in_pluggy():
    for manager in (HookManager("dispatch"), pluggy.PluginManager("dispatch")):
        manager.register(answering(1), "plain")
        assert manager.get_name(EqualToAll()) == "plain"
        with pytest.raises(ValueError, match="already registered"):
            manager.register(EqualToAll(), "equal")
        manager.unregister(name="plain")
        manager.register(EqualToAll(), "equal")
        assert manager.get_name(EqualToAll()) == "equal"


def test_priorities_count_where_no_plugin_is_without_one():
    manager = HookManager("dispatch")
    specify(manager, sync_spec)
    manager.register(answering("late", tryfirst=True, trylast=True), priority=60)
    manager.register(answering("early"), priority=1)
    manager.register(answering("usual"), priority=30)

    assert manager.hook.hook(arg=1) == ["early", "usual", "late"]


def test_each_change_of_everything_is_seen_by_every_hook():
    roster = Roster(report=print)
    clocks = [roster.clock(name) for name in ("one", "two")]
    seen = set()
    for _ in range(3):
        roster.all_changed()
        seen.add(tuple(clock.version for clock in clocks))
    assert len(seen) == 3


def test_two_priorities_sort_a_hook_whose_order_is_otherwise_pluggys():
    manager = manager_of(answering("both", tryfirst=True, trylast=True), spec=sync_spec)
    manager.register(answering("early"), priority=1)
    manager.register(answering("usual"))

    assert manager.hook.hook(arg=1) == ["early", "usual", "both"]
