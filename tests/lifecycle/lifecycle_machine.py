"""The manager and the model side by side: any operations, any faults, and every law after each."""

from __future__ import annotations

import asyncio

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lifecycle_faults import (
    METHODS,
    OPERATIONS,
    Behaviour,
    Fault,
    Request,
    behaviours,
    fine,
    timeless,
)
from lifecycle_model import RESTING, ROWS, InterruptError, Model, RefusedError
from lifecycle_world import Ask, World, is_running, told_by

from aitbc_hooks.interfaces import PluginStatus as S

CHAIN = {"ant": (), "bee": ("ant",), "cat": ("bee",), "dog": ()}
DIAMOND = {"ant": (), "bee": ("ant",), "cat": ("ant",), "dog": ("bee", "cat"), "eel": ()}

#: What an operation asks of which methods, in order.
ASKS = {
    "load": ("construct", "initialize"),
    "start": ("start",),
    "stop": ("stop",),
    "unload": ("stop", "cleanup"),
}
#: How to reach a resting state from UNLOADED: operations, and the fault of the last one's method.
WAYS = {
    "unloaded": ([], None),
    "loaded": (["load"], None),
    "active": (["load", "start"], None),
    "inactive": (["load", "start", "stop"], None),
    "error": (["load"], ("initialize", Fault.FALSE)),
    "error without an instance": (["load"], ("construct", Fault.RAISES)),
    "error with an abandoned call": (["load"], ("initialize", Fault.STUBBORN)),
}

#: What an event handler may do wrong without ending the loop or its mailbox.
HANDLER_FAULTS = (
    Fault.FALSE,
    Fault.RAISES,
    Fault.EXITS,
    Fault.CANCELS_ITSELF,
    Fault.HANGS,
    Fault.LATE,
)

ANYTHING = object()
CUT_SHORT = (asyncio.CancelledError, KeyboardInterrupt)

operations = st.sampled_from(OPERATIONS)
names = st.sampled_from(["ant", "bee", "cat", "dog"])
ticks = st.integers(0, 12)
transitions = st.builds(Request, operations, names)
requests = transitions | st.just(Request("broadcast"))
states = st.sampled_from(sorted(WAYS))
rows = st.sampled_from(
    [
        (state, operation)
        for state in sorted(WAYS)
        for operation in OPERATIONS
        if (operation, S[state.split()[0].upper()]) in ROWS
    ]
)
withdrawals = st.sampled_from(["stop", "unload"])
edges = st.sampled_from([("ant", "bee"), ("bee", "cat"), ("ant", "cat")])
others = st.none() | st.tuples(names, st.sampled_from(METHODS), behaviours)


