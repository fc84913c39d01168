"""The manager and the model side by side: any operations, any faults, and every law after each.

The scheduled machine draws which of the tasks that are ready goes on, too.
"""

from __future__ import annotations

import asyncio

from hypothesis import note
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from lifecycle_asking import Ask
from lifecycle_draws import (
    asked,
    behaviours,
    edges,
    faulty,
    fine,
    handlings,
    names,
    operations,
    others,
    requests,
    rows,
    states,
    ticks,
    timeless,
    transitions,
    withdrawals,
)
from lifecycle_faults import METHODS, OPERATIONS, Behaviour
from lifecycle_histories import Seen, explain
from lifecycle_laws import expect_the_laws, expected_reports, report, reports
from lifecycle_model import InterruptError, Model, RefusedError
from lifecycle_rules import ROWS
from lifecycle_states import ASKS, WAYS
from lifecycle_world import World

from aitbc_hooks.interfaces import PluginStatus as S

CHAIN = {"ant": (), "bee": ("ant",), "cat": ("bee",), "dog": ()}
DIAMOND = {"ant": (), "bee": ("ant",), "cat": ("ant",), "dog": ("bee", "cat"), "eel": ()}

ANYTHING = object()
CANCELLED = (asyncio.CancelledError, KeyboardInterrupt)


