"""``pytest --aitbc-plugin``: the checks of named plugins as items of a pytest run."""

from __future__ import annotations

import importlib.metadata
import json
import os
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import jsonschema
import pytest

from aitbc_hooks.testing.kit import CHECKS, UNTESTED
from aitbc_hooks.testing.kit.forms import schema

TESTS = Path(__file__).parents[1]
ALL = len(CHECKS) + len(UNTESTED)

PLUGINS = """
import asyncio, os
from pathlib import Path
from aitbc_hooks import AIPlugin
from sound_plugin import Sound


class Remote(Sound, AIPlugin):
    async def predict(self, input_data):
        await asyncio.open_connection("127.0.0.1", 1)

    async def train(self, training_data):
        return True

    def get_model_info(self):
        return {"name": "remote", "trained": True}


class Advised(Sound):
    name = "advised"
    cleaned = False

    async def cleanup(self):
        was, self.cleaned = self.cleaned, True
        return not was


class Late(Sound):
    name = "late"

    async def start(self):
        return None


class Endless(Sound):
    async def initialize(self):
        Path(os.environ["TOLD"]).write_text(str(os.getpid()))
        while True:
            pass
"""


def make_folder(folder):
    (folder / "mine.py").write_text(PLUGINS)
    (folder / "test_other.py").write_text("def test_other():\n    pass\n")
    (folder / "pytest.ini").write_text("[pytest]\n")
    return folder


@pytest.fixture
def folder(tmp_path):
    return make_folder(tmp_path)


def command(*options):
    plugin = ["-p", "aitbc_hooks.pytest_plugin", "-p", "no:cacheprovider"]
    return [sys.executable, "-m", "pytest", *plugin, *map(str, options)]


def environment(**more):
    path = os.pathsep.join([str(TESTS), *filter(None, sys.path)])
    # The plugin is named, so that it is there once, with its entry point or without.
    alone = {"PYTHONPATH": path, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "COLUMNS": "200"}
    return {**os.environ, **alone, **more}


