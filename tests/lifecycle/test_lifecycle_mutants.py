"""Every broken manager is found out, by each of the tiers that it names."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from lifecycle_bench import Bench
from lifecycle_broken import DEVIATIONS, GRID, KNOWN, WALKS
from lifecycle_grid import Scenario, plain_cases, usual_cases
from lifecycle_machine import machine_in
from lifecycle_mutants import DRIVERS
from lifecycle_mutants_beside import BUSES, DELIVERIES, DEPENDENCIES
from lifecycle_wrong_tables import wrong_tables

from aitbc_hooks.errors import LifecycleError

MUTANTS = [*DRIVERS, *DEPENDENCIES, *BUSES, *DELIVERIES]

HUNT = settings(
    max_examples=400,
    stateful_step_count=15,
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
    report_multiple_bugs=False,
)


def hunt_on_the_grid(state_dir):
    """Play what the grid has, in an order in which most faults show soon."""
    cases = usual_cases()
    alone = [case for case in cases if case.rival is None]
    quick = [case for case in cases if not case.faults or case.operation == "broadcast"]
    with Bench(state_dir) as bench:
        for case in [*alone, *quick]:
            bench.play(Scenario(case))
        for case in [*alone, *cases]:
            bench.sweep(case)


def hunt_on_the_grid_with_a_deviation(state_dir):
    with Bench(state_dir, deviating=True) as bench:
        for case in plain_cases():
            bench.sweep(case)


def hunt_on_walks(state_dir):
    run_state_machine_as_test(machine_in(state_dir), settings=HUNT)


HUNTS = {
    GRID: hunt_on_the_grid,
    DEVIATIONS: hunt_on_the_grid_with_a_deviation,
    WALKS: hunt_on_walks,
}


@pytest.mark.parametrize(
    ("mutant", "tier"),
    [
        pytest.param(mutant, tier, id=f"{mutant} on {tier}")
        for mutant in MUTANTS
        for tier in mutant.tiers
    ],
)
def test_a_broken_manager_is_found_out(mutant, tier, state_dir, monkeypatch):
    monkeypatch.setattr(mutant.place, mutant.broken)
    with pytest.raises(AssertionError):
        HUNTS[tier](state_dir)


def test_all_the_broken_managers_that_are_known_are_among_them():
    assert {mutant.known_as for mutant in MUTANTS} == KNOWN | {None}


def test_every_wrong_cell_of_the_table_is_found_out_on_the_grid(state_dir, monkeypatch):
    alone = [case for case in usual_cases() if case.rival is None]
    survivors, wrongs = [], list(wrong_tables())
    assert len(wrongs) == 135
    for operation, what, place, wrong in wrongs:
        cases = sorted(alone, key=lambda case: case.operation != operation.value)
        with monkeypatch.context() as patch:
            patch.setattr(place, wrong)
            if survives(cases, state_dir):
                survivors.append(what)
    assert not survivors


def survives(cases, state_dir):
    try:
        with Bench(state_dir) as bench:
            for case in cases:
                bench.play(Scenario(case))
    except (AssertionError, LifecycleError, KeyError):  # the bench may not even be set up
        return False
    return True
