"""Plays scenarios of the grid on one manager, and holds each against the model and the laws."""

from __future__ import annotations

import contextlib
from collections import Counter

import attrs
from lifecycle_asking import Ask
from lifecycle_faults import Behaviour, Fault
from lifecycle_grid import TURNS, Scenario
from lifecycle_histories import Seen, explain, perform
from lifecycle_laws import expect_the_laws, expected_reports, report, reports
from lifecycle_model import Model, ModelPlugin
from lifecycle_states import WAYS
from lifecycle_world import World

from aitbc_hooks.interfaces import PluginStatus as S

SUBJECT, BYSTANDER = "ant", "bee"


class Bench:
    """One manager, on which scenario after scenario is played, each with a new driver.

    A second plugin is ACTIVE throughout, and the program itself has subscribed to events: neither
    may miss anything.

    Args:
        state_dir: Where the host keeps its data.
        deviating: Whether scenarios may deviate from first come, first served.

    Attributes:
        played: How many scenarios were played, each deviation being one.
        deviations: How many of them were deviations.
        spared: How many were not, because they would have been the same as one that was.
        reached: (operation, status, outcome) of everything that was performed as the model says.
        effects: What a cancellation has come to -> how often.
    """

    def __init__(self, state_dir, *, deviating=False):
        needs = {BYSTANDER: (), SUBJECT: ()}
        choose = _first if deviating else None
        self.world = World(needs, declared=False, state_dir=state_dir, choose=choose)
        self.model = Model(needs, self.world.behaviour, declared=False)
        self.deviating = deviating
        self.played = self.deviations = self.spared = 0
        self.reached = set()
        self.effects = Counter()

    def __enter__(self):
        try:
            self._perform(["load", "start"], BYSTANDER)
        except BaseException:
            self.world.close()
            raise
        return self

    def __exit__(self, *_):
        self.world.close()

    def sweep(self, case):
        """Play a case undisturbed, then with its cancellation in every turn that makes a difference.

        Once an operation has ended, or only clocks can move it, all later turns are the same.
        """
        self._play_all(Scenario(case))
        for turn in TURNS:
            if not self._play_all(Scenario(case, turn)):
                self.spared += TURNS[-1] - turn
                return

    def complete(self, cases):
        """Whether every scenario of the cases was played or is the same as one that was."""
        return self.played - self.deviations + self.spared == len(cases) * (1 + len(TURNS))

    def _play_all(self, scenario):
        """Play a scenario, and each deviation from it; return whether later turns may differ."""
        choices = []
        differs = _may_differ(self.play(scenario, choices))
        for at, ready in enumerate(choices if self.deviating else ()):
            for index in range(1, ready):
                outcome = self.play(attrs.evolve(scenario, deviation=(at, index)))
                differs = differs or _may_differ(outcome)
        return differs

    def play(self, scenario, choices=None):
        """Play one scenario, from UNLOADED to UNLOADED.

        Args:
            scenario: What to play.
            choices: Gets the number of ready steps at each choice, from a bench that deviates.

        Returns:
            The outcome of its operation.
        """
        self.played += 1
        self.deviations += scenario.deviation is not None
        try:
            self._rest(scenario.case.state)
            outcome = self._act(scenario, Choices(scenario.deviation, choices))
            self._end()
        except BaseException as error:
            error.add_note(f"in the scenario {scenario}")
            raise
        return outcome

    def _perform(self, operations, name):
        results = self.world.run_each(operations, name)
        assert results == [perform(self.model, operation, name) for operation in operations]

    def _rest(self, state):
        self.world.renew(SUBJECT)
        self.world.journal.clear()
        self.model.plugins[SUBJECT] = ModelPlugin(SUBJECT, (), declared=False)
        steps, fault = WAYS[state]
        self.world.plan = {(SUBJECT, fault[0]): Behaviour(fault[1])} if fault else {}
        self._perform(steps, SUBJECT)

    def _act(self, scenario, choose):
        case, turn = scenario.case, scenario.turn
        self.world.plan = {(SUBJECT, method): behaviour for method, behaviour in case.plan}
        asked = [Ask(case.operation, SUBJECT, cancel_at=turn)]
        if case.rival:
            asked.append(Ask(case.rival[0], SUBJECT, begin_at=case.rival[1]))
        with self._hearing(asked) as heard:
            seen = self._observe(asked, choose)
        expect_the_laws(self.world)
        self._judge_events(seen, heard)
        history = self._judge(seen, in_order=scenario.deviation is None)
        if turn is not None:
            published = case.operation == "broadcast" and len(heard) == seen.events
            self.effects[_effect(seen, history, published=published)] += 1
        return seen.outcomes[0]

    def _observe(self, asked, choose):
        world = self.world
        count = len(world.journal)
        if self.deviating:
            world.choose = choose
        outcomes = world.run_all(asked)
        world.choose = None
        if not (outcomes[0].cancelled and asked[0].operation == "broadcast"):
            assert not world.leftovers(), "an operation returned before its work had ended"
        world.settle()
        entries = [entry for entry in world.journal[count:] if entry.plugin.name == SUBJECT]
        latest = world.latest.get(SUBJECT)
        return Seen(
            SUBJECT,
            tuple(asked),
            tuple(outcomes),
            tuple(entries),
            report(world, SUBJECT),
            latest and latest.path,
        )

    @contextlib.contextmanager
    def _hearing(self, asked):
        """Collect the events that reach the program itself, after the subject."""
        heard = []
        del self.world.latest[BYSTANDER].entries[2:]  # what it was brought up with
        if all(ask.operation != "broadcast" for ask in asked):
            yield heard
            return
        bus = self.world.manager.events
        subscription = bus.subscribe("test.#", lambda *event: heard.append(event))
        try:
            yield heard
        finally:
            bus.unsubscribe(subscription)

    def _judge_events(self, seen, heard):
        left = seen.outcomes[0].cancelled and 0 not in seen.operations
        bystander = self.world.latest[BYSTANDER]
        assert seen.events - left <= len(heard) <= seen.events
        assert len(bystander.entries) - 2 == len(heard), "an event has reached one, and another not"
        assert all(entry.ended is not None for entry in bystander.entries)
        got = len(seen.handlings)
        if seen.operations:
            assert got <= len(heard)
        elif self.model.plugins[SUBJECT].receives:
            stuck = any(entry.behaviour.fault is Fault.STUBBORN for entry in seen.handlings)
            assert got == (min(1, len(heard)) if stuck else len(heard))
        else:
            assert got == 0

    def _judge(self, seen, *, in_order):
        history = explain(self.model, self.world.behaviour, seen, in_order=in_order)
        self.reached |= history.model.reached
        self.model.plugins = history.model.plugins
        return history

    def _end(self):
        """Unload what is there; nobody else has noticed anything."""
        self.world.plan = {}
        self._perform(["unload"], SUBJECT)
        assert reports(self.world) == expected_reports(self.model)
        if any(entry.ended is None for entry in self.world.journal):
            self.world.release_zombies()
        expect_the_laws(self.world)
        assert self.world.status(BYSTANDER) is S.ACTIVE
        assert not self.world.leftovers()


class Choices:
    """Chooses the first of the ready steps, but once."""

    def __init__(self, deviation, choices):
        self._at, self._index = deviation or (None, 0)
        self._choices = [] if choices is None else choices

    def __call__(self, ready):
        at = len(self._choices)
        self._choices.append(ready)
        return min(self._index, ready - 1) if at == self._at else 0


def _first(ready):
    return 0


def _may_differ(outcome):
    return outcome.cancelled and not outcome.settled


def _effect(seen, history, *, published):
    """Name what the cancellation of the first operation has come to."""
    [outcome, *_], [ask, *_] = seen.outcomes, seen.asked
    if not outcome.cancelled:
        return "too late"
    if 0 not in history.order and not published:
        return "nothing had happened"
    if ask.operation == "broadcast":
        return "the publisher has left"
    if ask.operation == "unload":
        return "an unload was completed"
    return _effect_on(seen.calls[0]) if seen.calls else "the plugin could not be made"


def _effect_on(call):
    if call.abandoned:
        return "the method was abandoned"
    if call.good:
        return "the method succeeded all the same"
    return "the method failed" if call.error is None else "the method was cut short"
