"""pytest itself, with plugins from the index, and a plugin and a project of its own."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["pytest", "pytest-xdist", "pytest-asyncio", "pytest-mock", "pytest-timeout"]
PROJECT = "pytest"
OUTCOMES = "1 failed, 7 passed, 1 xfailed, 2 warnings, 1 error"


def test_a_projects_tests_have_the_same_outcomes(program_in):
    run = program_in.same("pytest", "-v", "-ra", "--dropin", "shown")

    assert "drop-in: shown" in run.output
    assert OUTCOMES in run.output
    assert "conftest registered" in run.notes
    at = run.notes.index("report test_number[1] setup: passed")
    assert run.notes[at + 1 : at + 4] == [
        "before test_number[1]",
        "after test_number[1]",
        "report test_number[1] call: passed",
    ]


def test_a_project_is_tested_in_several_processes(program_in):
    def unordered(run):
        return run.status, sorted(run.notes)

    run = program_in.same("pytest", "-n", "2", "-q", reading=unordered)
    assert OUTCOMES in run.output
    assert len(run.managers) == 4  # one of each process, and one of the run inside a test


def test_the_project_is_tested_while_every_hook_call_is_traced(program_in):
    run = program_in.same("pytest", "--debug", "trace.log", "-q", "-k", "outer")
    trace = (program_in.directory / "new" / "project" / "trace.log").read_text("utf-8")

    assert run.status != 0
    assert "pytest_dropin_answer [hook]" in trace
    assert "finish pytest_sessionfinish" in trace


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--trace-config", "--collect-only"], "dropin_pytest"),
        (["-p", "no:pytest_mock", "-q"], "fixture 'mocker' not found"),
        (["--fixtures", "-q"], "Ask the directory's own hooks."),
        (["--help"], "--dropin"),
        (["--version", "--version"], "dropin-plugins-1.0"),
    ],
)
def test_pytest_says_the_same_of_its_plugins(program_in, options, expected):
    run = program_in.same("pytest", *options)
    assert expected in run.output + run.errors


def test_an_error_in_a_fixture_is_reported_without_the_frames_of_hook_calls(program_in):
    run = program_in.same("pytest", "-q", "broken.py")

    assert "ValueError: in the fixture" in run.output
    assert "aitbc_hooks" not in run.output
