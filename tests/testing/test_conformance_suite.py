"""`ConformanceSuite`: the checks of a plugin as the tests of a class."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from aitbc_hooks.testing.kit import CHECKS, UNTESTED, Level, Registry, Specimen
from aitbc_hooks.testing.kit.as_tests.declared import declared, read_declared
from aitbc_hooks.testing.kit.as_tests.sharing import SharedExamination
from aitbc_hooks.testing.kit.as_tests.suite import ConformanceSuite

pytest_plugins = ["pytester"]

TESTS = Path(__file__).parents[1]

#: Four checks that do what the plugin tells them to, and note what they were called for.
FEW_CHECKS = '''
from aitbc_hooks.testing.kit import (
    Inconclusive, Level, NotApplicable, Registry, Violation,
)
from sound_plugin import Sound

registry = Registry()
noted = []


def add(id, level, needs=()):
    @registry.check(
        id, level, f"{id} holds.", sentence="Handle errors", source="SPEC.md, 4", fix="Handle them.",
        example="", needs=needs,
    )
    def examine(specimen):
        """It matters."""
        noted.append((id, specimen.plugin.__name__, specimen.config))
        if (fault := specimen.plugin.faults.get(id)) is not None:
            raise fault


add("ONE-01", Level.MUST)
add("ONE-02", Level.SHOULD)
add("ONE-03", Level.MUST, needs=["ONE-01"])
add("ONE-04", Level.MAY)


class Good(Sound):
    faults = {}


class Other(Good):
    pass
'''

SUITE = """
import pytest
from aitbc_hooks.testing.kit.as_tests.suite import ConformanceSuite
from few_checks import *

class Suite(ConformanceSuite):
    checks = registry.as_mapping()
"""


@pytest.fixture
def run(pytester, monkeypatch):
    """Run a test module that begins with `SUITE`; pytest's other plugins are left out."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    monkeypatch.setenv("COLUMNS", "200")
    pytester.makepyfile(few_checks=FEW_CHECKS)

    def run_module(text, *options):
        pytester.makepyfile(test_mine=SUITE + text)
        pytester.syspathinsert()
        pytester.syspathinsert(TESTS)
        return pytester.runpytest_inprocess("-Werror", "-ra", "--tb=short", *options)

    return run_module


def fault(text):
    return f"""
class Bad(Sound):
    faults = {{{text}}}

class TestBad(Suite):
    plugin = Bad
"""


# What is collected.


def test_a_class_has_a_test_for_each_check_and_one_for_each_sentence_that_none_decides(run):
    result = run("class TestMine(Suite): plugin = Good", "--collect-only", "-q")
    names = [line.partition("[")[2].rstrip("]") for line in result.outlines if "::" in line]
    checks = ["MUST-ONE-01", "SHOULD-ONE-02", "MUST-ONE-03", "MAY-ONE-04"]
    assert names == checks + [f"UNTESTED-{sentence.id}" for sentence in UNTESTED]


def test_a_good_plugin_passes_and_the_sentences_that_no_check_decides_are_skipped(run):
    result = run("class TestMine(Suite): plugin = Good")
    result.assert_outcomes(passed=4, skipped=len(UNTESTED))
    result.stdout.fnmatch_lines(['SKIPPED * untested: "Plugins run in isolated environments"*'])


def test_a_base_of_suites_that_is_not_named_as_a_test_is_not_collected(run):
    result = run("""
class Base(Suite):
    level = "SHOULD"

class TestMine(Base):
    plugin = Good
""")
    result.assert_outcomes(passed=4, skipped=len(UNTESTED))


def test_a_test_class_without_a_plugin_is_an_error_that_says_what_to_do(run):
    result = run("class TestMine(Suite): pass")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["TestMine has no plugin: give it a class attribute `plugin`*"])
    result.stdout.no_fnmatch_line("*Traceback*")


def test_the_suite_itself_is_no_error_where_its_name_is_that_of_a_test_class(run, pytester):
    pytester.makeini("[pytest]\npython_classes = *Suite")
    result = run("class MineSuite(Suite): plugin = Good\nSuite = None")
    assert result.parseoutcomes()["passed"] == 4
    assert "errors" not in result.parseoutcomes()


def test_an_expected_failure_of_no_check_is_an_error_that_names_near_ones(run):
    result = run("""
class TestMine(Suite):
    plugin = Good
    xfails = {"ONE-1": "see #12"}
""")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["TestMine: No check is called 'ONE-1', whose failure is expected (near: ONE-0*)."]
    )