def run(folder, *options, **more):
    return subprocess.run(
        command(*options),
        cwd=folder,
        env=environment(**more),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def outcomes(done):
    """Return item -> outcome of a run with ``-v``."""
    lines = [line.split() for line in done.stdout.splitlines() if "::" in line and "%]" in line]
    return {words[0]: words[1] for words in lines}


# One run of two plugins with everything that can be asked for.


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = make_folder(tmp_path_factory.mktemp("whole"))
    (folder / "xfails").write_text("# known\nLIFE-01  see #12\n")
    options = ["--aitbc-plugin", "mine:Advised", "--aitbc-plugin", "mine:Late", "-v", "-ra"]
    reports = [f"--aitbc-report=report-{{plugin}}.{suffix}" for suffix in ("json", "xml", "svg")]
    more = ["--aitbc-xfails=xfails", "--aitbc-seed=7", "--junitxml=own.xml"]
    done = run(folder, *options, *reports, *more)
    return folder, done


def test_each_plugin_has_an_item_for_each_check_and_nothing_else_runs(whole):
    found = outcomes(whole[1])
    assert len(found) == 2 * ALL
    assert {name.rpartition("::")[0] for name in found} == {"mine:Advised", "mine:Late"}
    assert {f"mine:Advised::{check.label}" for check in CHECKS.values()} < found.keys()


def test_an_item_has_the_outcome_that_a_test_of_the_suite_has(whole):
    found = outcomes(whole[1])
    assert found["mine:Advised::MUST-META-01"] == "PASSED"
    assert found["mine:Advised::SHOULD-LIFE-04"] == "XFAIL"
    assert found["mine:Advised::MUST-EVT-02"] == "SKIPPED"
    assert found["mine:Advised::UNTESTED-SPEC-01"] == "SKIPPED"
    assert found["mine:Late::MUST-LIFE-02"] == "SKIPPED"
    assert "SHOULD-LIFE-04 - advisory: a second cleanup()" in whole[1].stdout.replace(
        "reason: ", ""
    )


def test_a_declared_failure_is_expected_and_fails_where_it_does_not_happen(whole):
    found = outcomes(whole[1])
    assert found["mine:Late::MUST-LIFE-01"] == "XFAIL"
    assert found["mine:Advised::MUST-LIFE-01"] == "FAILED"
    assert "MUST-LIFE-01 passes, and is declared to fail (see #12)." in whole[1].stdout
    assert [name for name, outcome in found.items() if outcome == "FAILED"] == [
        "mine:Advised::MUST-LIFE-01"
    ]


def test_the_reports_are_written_for_each_plugin(whole):
    folder, done = whole
    documents = {}
    for name in ("advised", "late"):
        documents[name] = json.loads((folder / f"report-{name}.json").read_text())
        jsonschema.validate(documents[name], schema())
        ET.parse(folder / f"report-{name}.xml")
        ET.parse(folder / f"report-{name}.svg")
        assert f"{name}: {folder}/report-{name}.json written" in done.stdout
    assert documents["advised"]["verdict"] == "CONFORMANT (with advisories)"
    assert documents["late"]["verdict"] == "NON-CONFORMANT"
    assert documents["late"]["stamp"]["seed"] == 7


def test_the_run_says_its_seed_first_and_the_verdicts_last(whole):
    lines = whole[1].stdout.splitlines()
    assert "aitbc: mine:Advised, mine:Late; level MUST, seed 7" in lines
    assert "advised: CONFORMANT (with advisories)" in lines
    assert "late: NON-CONFORMANT" in lines


def test_the_junit_report_of_pytest_has_level_and_source_and_the_time_of_each_check(whole):
    root = ET.parse(whole[0] / "own.xml").getroot()
    own = {case.get("name"): case for case in root.iter("testcase") if of(case, "mine:Advised")}
    about = {p.get("name"): p.get("value") for p in own["SHOULD-LIFE-04"].iter("property")}
    assert about == {"level": "SHOULD", "source": CHECKS["LIFE-04"].source}
    for case in ET.parse(whole[0] / "report-advised.xml").getroot().iter("testcase"):
        # pytest adds what it took itself
        assert float(own[case.get("name")].get("time")) >= float(case.get("time"))


def of(case, target):
    return case.get("classname") == target


# What is collected.


@pytest.fixture
def told(tmp_path_factory):
    """Where `Endless` tells that it runs; the kit protects the plugin's own folder."""
    return tmp_path_factory.mktemp("told") / "told"


def test_the_checks_can_be_listed_without_running_any(folder, told):
    done = run(folder, "--aitbc-plugin=mine:Endless", "--collect-only", "-q", TOLD=str(told))
    assert done.returncode == 0
    names = [line for line in done.stdout.splitlines() if "::" in line]
    assert len(names) == ALL
    assert "mine:Endless::MUST-LIFE-05" in names
    assert not told.exists()


def test_with_paths_both_run(folder):
    done = run(folder, "--aitbc-plugin=mine:Late", "-v", "-k", "other or META-01", "test_other.py")
    assert outcomes(done) == {
        "test_other.py::test_other": "PASSED",
        "mine:Late::MUST-META-01": "PASSED",
    }
    assert "NON-CONFORMANT" not in done.stdout  # what nobody asks for is not waited for


def test_a_plugin_may_be_named_by_its_path(folder):
    own = folder / "my-plugin"
    own.mkdir()
    (own / "plugin.py").write_text("from sound_plugin import Sound\nclass Mine(Sound): pass\n")
    done = run(folder, "--aitbc-plugin=./my-plugin", "-v", "-k", "META-01")
    assert outcomes(done) == {"my-plugin::MUST-META-01": "PASSED"}


def test_a_plugin_that_does_not_exist_is_an_error_of_one_sentence(folder):
    done = run(folder, "--aitbc-plugin=mailr", "-k", "META-01")
    assert done.returncode == pytest.ExitCode.INTERRUPTED
    assert "no installed plugin has that name" in done.stdout
    assert "finding.py" not in done.stdout


def test_a_module_that_cannot_be_imported_is_a_failed_check(folder):
    (folder / "broken.py").write_text("import no_such_module\n")
    done = run(folder, "--aitbc-plugin=broken:Mine", "-v", "-k", "META-01 or LIFE-01")
    assert outcomes(done) == {
        "broken:Mine::MUST-META-01": "FAILED",
        "broken:Mine::MUST-LIFE-01": "SKIPPED",
    }
    assert "no_such_module" in done.stdout


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (
            ["--aitbc-xfails=xfails"],
            "No check is called 'LIFE-4', whose failure is expected (near:",
        ),
        (["--aitbc-xfails=nowhere"], "--aitbc-xfails: [Errno 2] No such file"),
        (["--aitbc-report=out.pdf"], "out.pdf has to end in .json, .xml, .svg, .txt."),
        (["--aitbc-report=nowhere/out.json"], "nowhere is no folder."),
        (["--aitbc-plugin=b", "--aitbc-report=out.json"], "put {plugin} into the name."),
        (["--aitbc-level=would"], "argument --aitbc-level: invalid choice: 'WOULD'"),
    ],
)
def test_options_that_make_no_sense_are_refused_in_a_sentence(folder, options, refusal):
    (folder / "xfails").write_text("LIFE-4  see #12\n")
    done = run(folder, "--aitbc-plugin=a", *options)
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert refusal in done.stdout
    assert "Traceback" not in done.stdout