class LifecycleMachine(RuleBasedStateMachine):
    """Compares exactly where one operation runs at a time; else lets the journal be the judge."""

    state_dir = ""  # set by `machine_in`
    reached = frozenset()

    def __init__(self):
        super().__init__()
        self.world = self.model = None

    @initialize(
        diamond=st.booleans(),
        declared=st.booleans(),
        rest=st.lists(states, min_size=5, max_size=5),
    )
    def begin(self, diamond, declared, rest):
        needs = DIAMOND if diamond else CHAIN
        self.loner = "eel" if diamond else "dog"
        self.world = World(needs, declared=declared, state_dir=self.state_dir)
        self.model = Model(needs, self.world.behaviour, declared=declared)
        for name, state in zip(needs, rest, strict=False):
            self._rest(name, state)

    # One operation at a time.

    @rule(operation=operations, name=names, first=behaviours, second=behaviours, other=others)
    def operate(self, operation, name, first, second, other):
        self._exactly(operation, name, self._plan(operation, name, first, second, other))

    @rule(name=names, row=rows, first=behaviours, second=behaviours)
    def operate_by_the_table(self, name, row, first, second):
        state, operation = row
        self._exactly("unload", name, {})
        self._rest(name, state)
        self._exactly(operation, name, self._plan(operation, name, first, second, None))

    @rule(name=names)
    def bring_up(self, name):
        """Make a plugin ACTIVE, and rid it of whatever keeps it from that."""
        for other in self.world.names:
            if self.world.status(other) is S.ERROR:
                self._exactly("unload", other, {})
        for operation in ("load", "start"):
            self._exactly(operation, name, {})

    @rule(name=names, request=requests, second=timeless, other=timeless, data=st.data())
    def operate_with_a_request(self, name, request, second, other, data):
        """Let a method ask the manager for something."""
        operation = self._draw_legal(data, name)
        plan = {(name, method): second for method in ASKS[operation]}
        plan |= {(request.target, method): other for method in ASKS.get(request.operation, ())}
        plan[name, ASKS[operation][-1]] = Behaviour(request=request)
        plan.pop((name, "construct"), None)
        self._exactly(operation, name, plan)

    @rule(name=names, fault=st.sampled_from([None, *HANDLER_FAULTS]), data=st.data())
    def broadcast(self, name, fault, data):
        """Let the event handlers be fine, but for one."""
        request = data.draw(st.none() | transitions) if fault is None else None
        plan = {(name, "handle_event"): Behaviour(fault or Fault.NONE, request=request)}
        self._exactly("broadcast", "", plan)

    # Cancelled and concurrent ones.

    @rule(name=names, first=behaviours, second=behaviours, other=others, tick=ticks, data=st.data())
    def cancel(self, *, name, first, second, other, tick, data):
        operation = self._draw_legal(data, name)
        plan = self._plan(operation, name, first, second, other)
        self._cancelled(operation, name, plan, tick)

    @rule(first=behaviours, second=behaviours, tick=ticks)
    def cancel_unload(self, first, second, tick):
        """Cancel what must not be cut short."""
        self.bring_up(self.loner)
        plan = self._plan("unload", self.loner, first, second, None)
        self._cancelled("unload", self.loner, plan, tick)

    @rule(operation=withdrawals, stops=st.lists(behaviours, min_size=3, max_size=3), tick=ticks)
    def cancel_below_dependents(self, operation, stops, tick):
        """Cancel while what needs the plugin is being stopped."""
        self.bring_up("cat")
        self.bring_up("dog")
        plan = {
            (name, "stop"): stop for name, stop in zip(("bee", "cat", "dog"), stops, strict=True)
        }
        self._cancelled(operation, "ant", plan, tick)

    @rule(edge=edges, operation=withdrawals, stop=fine, start=behaviours, begin_at=ticks)
    def contend(self, edge, operation, stop, start, begin_at):
        """Start what needs a plugin while that is being stopped."""
        needed, needing = edge
        self.bring_up(needing)
        if self.world.status(needing) is S.ACTIVE:
            self._exactly("stop", needing, {})
        self.world.plan = {(needed, "stop"): stop, (needing, "start"): start}
        self._observe([Ask(operation, needed), Ask("start", needing, begin_at=begin_at)])
        self._resume()

    @rule(
        asked=st.lists(
            st.builds(Ask, operations, names, st.none() | ticks), min_size=2, max_size=4
        ),
        plan=st.dictionaries(st.tuples(names, st.sampled_from(METHODS)), behaviours, max_size=2),
    )
    def burst(self, asked, plan):
        self.world.plan = plan
        outcomes, _ = self._observe([Ask("broadcast"), *asked])
        for outcome in outcomes[1:]:
            if outcome.cancelled:
                assert outcome.result in CUT_SHORT
            else:
                assert outcome.result in (True, False, None, "AITBC-L01", KeyboardInterrupt)
        self._resume()

    @rule(asked=st.lists(operations, min_size=2, max_size=4), first=behaviours, second=behaviours)
    def burst_on_one(self, asked, first, second):
        """First come, first served: the same as one after another."""
        self.world.plan = {
            (self.loner, method): behaviour
            for method, behaviour in zip(METHODS, (first, second, second, first), strict=True)
        }
        outcomes, _ = self._observe([Ask(operation, self.loner) for operation in asked])
        for operation, outcome in zip(asked, outcomes, strict=True):
            self._expect_model(operation, self.loner, outcome.result)
        self._compare()

    @precondition(lambda self: any(entry.ended is None for entry in self.world.journal))
    @rule()
    def release(self):
        """Let abandoned calls end at last; nobody may care."""
        before = self._reports()
        count = len(self.world.journal)
        self.world.release_zombies()
        assert self._reports() == before
        assert len(self.world.journal) == count

    # The laws.

    @invariant()
    def laws(self):
        world = self.world
        if world is None:
            return
        world.check_needs()
        assert not world.trouble, world.trouble
        statuses = {name: world.status(name) for name in world.names}
        assert set(statuses.values()) <= set(RESTING)
        active = {name for name, status in statuses.items() if status is S.ACTIVE}
        assert sorted(world.manager.hooks.hook.poke()) == sorted(active)
        loaded = {name for name, status in statuses.items() if status is not S.UNLOADED}
        assert set(world.manager.list_plugins()) == loaded
        instances = world.manager.plugins
        assert active <= set(instances) <= loaded
        for name, instance in instances.items():
            assert instance.status is statuses[name]
            assert is_running(instance.entries) is (name in active)
            assert told_by(instance.entries) is statuses[name]
            assert any(entry.method == "initialize" for entry in instance.entries)
        for name in loaded - set(instances):
            assert statuses[name] is S.ERROR, "only a plugin that was not made has no instance"
        for plugin in {entry.plugin for entry in world.journal} - set(instances.values()):
            _expect_nothing_owed(plugin)
        for name in loaded:
            assert statuses[name] is not S.ERROR or world.manager.report(name).failure

    def teardown(self):
        if self.world is None:
            return
        try:
            self.world.settle()
            stuck = self.world.unload_all()
            self.laws()
            assert not stuck
            assert not self.world.leftovers()
        finally:
            type(self).reached |= self.model.reached
            self.world.close()

    # Helpers.

    def _rest(self, name, state):
        """Take a plugin that is UNLOADED to a resting state."""
        steps, fault = WAYS[state]
        plan = {(name, fault[0]): Behaviour(fault[1])} if fault else {}
        for operation in steps:
            self._exactly(operation, name, plan)

    def _draw_legal(self, data, name):
        status = self.world.status(name)
        return data.draw(st.sampled_from([op for op in OPERATIONS if (op, status) in ROWS]))

    def _plan(self, operation, name, first, second, other):
        asked = zip(reversed(ASKS[operation]), (first, second), strict=False)
        plan = {other[:2]: other[2]} if other else {}
        return plan | {(name, method): behaviour for method, behaviour in asked}

    def _exactly(self, operation, name, plan):
        self.world.plan = plan
        self.world.answers.clear()
        self.model.answers.clear()
        self.model.calls.clear()
        self.model.exact = True
        outcomes, entries = self._observe([Ask(operation, name)])
        self._expect_model(operation, name, outcomes[0].result)
        if not self.model.exact:
            self._resume()
            return
        called = sorted((entry.plugin.name, entry.method) for entry in entries)
        assert called == sorted(self.model.calls.elements())
        assert sorted(self.world.answers, key=str) == sorted(self.model.answers.elements(), key=str)
        self._compare()

    def _cancelled(self, operation, name, plan, tick):
        before, constructions = self._reports(), self.world.constructions
        self.world.plan = plan
        [outcome], entries = self._observe([Ask(operation, name, cancel_at=tick)])
        if not outcome.cancelled:
            self._expect_model(operation, name, outcome.result)
            self._compare()
            return
        assert outcome.result in CUT_SHORT
        begun = any(entry.plugin.name == name for entry in entries)
        if operation == "unload" and begun:  # it completes, as if undisturbed
            self._expect_model(operation, name, ANYTHING)
            self._compare()
            return
        if not entries and constructions == self.world.constructions and operation != "unload":
            assert self._reports() == before, "nothing was entered, so nothing may have changed"
        self._resume()

    def _observe(self, asked):
        count = len(self.world.journal)
        outcomes = self.world.run_all(asked)
        entries = self.world.journal[count:]
        interrupted = any(isinstance(entry.error, KeyboardInterrupt) for entry in entries)
        if interrupted:
            assert self.world.interrupted, "a KeyboardInterrupt was kept from the event loop"
        else:
            assert not self.world.leftovers(), "an operation returned before its work had ended"
        self.world.settle()
        return outcomes, entries

    def _expect_model(self, operation, name, result):
        expected = None
        try:
            if operation == "broadcast":
                self.model.broadcast()
            else:
                expected = self.model.perform(operation, name)
        except RefusedError as refusal:
            expected = refusal.code
        except InterruptError:
            expected = KeyboardInterrupt
        if self.model.exact:
            assert result == expected or result is ANYTHING

    def _compare(self):
        """Expect the manager to report what the model says."""
        expected = {
            plugin.name: (plugin.status, plugin.failure, plugin.errors, plugin.instance)
            for plugin in self.model.plugins.values()
        }
        assert self._reports() == expected

    def _resume(self):
        """Let the model go on from where the manager is; the laws judge whether it may be."""
        for name, (status, failure, errors, instance) in self._reports().items():
            plugin = self.model.plugins[name]
            plugin.status, plugin.failure, plugin.errors = status, failure, errors
            plugin.instance = plugin.owes_cleanup = instance
            plugin.receives = status is S.ACTIVE
            current = self.world.manager.plugins.get(name)
            plugin.quarantined = any(entry.abandoned for entry in getattr(current, "entries", ()))

    def _reports(self):
        reports = {name: self.world.manager.report(name) for name in self.world.names}
        return {
            name: (
                report.status,
                report.failure and report.failure.code,
                report.error_count,
                name in self.world.manager.plugins,
            )
            for name, report in reports.items()
        }


def _expect_nothing_owed(plugin):
    called = [entry.method for entry in plugin.entries]
    abandoned = any(entry.abandoned for entry in plugin.entries)
    assert called.count("cleanup") == 1 or abandoned, f"{plugin.name} was let go uncleaned"
    assert not is_running(plugin.entries), f"{plugin.name} was let go without stop()"


def machine_in(state_dir):
    """Return a machine class of one's own, whose hosts keep their data in `state_dir`."""
    return type("Machine", (LifecycleMachine,), {"state_dir": state_dir, "reached": set()})