def test_a_level_that_does_not_exist_is_an_error(run):
    result = run("class TestMine(Suite): plugin, level = Good, 'WOULD'")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["TestMine: 'WOULD' is not a valid Level"])


def test_the_tests_stand_at_the_authors_class(run):
    result = run("class TestMine(Suite): plugin = Good", "-vv")
    result.stdout.fnmatch_lines(["test_mine.py::TestMine::test_conformance[[]MUST-ONE-01] PASSED*"])
    result.stdout.no_fnmatch_line("*suite.py*")


def test_other_tests_of_the_class_are_left_alone(run):
    result = run("""
class TestMine(Suite):
    plugin = Good

    def test_more(self, aitbc_plugin):
        assert aitbc_plugin is Good
""")
    result.assert_outcomes(passed=5, skipped=len(UNTESTED))


# What the results come to.


def test_a_failure_that_binds_has_the_detail_the_sentence_the_fix_and_the_program(run):
    result = run(fault('"ONE-01": Violation("expected 1, got 2.", program="print(1)\\n")'))
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(
        [
            "expected 1, got 2.",
            "MUST-ONE-01: ONE-01 holds.",
            'SPEC.md, 4: "Handle errors"',
            "Fix: Handle them.",
            "",
            "print(1)",
            "FAILED test_mine.py::TestBad::*[[]MUST-ONE-01] - Failed: expected 1, got 2.",
        ],
        consecutive=False,
    )
    result.stdout.no_fnmatch_line("*in test_conformance*")


def test_a_failure_below_the_level_is_an_advisory(run):
    result = run(fault('"ONE-02": Violation("expected 1.")'))
    result.assert_outcomes(passed=3, xfailed=1, skipped=len(UNTESTED))
    result.stdout.fnmatch_lines(["XFAIL *SHOULD-ONE-02*advisory: expected 1."])


def test_a_failure_below_the_level_fails_where_the_level_is_lower(run):
    result = run(fault('"ONE-02": Violation("no")') + '    level = "should"\n')
    assert result.parseoutcomes()["failed"] == 1


def test_what_does_not_apply_is_skipped_with_the_reason(run):
    result = run(fault('"ONE-01": NotApplicable("it is no bird.")'))
    result.assert_outcomes(passed=3, skipped=1 + len(UNTESTED))
    result.stdout.fnmatch_lines(["SKIPPED *: it is no bird."])


def test_what_cannot_be_found_out_fails_if_it_binds_and_else_is_skipped(run):
    result = run(fault('"ONE-03": Inconclusive("slow."), "ONE-02": Inconclusive("dark.")'))
    result.assert_outcomes(passed=2, failed=1, skipped=1 + len(UNTESTED))
    result.stdout.fnmatch_lines(["SKIPPED *: inconclusive: dark."])
    result.stdout.fnmatch_lines(["FAILED *MUST-ONE-03* - Failed: inconclusive: slow."])


def test_what_needs_a_check_that_failed_is_skipped_and_only_that_one_fails(run):
    result = run(fault('"ONE-01": Violation("no")'))
    result.assert_outcomes(passed=2, failed=1, skipped=1 + len(UNTESTED))
    result.stdout.fnmatch_lines(["SKIPPED *: needs ONE-01, which failed."])


def test_no_check_needs_one_that_binds_less():
    """Else what is skipped for that reason would hide a verdict that is not conformant."""
    for check in CHECKS.values():
        assert all(CHECKS[need].level.rank <= check.level.rank for need in check.needs), check.id


def test_a_declared_failure_is_expected_for_the_authors_reason(run):
    text = fault('"ONE-03": Violation("no"), "ONE-02": Violation("nor this")')
    result = run(text + '    xfails = {"ONE-03": "see #12", "SHOULD-ONE-02": "see #13"}\n')
    result.assert_outcomes(passed=2, xfailed=2, skipped=len(UNTESTED))
    result.stdout.fnmatch_lines(["XFAIL *MUST-ONE-03* see #12: no"])
    result.stdout.fnmatch_lines(["XFAIL *SHOULD-ONE-02* see #13: nor this"])


def test_a_declared_failure_that_does_not_happen_fails(run):
    result = run("""
class TestMine(Suite):
    plugin = Good
    xfails = {"ONE-03": "see #12"}
""")
    result.assert_outcomes(passed=3, failed=1, skipped=len(UNTESTED))
    result.stdout.fnmatch_lines(["MUST-ONE-03 passes, and is declared to fail (see #12).*"])


