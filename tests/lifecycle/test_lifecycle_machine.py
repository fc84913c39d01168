"""The state machine, run; and proof that it reaches everything and lets nothing through."""

from __future__ import annotations

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from lifecycle_machine import machine_in
from lifecycle_model import DONE_ALREADY, ROWS

PROFILE = settings(
    max_examples=100,
    stateful_step_count=15,
    deadline=None,
    database=None,
    derandomize=True,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)


def test_manager_and_model_agree_on_every_walk(tmp_path):
    machine = machine_in(tmp_path)
    run_state_machine_as_test(machine, settings=PROFILE)
    rows = {(*row, outcome) for row in ROWS for outcome in ("success", "failure")}
    done = {(*pair, "nothing to do") for pair in DONE_ALREADY}
    assert machine.reached >= rows | done
