"""tox, with an installed plugin and the project's own toxfile.py."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["tox"]
PROJECT = "tox"


def test_tox_lists_the_environments_of_its_plugins(program_in):
    run = program_in.same("tox", "list")

    assert run.status == 0
    assert "from-plugin" in run.output
    assert run.managers


def test_tox_shows_its_plugins(program_in):
    assert "dropin-plugins-1.0" in program_in.same("tox", "--version").output


def test_tox_runs_environments_inside_the_plugins_hooks(program_in):
    run = program_in.same("tox", "run", "-e", "first,failing", "--greeting", "hi")

    assert run.status != 0
    assert "ran first" in run.output
    assert run.notes == [
        "core config",
        "before run in first: hi",
        "first in first",
        "after first: 0, 1 outcomes",
        "teardown of first",
        "before run in failing: hi",
        "first in failing",
        "after failing: 3, 1 outcomes",
        "teardown of failing",
    ]


def test_tox_runs_environments_side_by_side(program_in):
    run = program_in.same(
        "tox",
        "run-parallel",
        "-e",
        "first,second",
        reading=lambda run: (run.status, sorted(run.notes)),
    )
    assert run.status == 0
    assert "before run in second: hello" in run.notes


def test_a_disabled_plugin_is_left_out(program_in):
    run = program_in.same("tox", "list", env={"TOX_DISABLED_EXTERNAL_PLUGINS": "dropin"})

    assert "from-plugin" not in run.output
    assert run.notes == ["core config"]


def test_a_hook_that_tox_does_not_have_is_found_and_its_plugin_left_out(program_in):
    run = program_in.same("tox", "list", env={"UNKNOWN_HOOK": "1"})

    assert "skipping inline plugin" in run.output + run.errors
    assert run.notes == []
