"""kedro, which traces every hook call, with installed hooks and the project's own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["kedro"]
PROJECT = "kedro"
RUN = [
    "before the run of 2 nodes",
    "the project, last",
    "before make",
    "saved numbers: [1, 2, 3]",
    "after make: {'numbers': [1, 2, 3]}",
    "before add",
    "saved total: 16",
    "after add: {'total': 16}",
]


def test_kedro_lists_the_hooks_of_its_plugins(program_in):
    assert "dropin_kedro: 1.0" in program_in.same("kedro", "info").output


@pytest.mark.parametrize("runner", ["SequentialRunner", "ThreadRunner"])
def test_a_pipeline_runs_inside_the_plugins_hooks(program_in, runner):
    run = program_in.same("kedro", "run", "--env", "base", "--runner", runner)

    assert run.status == 0, run.errors
    assert sorted(run.notes) == sorted(RUN)
    assert run.managers


def test_a_disabled_plugin_is_left_out(program_in):
    command = ["kedro", "run", "--env", "base"]
    run = program_in.same(*command, env={"DISABLED": "dropin-plugins"})

    assert run.status == 0, run.errors
    assert run.notes == ["the project, last", "saved numbers: [1, 2, 3]", "saved total: 6"]


def test_the_error_of_a_pipeline_reaches_the_plugin(program_in):
    run = program_in.same("kedro", "run", "--env", "base", "--pipeline", "failing")

    assert run.status != 0
    assert run.notes[-1] == "failed with too much: 16"