# What is run.


def test_a_report_has_all_checks_whichever_are_selected(folder):
    done = run(folder, "--aitbc-plugin=mine:Late", "--aitbc-report=out.json", "-k", "META-01")
    assert done.returncode == 0
    document = json.loads((folder / "out.json").read_text())
    assert [result["id"] for result in document["results"]] == [*CHECKS]


def test_what_is_provided_is_there_for_the_checks(folder):
    options = ["--aitbc-plugin=mine:Remote", "-rsf", "-k", "AI-01"]
    assert "needs provides={'network'}." in run(folder, *options).stdout
    done = run(folder, *options, "--aitbc-provides=network")
    assert "ConnectionRefusedError" in done.stdout
    assert "needs provides" not in done.stdout


def test_samples_reach_the_plugin(folder):
    options = ["--aitbc-plugin=aitbc_hooks.testing.kit.sound:SoundChain", "-rs", "-k", "CHAIN-01"]
    assert "needs samples={'address': ...}." in run(folder, *options).stdout
    done = run(folder, *options, "--aitbc-sample=address=tc1a0b1c2d3")
    assert "1 passed" in done.stdout


def test_a_sample_that_is_none_is_refused(folder):
    done = run(folder, "--aitbc-plugin=mine:Remote", "--aitbc-sample=tx_data=never")
    assert "--aitbc-sample: tx_data=never: expected JSON" in done.stdout


def test_a_lower_level_makes_advisories_fail(folder):
    done = run(folder, "--aitbc-plugin=mine:Advised", "--aitbc-level=should", "-v", "-k", "LIFE-04")
    assert outcomes(done) == {"mine:Advised::SHOULD-LIFE-04": "FAILED"}
    assert "a second cleanup(): expected True, got False." in done.stdout
    assert "Trial.run(plugin, main)" in done.stdout
    assert "examine_in_child" not in done.stdout


def test_the_run_stops_at_the_first_failure_if_it_is_told_to(folder):
    done = run(folder, "--aitbc-plugin=mine:Late", "-v", "-x", "test_other.py")
    found = outcomes(done)
    assert [*found][-1] == "mine:Late::MUST-LIFE-01"
    assert found["mine:Late::MUST-LIFE-01"] == "FAILED"
    assert "NON-CONFORMANT" not in done.stdout


def test_a_check_that_failed_last_can_be_run_alone(folder):
    cached = ["-p", "cacheprovider", "--aitbc-plugin=mine:Late", "-v"]
    run(folder, *cached, "-k", "META-01 or LIFE-01")
    assert outcomes(run(folder, *cached, "--lf")) == {"mine:Late::MUST-LIFE-01": "FAILED"}


@pytest.mark.usefixtures("sigint_is_heard")
def test_an_interrupt_ends_the_plugins_process_too(folder, told):
    process = subprocess.Popen(
        command("--aitbc-plugin=mine:Endless", "-q"),
        cwd=folder,
        env=environment(TOLD=str(told)),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        while not (told.exists() and told.read_text()) and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == pytest.ExitCode.INTERRUPTED, output
    assert not Path("/proc", told.read_text()).exists()


# A run that does not use it.


def test_a_run_without_the_option_imports_nothing_of_the_kit(folder):
    (folder / "test_other.py").write_text("""
import sys

def test_other():
    names = {name for name in sys.modules if name.startswith("aitbc")}
    assert names == {"aitbc_hooks", "aitbc_hooks.lazy", "aitbc_hooks.pytest_plugin"}
    assert not {"hypothesis", "attrs", "click", "jsonschema"} & sys.modules.keys()
""")
    done = run(folder)
    assert done.returncode == 0, done.stdout


def test_where_hypothesis_is_missing_the_extra_is_named(folder):
    (folder / "hypothesis.py").write_text("raise ModuleNotFoundError(name='hypothesis')\n")
    done = run(
        folder, "--aitbc-plugin=mine:Late", PYTHONPATH=os.pathsep.join([str(folder), *sys.path])
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "--aitbc-plugin needs hypothesis: pip install 'aitbc-hooks[test]'" in done.stdout


def test_the_distribution_brings_it_to_pytest():
    (found,) = importlib.metadata.entry_points(group="pytest11", name="aitbc")
    assert found.value == "aitbc_hooks.pytest_plugin"
