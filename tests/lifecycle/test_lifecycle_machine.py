"""The state machine, run; and proof that it reaches everything and lets nothing through."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from lifecycle_machine import machine_in
from lifecycle_model import DONE_ALREADY, ROWS
from lifecycle_mutants import MUTANTS

WALKS = settings(
    max_examples=150,
    stateful_step_count=15,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
HUNT = settings(WALKS, max_examples=400, phases=[Phase.generate], report_multiple_bugs=False)


def test_manager_and_model_agree_on_every_walk_and_the_walks_reach_everything(tmp_path):
    machine = machine_in(tmp_path)
    run_state_machine_as_test(machine, settings=WALKS)
    rows = {(*row, outcome) for row in ROWS for outcome in ("success", "failure")}
    done = {(*pair, "nothing to do") for pair in DONE_ALREADY}
    assert machine.reached >= rows | done


@pytest.mark.parametrize(
    ("place", "mutant"),
    [
        pytest.param(place, mutant, id=mutant.__name__)
        for place, mutants in MUTANTS.items()
        for mutant in mutants
    ],
)
def test_a_broken_driver_does_not_survive_the_walks(place, mutant, tmp_path, monkeypatch):
    monkeypatch.setattr(place, mutant)
    with pytest.raises(AssertionError):
        run_state_machine_as_test(machine_in(tmp_path), settings=HUNT)
