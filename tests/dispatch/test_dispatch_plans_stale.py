"""A plan is never stale: whatever changes, and wherever from, the next call knows it."""

from __future__ import annotations

import gc
import threading
import weakref

import pluggy
import pytest
from dispatch_plugins import (
    Plugin,
    async_spec,
    hookimpl,
    plugin,
    specify,
    sync_spec,
)
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def call(manager, arg=1):
    outcome = manager.hook.hook(arg=arg)
    return drive(outcome) if hasattr(outcome, "__await__") else outcome


def named(name):
    return plugin(lambda arg: name)


def _monitor(manager):
    return manager.add_hookcall_monitoring(lambda *_: None, lambda *_: None)


def _hold_back(outcome, *_):
    outcome.force_result("monitored")


#: Name: what is done to a manager of plugins p0 and p1, and what the next call gives.
CHANGES = {
    "register": (lambda m: m.register(named("new"), "new"), ["new", "p1", "p0"]),
    "register first": (
        lambda m: m.register(named("new"), "new", priority=90),
        ["p1", "p0", "new"],
    ),
    "register inactive": (
        lambda m: m.register(named("new"), "new", active=False),
        ["p1", "p0"],
    ),
    "unregister": (lambda m: m.unregister(name="p1"), ["p0"]),
    "unregister all": (lambda m: [m.unregister(name="p0"), m.unregister(name="p1")], []),
    "replace": (
        lambda m: [m.unregister(name="p0"), m.register(named("again"), "p0")],
        ["again", "p1"],
    ),
    "block": (lambda m: m.set_blocked("p0"), ["p1"]),
    "make inactive": (lambda m: m.set_active("p1", active=False), ["p0"]),
    "make active again": (
        lambda m: [m.set_active("p1", active=False), m.set_active("p1", active=True)],
        ["p1", "p0"],
    ),
    "monitor": (
        lambda m: m.add_hookcall_monitoring(lambda *_: None, _hold_back),
        "monitored",
    ),
    "stop monitoring": (lambda m: _monitor(m)(), ["p1", "p0"]),
    "add a wrapper": (
        lambda m: m.register(plugin(_wrapping, wrapper=True), "w"),
        ["p1", "p0", "wrapped"],
    ),
    "add an old-style wrapper": (
        lambda m: m.register(plugin(_wrapping_old, hookwrapper=True), "w"),
        ["p1", "p0", "wrapped"],
    ),
}
changes = pytest.mark.parametrize("change", CHANGES)


def _wrapping(arg):
    return [*(yield), "wrapped"]


def _wrapping_old(arg):
    outcome = yield
    outcome.force_result([*outcome.get_result(), "wrapped"])


class Acting:
    """A plugin that is silent, and does something where and when it is told."""

    def __init__(self, where):
        self.action = None

        def act(place):
            if place == where and self.action is not None:
                action, self.action = self.action, None
                action()

        def hook(arg):
            act("implementation")

        def wrapper(arg):
            act("before the yield")
            result = yield
            act("after the yield")
            return result

        self.hook = hookimpl(tryfirst=True)(hook)
        self.wrapper = hookimpl(specname="hook", wrapper=True)(wrapper)


def two_plugins(spec, *, recorded, acting=None):
    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, spec)
    for name in ("p0", "p1"):
        manager.register(named(name), name)
    if acting is not None:
        manager.register(acting, "acting")
    return manager


@both
@changes
@pytest.mark.parametrize("recorded", [False, True])
def test_the_next_call_knows_what_was_changed_between_calls(spec, change, recorded):
    manager = two_plugins(spec, recorded=recorded)
    assert call(manager) == call(manager) == ["p1", "p0"]

    act, then = CHANGES[change]
    act(manager)

    assert call(manager) == call(manager) == then


@both
@changes
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("where", ["implementation", "before the yield", "after the yield"])
@pytest.mark.parametrize("thread", [False, True], ids=["same thread", "another thread"])
def test_a_call_that_changes_the_manager_ends_as_it_began(spec, change, recorded, where, thread):
    acting = Acting(where)
    manager = two_plugins(spec, recorded=recorded, acting=acting)
    assert call(manager) == call(manager) == ["p1", "p0"]
    act, then = CHANGES[change]

    def elsewhere():
        worker = threading.Thread(target=act, args=[manager])
        worker.start()
        worker.join()

    acting.action = elsewhere if thread else lambda: act(manager)

    assert call(manager) == ["p1", "p0"]
    assert acting.action is None
    assert call(manager) == call(manager) == then