def test_a_declared_failure_that_does_not_apply_here_is_skipped(run):
    text = fault('"ONE-01": NotApplicable("no network.")')
    result = run(text + '    xfails = {"ONE-01": "see #12"}\n')
    result.assert_outcomes(passed=3, skipped=1 + len(UNTESTED))


def test_the_junit_report_of_pytest_has_level_and_source(run, pytester):
    run("class TestMine(Suite): plugin = Good", "--junitxml=out.xml")
    case = ET.parse(pytester.path / "out.xml").getroot().find(".//testcase")
    about = {p.get("name"): p.get("value") for p in case.iter("property")}
    assert about == {"level": "MUST", "source": "SPEC.md, 4"}


# What is run, and how often.

NOTED = """
def test_noted(request):
    print("\\nnoted", sorted((id, name) for id, name, _ in noted))
"""


def noted(result):
    [line] = [line for line in result.outlines if line.startswith("noted ")]
    return eval(line.removeprefix("noted "))


def test_each_check_runs_once_for_a_class_whatever_needs_it(run):
    result = run("class TestMine(Suite): plugin = Good\n" + NOTED, "-s")
    assert noted(result) == [(f"ONE-0{n}", "Good") for n in (1, 2, 3, 4)]


def test_a_check_that_is_selected_alone_runs_alone_after_those_that_it_needs(run):
    text = "class TestMine(Suite): plugin = Good\n" + NOTED
    result = run(text, "-s", "-k", "MUST-ONE-03 or noted")
    assert result.parseoutcomes()["passed"] == 2
    assert noted(result) == [("ONE-01", "Good"), ("ONE-03", "Good")]


def test_what_failed_last_can_be_run_alone(run):
    text = fault('"ONE-03": Violation("no")')
    run(text)
    result = run(text + NOTED, "-s", "--lf")
    result.assert_outcomes(failed=1, deselected=14)


def test_two_classes_have_examinations_of_their_own(run):
    result = run(
        "class TestMine(Suite): plugin = Good\nclass TestYours(TestMine): pass\n" + NOTED, "-s"
    )
    assert noted(result) == [(f"ONE-0{n}", "Good") for n in (1, 1, 2, 2, 3, 3, 4, 4)]


def test_each_plugin_of_a_parametrised_class_is_examined_once(run):
    result = run(
        """
@pytest.mark.parametrize("aitbc_plugin", [Good, Other])
class TestBoth(Suite):
    pass
"""
        + NOTED,
        "-sv",
    )
    assert result.parseoutcomes()["passed"] == 9
    names = ("Good", "Other")
    assert noted(result) == [(f"ONE-0{n}", name) for n in (1, 2, 3, 4) for name in names]
    result.stdout.fnmatch_lines(["*::test_conformance[[]MUST-ONE-03-Other] PASSED*"])


CONFIGURED = """
class TestMine(Suite):
    plugin = Good

    @pytest.fixture
    def folder(self, tmp_path{}):
        return str(tmp_path{})

    @pytest.fixture
    def aitbc_config(self, folder):
        return {{"folder": folder}}

def test_noted():
    print("\\nnoted", [(id, config["folder"]) for id, _, config in noted])
"""


def test_a_fixture_may_give_the_configuration_which_the_checks_then_share(run):
    result = run(CONFIGURED.format("_factory", "_factory.getbasetemp()"), "-s")
    ids, folders = zip(*noted(result), strict=True)
    assert sorted(ids) == ["ONE-01", "ONE-02", "ONE-03", "ONE-04"]
    assert len({*folders}) == 1


def test_a_configuration_that_differs_in_every_test_is_tried_in_its_own_test(run):
    result = run(CONFIGURED.format("", ""), "-s")
    ids, folders = zip(*noted(result), strict=True)
    assert sorted(ids) == ["ONE-01", "ONE-01", "ONE-02", "ONE-03", "ONE-04"]
    assert len({*folders}) == 4


def test_a_fixture_may_give_the_plugin(run):
    result = run("""
class TestMine(Suite):
    @pytest.fixture(scope="class")
    @classmethod
    def made(cls):
        return type("Made", (Sound,), {"faults": {"ONE-01": Violation("made to fail.")}})

    @pytest.fixture
    def aitbc_plugin(self, made):
        return made
""")
    assert result.parseoutcomes()["failed"] == 1
    result.stdout.fnmatch_lines(["made to fail."])


