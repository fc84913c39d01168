"""Checks in a process of their own: whatever the plugin does to it, a report comes."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from aitbc_hooks.errors import PluginNotFoundError
from aitbc_hooks.testing.kit import CHECKS, Outcome, Verdict, conformance, examine_in_child
from aitbc_hooks.testing.kit.finding import find_plugin
from aitbc_hooks.testing.kit.processes.descendants import adopting, end_descendants
from aitbc_hooks.testing.kit.watching.holdings import Holdings

HEAD = """\
import ctypes, os, signal, subprocess, sys, time
from aitbc_hooks.testing.kit.sound import Sound


class Mine(Sound):
"""

SOUND = HEAD + "    pass\n"


def folder_with(text, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "plugin.py").write_text(text, "utf-8")
    return folder


def examined(body, tmp_path, **options):
    """Return the report on a plugin whose class has this body."""
    indented = "".join(f"    {line}\n" for line in body.splitlines())
    return examine_in_child(str(folder_with(HEAD + indented, tmp_path)), examples=5, **options)


def failed(report):
    return {result.id: result for result in report.failures()}


def test_a_report_from_a_child_is_that_of_this_process(tmp_path):
    folder = folder_with(SOUND, tmp_path)
    there = examine_in_child(str(folder), examples=5)
    here = conformance(find_plugin(str(folder)), folder=str(folder), where=str(folder), examples=5)
    assert there.verdict is Verdict.CONFORMANT
    assert there.json() == here.json()


def test_two_runs_with_one_seed_give_the_same_report(tmp_path):
    folder = folder_with(HEAD + "    async def start(self):\n        return None\n", tmp_path)
    first, second = (examine_in_child(str(folder), seed=7, examples=5) for _ in range(2))
    assert first.json() == second.json()
    assert first.verdict is Verdict.NON_CONFORMANT


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("async def start(self):\n    os._exit(3)", "it ended the process with status 3"),
        ("async def start(self):\n    ctypes.string_at(0)", "killed by SIGSEGV at plugin.py:7"),
        ("async def start(self):\n    os.kill(os.getpid(), 9)", "killed by SIGKILL"),
    ],
)
def test_a_plugin_that_ends_the_process_fails_the_check_that_was_run(body, told, tmp_path):
    report = examined(body, tmp_path)
    result = failed(report)["LIFE-01"]
    assert told in result.detail
    assert "await trial.start()" in result.program
    assert "find_plugin(" in result.program
    assert set(failed(report)) == {"LIFE-01"}
    assert len(report.results) == len(CHECKS)


def test_a_plugin_that_never_yields_control_fails_and_the_rest_is_done(tmp_path):
    body = "async def handle_event(self, event_type, data):\n    while True:\n        pass"
    report = examined(body, tmp_path)
    held = [r.id for r in report.failures() if "it held on to it at plugin.py:" in r.detail]
    assert set(held) & {"LIFE-06", "EVT-01"}
    assert report["LIFE-01"].outcome is Outcome.PASS
    assert not any("kit itself" in result.detail for result in report.results)


def test_a_plugin_that_blocks_every_signal_is_killed_after_a_silence(tmp_path):
    body = (
        "async def start(self):\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())\n"
        "    while True:\n        time.sleep.__self__ if False else sum(range(10**6))"
    )
    report = examined(body, tmp_path, silence=10.0)
    assert "no sign of life for 10 s" in failed(report)["LIFE-01"].detail


def test_a_module_that_fails_to_import_fails_the_first_check(tmp_path):
    folder = folder_with("import nothing_of_that_name\n", tmp_path)
    report = examine_in_child(str(folder))
    assert failed(report)["META-01"].detail == (
        f"[AITBC-P02] plugin {folder.name!r}: importing <folder>/{folder.name} raised "
        "ModuleNotFoundError: No module named 'nothing_of_that_name'."
    )
    assert {result.outcome for result in report.results} == {Outcome.FAIL, Outcome.INCONCLUSIVE}


def test_a_module_that_ends_the_process_fails_the_first_check(tmp_path):
    report = examine_in_child(str(folder_with("import os\nos._exit(4)\n", tmp_path)))
    assert failed(report)["META-01"].detail == (
        "it ended the process with status 4 when it was imported."
    )


def test_a_class_that_is_abstract_is_told_which_methods_are_missing(tmp_path):
    text = "from aitbc.plugins import BasePlugin\n\n\nclass Mine(BasePlugin):\n    pass\n"
    report = examine_in_child(str(folder_with(text, tmp_path)) + ":Mine")
    assert failed(report)["META-01"].detail.endswith(
        "leaves abstract methods unimplemented: cleanup, get_metadata, initialize, start, stop."
    )


def test_a_plugin_that_prints_megabytes_is_reported(tmp_path):
    body = "async def start(self):\n    print('x' * 3_000_000)\n    return True"
    assert examined(body, tmp_path).verdict is not Verdict.INCONCLUSIVE


def test_a_plugin_that_deletes_its_folder_deletes_a_copy(tmp_path):
    body = (
        "async def start(self):\n"
        "    import shutil, pathlib\n"
        "    shutil.rmtree(pathlib.Path(__file__).parent)\n"
        "    return True"
    )
    report = examined(body, tmp_path)
    assert (tmp_path / "mine" / "plugin.py").exists()
    assert failed(report)


def test_processes_that_a_plugin_detaches_are_held_against_it_and_ended(tmp_path):
    body = (
        "async def start(self):\n"
        "    subprocess.Popen(['sh', '-c', 'setsid sleep 3600 & exit 0']).wait()\n"
        "    return True"
    )
    before = Holdings.now()
    report = examined(body, tmp_path)
    assert "child process" in failed(report)["RES-02"].detail
    assert Holdings.now().beyond(before) == []


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    folder = folder_with(SOUND, tmp_path)
    before = Holdings.now()
    examine_in_child(str(folder), examples=5)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine"]
    assert [path.name for path in folder.iterdir()] == ["plugin.py"]
    assert Holdings.now().beyond(before) == []


def test_home_is_a_folder_of_its_own(tmp_path):
    body = (
        "async def start(self):\n"
        "    import pathlib\n"
        "    (pathlib.Path.home() / 'mine.txt').write_text('here')\n"
        "    return True"
    )
    report = examined(body, tmp_path)
    assert "mine.txt" in failed(report)["RES-04"].detail
    assert not Path.home().joinpath("mine.txt").exists()


def test_results_are_told_as_they_come(tmp_path):
    told = []
    folder = folder_with(SOUND, tmp_path)
    report = examine_in_child(str(folder), examples=5, on_result=told.append)
    assert {result.id for result in told} == set(CHECKS)
    assert sorted(told, key=lambda r: r.id) == sorted(report.results, key=lambda r: r.id)


def test_a_spent_budget_leaves_the_rest_inconclusive(tmp_path):
    report = examine_in_child(str(folder_with(SOUND, tmp_path)), budget=0.0)
    assert report.verdict is Verdict.INCONCLUSIVE
    assert report.exit_status == 8
    assert "the budget of 0 s is spent" in report["LIFE-01"].detail or (
        "needs" in report["LIFE-01"].detail
    )


def test_what_does_not_exist_is_refused_before_a_process_is_started():
    with pytest.raises(PluginNotFoundError, match="does not exist"):
        examine_in_child("./no/such/place")


def test_orphans_are_adopted_and_ended():
    before = Holdings.now()
    with adopting():
        os.system("sh -c 'setsid sleep 3600 & exit 0'")
        held = Holdings.now().beyond(before)
        end_descendants()
    assert held in ([], ["child process sleep"]) if sys.platform != "linux" else held
    assert Holdings.now().beyond(before) == []
