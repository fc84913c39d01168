"""The small-scope grid, played on a manager: exhaustively, and with every single deviation."""

from __future__ import annotations

import pytest
from lifecycle_bench import Bench
from lifecycle_grid import CALLED, CELLS, TURNS, Scenario, every_case, plain_cases, usual_cases
from lifecycle_rules import ARROWS, OUTCOMES

cells = pytest.mark.parametrize("cell", CELLS, ids=" -- ".join)

#: What a cancellation comes to where something can happen at all.
EFFECTS = {
    "unload": {"an unload was completed"},
    "broadcast": {"the publisher has left"},
    "load": {
        "the plugin could not be made",
        "the method was cut short",
        "the method succeeded all the same",
        "the method failed",
        "the method was abandoned",
    },
}
EFFECTS["start"] = EFFECTS["stop"] = EFFECTS["load"] - {"the plugin could not be made"}


@cells
def test_manager_and_model_agree_on_everything_that_one_plugin_can_meet(cell, state_dir):
    found = usual_cases([cell])
    with Bench(state_dir) as bench:
        for case in found:
            bench.sweep(case)
        assert bench.complete(found)
        effects = {"nothing had happened", "too late"}
        if cell in CALLED or cell == ("error with an abandoned call", "unload"):
            effects |= EFFECTS[cell[1]]
        assert set(bench.effects) == effects


@pytest.mark.parametrize("cell", CALLED, ids=" -- ".join)
def test_order_among_tasks_that_are_ready_makes_no_difference(cell, state_dir):
    found = plain_cases([cell])
    with Bench(state_dir, deviating=True) as bench:
        for case in found:
            bench.sweep(case)
        assert bench.deviations
        assert bench.complete(found)


def test_undisturbed_operations_reach_every_outcome_of_the_table_and_every_arrow(state_dir):
    with Bench(state_dir) as bench:
        for case in usual_cases():
            if case.rival is None:
                bench.play(Scenario(case))
        assert bench.reached == OUTCOMES
        assert bench.world.arrows == ARROWS


def test_the_grid_is_as_large_as_its_product():
    called = {"load": 9 + 3, "start": 2 * 9, "stop": 9, "unload": 3 * 9, "broadcast": 2 * 6}
    single, double = 1 + 8 + 8, 8 * 8  # an unload of what is ACTIVE calls two methods
    plans = sum(called.values()) + single + (7 * 5 - 9)
    turns, rivals = 1 + 13, 1 + 5 * 2
    assert len(usual_cases()) * turns == (plans * rivals + double) * turns == 19_530
    assert len(every_case()) * turns == (plans + double) * rivals * turns == 28_490
    assert len(set(every_case())) == len(every_case())


def test_the_turns_outlast_the_longest_operation_that_waits_for_no_clock(state_dir):
    with Bench(state_dir) as bench:
        last = [bench.play(Scenario(case, TURNS[-1])) for case in plain_cases()]
    assert not any(outcome.cancelled for outcome in last)


@pytest.mark.nightly
@cells
def test_manager_and_model_agree_on_everything_with_any_one_deviation(cell, state_dir):
    found = every_case([cell])
    with Bench(state_dir, deviating=True) as bench:
        for case in found:
            bench.sweep(case)
        assert bench.complete(found)


@pytest.mark.nightly
@cells
def test_a_turn_that_is_spared_makes_no_difference(cell, state_dir):
    with Bench(state_dir) as bench:
        for case in every_case([cell]):
            outcomes = [bench.play(Scenario(case, turn)) for turn in TURNS]
            ends = [not outcome.cancelled or outcome.settled for outcome in outcomes]
            if True in ends:
                assert len(set(outcomes[ends.index(True) :])) == 1