def test_a_function_that_makes_the_plugin_is_not_made_a_method(run):
    result = run("""
def factory(context):
    return Sound(context)

factory.faults = {}

class TestMine(Suite):
    plugin = factory

class TestStatic(Suite):
    plugin = staticmethod(factory)

@pytest.mark.parametrize("case", [TestMine, TestStatic])
def test_noted(case):
    assert {name for _, name, _ in noted} == {"factory"}
""")
    result.assert_outcomes(passed=10, skipped=2 * len(UNTESTED))


def test_the_options_of_the_class_reach_the_specimen(run):
    result = run(
        """
class TestMine(Suite):
    plugin = Good
    provides = {"network"}
    seed = 7
    examples = 3
    samples = {"address": None}
    api_client = "client"

    @pytest.fixture(autouse=True)
    def look(self, monkeypatch):
        from aitbc_hooks.testing.kit.as_tests import sharing

        class Specimen(sharing.Specimen):
            def __init__(self, *arguments, **options):
                super().__init__(*arguments, **options)
                assert self.provides == {"network"}
                assert (self.random_seed, self.examples) == (7, 3)
                assert self.samples == {"address": None}
                assert options["api_client"] == "client"
                print("the options are right")

        monkeypatch.setattr(sharing, "Specimen", Specimen)
""",
        "-s",
    )
    assert result.parseoutcomes()["passed"] == 4
    result.stdout.fnmatch_lines(["*the options are right*"])


def test_the_budget_is_not_spent_by_what_runs_between_the_checks(monkeypatch):
    now = [0.0]
    registry = Registry()
    texts = {"sentence": "", "source": "", "fix": "", "example": ""}

    def takes_three_seconds(specimen):
        now[0] += 3.0
        specimen.clock.check()

    for number in (1, 2, 3):
        registry.check(f"ONE-0{number}", Level.MUST, "", **texts)(takes_three_seconds)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    shared = SharedExamination(Specimen(object(), budget=7.0), registry.as_mapping())
    outcomes = []
    for check in registry.as_mapping():
        now[0] += 1000.0
        outcomes.append(shared.result(check).outcome.name)
    assert outcomes == ["PASS", "PASS", "INCONCLUSIVE"]


# Declared failures.


def test_declared_failures_are_found_by_identifier_and_by_label():
    assert declared({"LIFE-04": "a", "MUST-LIFE-05": "b"}, CHECKS) == {
        "LIFE-04": "a",
        "LIFE-05": "b",
    }


@pytest.mark.parametrize(
    ("name", "hint"),
    [("life-4", "near: LIFE-04"), ("MUST-LIFE-04", "near: LIFE-04"), ("?", "families: IMP, META")],
)
def test_a_declared_failure_of_no_check_is_refused_with_a_hint(name, hint):
    with pytest.raises(ValueError, match=hint):
        declared({name: "because"}, CHECKS)


def test_a_file_of_declared_failures_has_a_reason_on_each_line(tmp_path):
    path = tmp_path / "xfails"
    path.write_text("# these\n\nLIFE-04  see #12\n  MUST-LIFE-05 slow  today \n")
    assert read_declared(path) == {"LIFE-04": "see #12", "MUST-LIFE-05": "slow  today"}


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("A-01 x\nLIFE-04", "line 2: LIFE-04 has no reason"),
        ("A x\nA y", "line 2: A is there twice"),
    ],
)
def test_a_file_of_declared_failures_that_is_not_clear_is_refused(tmp_path, text, refusal):
    path = tmp_path / "xfails"
    path.write_text(text)
    with pytest.raises(ValueError, match=refusal):
        read_declared(path)


# With all checks.


def test_all_checks_run_under_pytest_without_any_plugin_and_with_warnings_as_errors(tmp_path):
    (tmp_path / "test_sound.py").write_text("""
from aitbc_hooks.testing.kit.as_tests.suite import ConformanceSuite
from sound_plugin import Sound

class TestSound(ConformanceSuite):
    plugin = Sound
    examples = 3
""")
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(TESTS), *filter(None, sys.path)]),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    }
    command = [sys.executable, "-m", "pytest", "-q", "-Werror", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, f"--rootdir={tmp_path}", str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "passed" in done.stdout


def test_the_suite_has_all_checks_unless_it_is_told_otherwise():
    assert ConformanceSuite.checks is CHECKS
