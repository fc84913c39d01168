"""The state machine, run; and proof that it reaches everything."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from lifecycle_machine import machine_in
from lifecycle_rules import ARROWS, OUTCOMES

WALKS = settings(
    max_examples=150,
    stateful_step_count=15,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def test_manager_and_model_agree_on_every_walk_and_the_walks_reach_everything(state_dir):
    machine = machine_in(state_dir)
    run_state_machine_as_test(machine, settings=WALKS)
    assert machine.reached == OUTCOMES
    assert machine.arrows == ARROWS


@pytest.mark.nightly
def test_manager_and_model_agree_on_long_walks_however_tasks_are_scheduled(state_dir):
    machine = machine_in(state_dir, scheduled=True)
    long = settings(WALKS, max_examples=2000, stateful_step_count=20)
    run_state_machine_as_test(machine, settings=long)
    assert machine.reached == OUTCOMES
    assert machine.arrows == ARROWS