class LifecycleMachine(RuleBasedStateMachine):
    """Compares exactly where one operation runs at a time; else lets the journal be the judge."""

    # Set by `machine_in`.
    state_dir = ""
    scheduled = False
    reached = arrows = frozenset()

    def __init__(self):
        super().__init__()
        self.world = self.model = None

    @initialize(
        diamond=st.booleans(),
        declared=st.booleans(),
        rest=st.lists(states, min_size=5, max_size=5),
        data=st.data(),
    )
    def begin(self, diamond, declared, rest, data):
        needs = DIAMOND if diamond else CHAIN
        self.loner = "eel" if diamond else "dog"
        choose = data.draw(st.randoms()).randrange if self.scheduled else None
        self.world = World(needs, declared=declared, state_dir=self.state_dir, choose=choose)
        self.model = Model(needs, self.world.behaviour, declared=declared)
        for name, state in zip(needs, rest, strict=False):
            self._rest(name, state)

    # One operation at a time.

    @rule(operation=operations, name=names, first=behaviours, second=behaviours, other=others)
    def operate(self, operation, name, first, second, other):
        self._exactly(operation, name, self._plan(operation, name, first, second, other))

    @rule(name=names, row=rows, first=fine | faulty | faulty, second=behaviours)
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

    @rule(
        name=names,
        handling=handlings | st.builds(Behaviour, request=transitions),
        to_all=st.booleans(),
    )
    def broadcast(self, name, handling, to_all):
        """Let the event handlers be fine, but for one."""
        if to_all:
            self.bring_up("cat")
            self.bring_up("dog")
        self._exactly("broadcast", "", {(name, "handle_event"): handling})

    # Cancelled and concurrent ones.

    @rule(name=names, first=behaviours, second=behaviours, other=others, tick=ticks, data=st.data())
    def cancel(self, *, name, first, second, other, tick, data):
        operation = self._draw_legal(data, name)
        plan = self._plan(operation, name, first, second, other)
        self._cancelled(operation, name, plan, tick)

    @rule(name=names, row=rows, first=behaviours, second=behaviours, tick=ticks)
    def cancel_by_the_table(self, name, row, first, second, tick):
        state, operation = row
        self._exactly("unload", name, {})
        self._rest(name, state)
        plan = self._plan(operation, name, first, second, None)
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
        asked=st.lists(st.builds(Ask, asked, names, st.none() | ticks), min_size=2, max_size=4),
        plan=st.dictionaries(st.tuples(names, st.sampled_from(METHODS)), behaviours, max_size=2),
        handling=st.dictionaries(st.tuples(names, st.just("handle_event")), handlings, max_size=2),
    )
    def burst(self, asked, plan, handling):
        self.world.plan = plan | handling
        outcomes, _ = self._observe([Ask("broadcast"), *asked])
        for outcome in outcomes[1:]:
            if outcome.cancelled:
                assert outcome.result in CANCELLED
            else:
                assert outcome.result in (True, False, None, "AITBC-L01", KeyboardInterrupt)
        self._resume()

    @rule(asked=st.lists(operations, min_size=2, max_size=4), first=behaviours, second=behaviours)
    def burst_on_one(self, asked, first, second):
        """First come, first served: the same as one after another."""
        behaviours = zip(METHODS, (first, second, second, first), strict=True)
        plan = {(self.loner, method): behaviour for method, behaviour in behaviours}
        self._linearly([Ask(operation, self.loner) for operation in asked], plan)
        self._compare()

    @rule(
        operation=withdrawals,
        events=st.integers(1, 3),
        handling=handlings,
        stop=behaviours,
        begin_at=ticks,
    )
    def withdraw_from_events(self, operation, events, handling, stop, begin_at):
        """Let a plugin go that has an event at hand, and more waiting."""
        self.bring_up(self.loner)
        plan = {(self.loner, "handle_event"): handling, (self.loner, "stop"): stop}
        asked = [Ask("broadcast")] * events + [Ask(operation, self.loner, begin_at=begin_at)]
        self._linearly(asked, plan)
        self._resume()

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
        if self.world is None:
            return
        expect_the_laws(self.world)
        paths = {name: plugin.path for name, plugin in self.world.manager.plugins.items()}
        assert paths == {name: self.model.plugins[name].path for name in paths}

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
            type(self).arrows |= self.world.arrows
            if self.scheduled:
                note(str(self.world.loop.schedule()))
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
        assert called == sorted(self.model.calls)
        assert sorted(self.world.answers, key=str) == sorted(self.model.answers.elements(), key=str)
        self._compare()

    def _linearly(self, asked, plan):
        """Perform what concerns the loner alone, and expect some order to explain it."""
        self.world.plan = plan
        outcomes, entries = self._observe(asked)
        entries = [entry for entry in entries if entry.plugin.name == self.loner]
        latest = self.world.latest.get(self.loner)
        told = report(self.world, self.loner)
        seen = Seen(self.loner, asked, outcomes, entries, told, latest and latest.path)
        history = explain(self.model, self.world.behaviour, seen, in_order=not self.scheduled)
        self.model.plugins = history.model.plugins
        self.model.reached |= history.model.reached

    def _cancelled(self, operation, name, plan, tick):
        before, constructions = self._reports(), self.world.constructions
        self.world.plan = plan
        [outcome], entries = self._observe([Ask(operation, name, cancel_at=tick)])
        if not outcome.cancelled:
            self._expect_model(operation, name, outcome.result)
            self._compare()
            return
        assert outcome.result in CANCELLED
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
        elif not any(
            o.cancelled and a.operation == "broadcast" for o, a in zip(outcomes, asked, strict=True)
        ):
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
        assert self._reports() == expected_reports(self.model)

    def _resume(self):
        """Let the model go on from where the manager is; the laws judge whether it may be."""
        for name, (status, failure, errors, instance) in self._reports().items():
            plugin = self.model.plugins[name]
            plugin.status, plugin.failure, plugin.errors = status, failure, errors
            plugin.instance = plugin.owes_cleanup = instance
            plugin.receives = status is S.ACTIVE
            latest = self.world.latest.get(name)
            plugin.path = latest.path if latest else ()
            entries = [entry for entry in latest.entries if entry.abandoned] if instance else []
            plugin.quarantined = any(entry.method in METHODS for entry in entries)
            plugin.deaf = any(entry.method == "handle_event" for entry in entries)

    def _reports(self):
        return reports(self.world)


def machine_in(state_dir, *, scheduled=False):
    """Return a machine class of one's own, whose hosts keep their data in `state_dir`."""
    space = {"state_dir": state_dir, "scheduled": scheduled, "reached": set(), "arrows": set()}
    return type("Machine", (LifecycleMachine,), space)