@both
@changes
def test_a_hook_may_change_the_manager_and_call_itself(spec, change):
    acting = Acting("implementation")
    manager = two_plugins(spec, recorded=False, acting=acting)
    act, then = CHANGES[change]
    inner = []

    def recurse():
        act(manager)
        inner.append(call(manager))

    for _ in range(2):
        call(manager)
    acting.action = recurse

    assert call(manager) == ["p1", "p0"]
    assert inner == [then]
    assert call(manager) == then


@both
def test_a_hook_that_calls_itself_goes_by_one_plan_at_every_depth(spec):
    manager = HookManager("dispatch", recorder=Tallies())
    specify(manager, spec)

    if spec is sync_spec:

        def hook(arg):
            return [arg, *(manager.hook.hook(arg=arg - 1)[0] if arg else ())]
    else:

        async def hook(arg):
            return [arg, *((await manager.hook.hook(arg=arg - 1))[0] if arg else ())]

    manager.register(plugin(hook), "p")

    for _ in range(3):
        assert call(manager, 4) == [[4, 3, 2, 1, 0]]
    assert manager._roster.recorder.tally("p", "hook").calls == 15


def test_a_change_while_a_plan_is_made_is_known_to_the_next_call():
    """A recorder is asked while a plan is made: the last moment for a change."""

    class Meddling(Tallies):
        act = None

        def tally(self, plugin_name, hook_name):
            act, self.act = self.act, None
            if act is not None:
                worker = threading.Thread(target=act)
                worker.start()
                worker.join()
            return super().tally(plugin_name, hook_name)

    recorder = Meddling()
    manager = HookManager("dispatch", recorder=recorder)
    specify(manager, sync_spec)
    manager.register(named("p0"), "p0")
    manager.register(named("p1"), "p1")
    other = manager.addressed("p0").hook
    recorder.act = lambda: (manager.unregister(name="p1"), manager.hook.hook(arg=1))

    call(manager)
    assert call(manager) == call(manager) == ["p0"]

    manager.set_active("p0", active=False)
    manager.set_active("p0", active=True)
    recorder.act = lambda: (manager.register(named("x"), "x"), manager.hook.hook(arg=1))
    call(manager)
    assert call(manager) == call(manager) == ["x", "p0"]

    manager.set_active("p0", active=True)
    recorder.act = lambda: (
        manager.unregister(name="p0"),
        manager.register(named("replaced"), "p0"),
        manager.hook.hook(arg=1),
    )
    other(1)
    assert other(1) == other(1) == "replaced"


@both
def test_threads_that_call_while_others_register_see_whole_states_only(spec):
    manager = two_plugins(spec, recorded=True)
    allowed = [["p1", "p0"], ["new", "p1", "p0"], ["p1"]]
    wrong, stop = [], threading.Event()

    def calling():
        while not stop.is_set():
            found = call(manager)
            if found not in allowed:
                wrong.append(found)

    workers = [threading.Thread(target=calling) for _ in range(3)]
    for worker in workers:
        worker.start()
    for _ in range(60):
        manager.register(named("new"), "new")
        call(manager)
        manager.unregister(name="new")
        manager.set_active("p0", active=False)
        manager.set_active("p0", active=True)
    stop.set()
    for worker in workers:
        worker.join()

    assert wrong == []
    assert call(manager) == ["p1", "p0"]


@both
def test_a_late_hookspec_counts_from_the_next_call_on(spec):
    manager = HookManager("dispatch")
    manager.register(named("early"), "early")
    assert manager.hook.hook(arg=1) == manager.hook.hook(arg=1) == ["early"]

    specify(manager, spec, firstresult=True)

    assert call(manager) == call(manager) == "early"


def test_a_historic_late_hookspec_makes_a_direct_call_impossible():
    manager = HookManager("dispatch")
    manager.register(named("early"), "early")
    manager.hook.hook(arg=1)

    specify(manager, sync_spec, historic=True)

    with pytest.raises(AssertionError, match="call_historic"):
        manager.hook.hook(arg=1)


def test_what_replaces_the_inner_hookexec_executes_the_next_call():
    manager = two_plugins(sync_spec, recorded=False)
    call(manager)
    original = manager._inner_hookexec

    manager._inner_hookexec = lambda name, impls, arguments, firstresult: (
        "mine",
        original(name, impls, arguments, firstresult),
    )
    assert call(manager) == call(manager) == ("mine", ["p1", "p0"])

    manager._inner_hookexec = original
    assert call(manager) == call(manager) == ["p1", "p0"]


@pytest.mark.parametrize("where", ["subclass", "instance"])
def test_a_hookexec_of_ones_own_executes_every_sync_call(where):
    seen = []

    class Own(HookManager):
        def _hookexec(self, hook_name, methods, kwargs, firstresult):
            seen.append(hook_name)
            return super()._hookexec(hook_name, methods, kwargs, firstresult)

    if where == "subclass":
        manager = Own("dispatch")
    else:
        manager = HookManager("dispatch")
        manager._hookexec = lambda name, *rest: (
            seen.append(name),
            HookManager._hookexec(manager, name, *rest),
        )[1]
    specify(manager, sync_spec)
    manager.register(named("p"), "p")

    assert call(manager) == call(manager) == ["p"]
    assert seen == ["hook", "hook"]


def test_monitors_that_are_undone_in_any_order_leave_what_pluggy_leaves():
    def run(manager):
        specify(manager, sync_spec)
        manager.register(named("p"), "p")
        seen = []

        def monitor(name):
            return manager.add_hookcall_monitoring(
                lambda *_: seen.append(f"{name} before"), lambda *_: seen.append(f"{name} after")
            )

        undo_one, undo_two = monitor("one"), monitor("two")
        for act in (lambda: None, undo_one, undo_two, undo_one):
            act()
            manager.hook.hook(arg=1)
            manager.hook.hook(arg=1)
            seen.append("then")
        return seen

    assert run(HookManager("dispatch")) == run(pluggy.PluginManager("dispatch"))


@both
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("wrapped", [False, True])
@pytest.mark.parametrize("way", ["call", "addressed", "call extra", "subset", "failed"])
def test_an_unregistered_plugin_is_freed_though_a_plan_had_it(spec, recorded, wrapped, way):
    class Sound:
        @hookimpl
        def hook(self, arg):
            if arg == "fail":
                raise ValueError
            return arg

    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, spec)
    kept = Plugin(hook=hookimpl(lambda arg: "kept"))
    manager.register(kept, "kept")
    if wrapped:
        manager.register(plugin(_wrapping, wrapper=True), "w")
    one = Sound()
    manager.register(one, "one")
    hook = manager.addressed("one").hook

    def finish(outcome):
        return drive(outcome) if hasattr(outcome, "__await__") else outcome

    for _ in range(2):
        if way == "call":
            call(manager)
        elif way == "addressed":
            finish(hook(1))
        elif way == "call extra":
            finish(manager.hook.hook.call_extra([lambda arg: "extra"], {"arg": 1}))
        elif way == "subset":
            finish(manager.subset_hook_caller("hook", [kept])(arg=1))
        else:
            with pytest.raises(ValueError):  # noqa: PT011
                call(manager, "fail")
    manager.unregister(one)
    freed = weakref.ref(one)
    del one
    gc.collect()

    assert freed() is None
    assert call(manager)[0] == "kept"


def test_a_manager_is_freed_with_its_callers():
    manager = two_plugins(sync_spec, recorded=True)
    call(manager)
    freed = weakref.ref(manager)
    del manager
    gc.collect()

    assert freed() is None


def test_a_plan_lasts_while_only_other_hooks_change():
    manager = HookManager("dispatch")
    specify(manager, sync_spec)
    manager.register(named("p0"), "p0")
    call(manager)
    plan = manager.hook.hook.__call__

    manager.register(Plugin(other=hookimpl(lambda arg: 1)), "other")
    manager.set_active("other", active=False)
    assert manager.hook.hook.__call__ is plan
    manager.set_active("p0", active=False)
    assert call(manager) == []
    assert manager.hook.hook.__call__ is not plan
