"""The forms in which a report is told: table, JSON, JUnit, badge."""

from __future__ import annotations

import json
import re
import stat
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import attrs
import click
import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from testing_reports import PROGRAM, UNTESTED, make_report, reports, texts

from aitbc_hooks import __version__
from aitbc_hooks.testing.kit import Level, Outcome, Verdict
from aitbc_hooks.testing.kit.forms import FORMS, schema
from aitbc_hooks.testing.kit.forms.markup import safe
from aitbc_hooks.testing.kit.report import SPECIFICATION, table_digest

MUST, SHOULD, MAY = Level
PASS, FAIL = Outcome.PASS, Outcome.FAIL
MIXED = make_report(
    ("META-01", MUST, PASS),
    ("LIFE-04", SHOULD, FAIL, "a second cleanup(): expected True, got False.", PROGRAM),
    ("LIFE-05", MUST, FAIL, "expected no tasks after cleanup(); left: sleep.", PROGRAM),
    ("LIFE-06", MUST, Outcome.INCONCLUSIVE, "needs LIFE-05, which failed.", "", "LIFE-05"),
    ("EVT-01", SHOULD, Outcome.INCONCLUSIVE, "slow: the budget of 60 s is spent."),
    ("EVT-02", MUST, Outcome.NOT_APPLICABLE, "it handles no events."),
    seed=7,
    untested=(UNTESTED,),
)
OF_VERDICT = {
    Verdict.CONFORMANT: make_report(("META-01", MUST, PASS), ("CFG-03", MAY, FAIL)),
    Verdict.WITH_ADVISORIES: make_report(("LIFE-04", SHOULD, FAIL), ("LIFE-07", SHOULD, FAIL)),
    Verdict.NON_CONFORMANT: make_report(("META-01", MUST, FAIL), ("LIFE-04", SHOULD, FAIL)),
    Verdict.INCONCLUSIVE: make_report(("META-01", MUST, Outcome.INCONCLUSIVE)),
}


def columns(text):
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


# The stamp.


def test_the_stamp_names_the_specification_by_the_digest_of_its_text():
    import hashlib

    text = Path(__file__).parents[1].joinpath("spec", "SPEC.md").read_bytes()
    assert hashlib.sha256(text).hexdigest().startswith(SPECIFICATION.removeprefix("sha256:"))
    assert len(SPECIFICATION) == len(table_digest())


@given(reports, st.randoms(use_true_random=False))
def test_reports_that_differ_in_times_alone_are_told_in_the_same_bytes(report, random):
    later = attrs.evolve(
        report, results=tuple(attrs.evolve(r, seconds=random.random()) for r in report.results)
    )
    for form in ("table", "json", "badge"):
        assert getattr(report, form)() == getattr(later, form)()


# The table.


def test_a_table_says_of_each_check_what_it_came_to():
    rows = dict(line.split(maxsplit=2)[:2] for line in MIXED.table().splitlines()[2:14] if line)
    assert rows["MUST-META-01"] == "PASS"
    assert rows["SHOULD-LIFE-04"] == rows["MUST-LIFE-05"] == "FAIL"
    assert rows["MUST-LIFE-06"] == rows["SHOULD-EVT-01"] == "INCONCLUSIVE"
    assert rows["MUST-EVT-02"] == "N/A"
    assert rows["SPEC-01"] == "UNTESTED"


def test_a_table_has_the_detail_below_a_failure_and_an_empty_line_between_families():
    lines = MIXED.table().splitlines()
    row = lines.index("MUST-LIFE-05    FAIL          LIFE-05 holds.")
    assert lines[row + 1] == "    expected no tasks after cleanup(); left: sleep."
    assert lines[row + 2].startswith("MUST-LIFE-06    INCONCLUSIVE  needs LIFE-05")
    assert lines[row + 3] == ""


def test_a_table_has_the_broken_sentence_the_fix_and_the_program_of_each_failure():
    table = MIXED.table()
    for check in ("LIFE-04", "LIFE-05"):
        told = table.partition(f"{check} fails: {check} holds.\n")[2]
        lines = told.splitlines()
        assert lines[0] == '    SPEC.md, Best Practices, 4: "Handle errors gracefully"'
        assert lines[1] == "    Fix: Handle them."
        assert told.partition("\n\n")[2].startswith(PROGRAM)


def test_a_table_ends_with_the_counts_the_stamp_and_the_verdict():
    *_, counts, first, second, verdict = MIXED.table().splitlines()
    assert counts == "6 checks: 1 PASS, 2 FAIL, 1 N/A, 2 INCONCLUSIVE, 1 UNTESTED."
    assert f"{first} {second}" == (
        f"level MUST, kit {__version__}, specification {SPECIFICATION}, table {table_digest()}, "
        "seed 7"
    )
    assert verdict == "mailer: NON-CONFORMANT"


@given(reports, st.integers(60, 120))
def test_a_table_fits_its_width_but_for_long_words_and_programs(report, width):
    results = tuple(attrs.evolve(result, program="") for result in report.results)
    report = attrs.evolve(report, plugin="mailer", results=results)
    for line in report.table(width=width).splitlines():
        if columns(line) > width:
            assert columns(line.strip().rpartition(" ")[2]) > width - 40


@given(reports)
def test_nothing_in_a_table_could_steer_a_terminal(report):
    assert report.table().replace("\n", "").isprintable()


@given(reports)
def test_colours_are_all_that_a_coloured_table_has_more(report):
    assert click.unstyle(report.table(color=True)) == report.table()


def test_a_table_is_coloured_by_what_it_says():
    lines = MIXED.table(color=True).splitlines()
    assert lines[-1] == f"mailer: {click.style('NON-CONFORMANT', fg='red')}"
    assert any(click.style("PASS", fg="green") in line for line in lines)


def test_a_report_without_results_has_a_table_too():
    assert make_report().table().splitlines()[-1] == "mailer: CONFORMANT"


# JSON.


def test_the_schema_of_the_json_form_is_a_valid_schema():
    jsonschema.Draft202012Validator.check_schema(schema())
    assert schema()["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]


def closed(part):
    """Return a schema that forbids what it does not describe."""
    if isinstance(part, list):
        return [closed(each) for each in part]
    if not isinstance(part, dict):
        return part
    more = {"additionalProperties": False} if part.get("type") == "object" else {}
    return {**{key: closed(value) for key, value in part.items()}, **more}


@given(reports)
def test_the_json_form_is_what_its_schema_describes_and_nothing_else(report):
    jsonschema.Draft202012Validator(closed(schema())).validate(json.loads(report.json()))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("verdict", "FINE"),
        ("level", "must"),
        ("schema_version", 2),
        ("stamp", {"kit": "0.1.0"}),
        ("results", [{"id": "LIFE-05"}]),
    ],
)
def test_the_schema_refuses_what_no_report_says(place, value):
    document = {**MIXED.to_json(), place: value}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema())


def test_the_schema_requires_all_that_a_report_says():
    document = MIXED.to_json()
    parts = [document, document["stamp"], document["results"][0], document["untested"][0]]
    for part in parts:
        for key, value in [*part.items()]:
            del part[key]
            with pytest.raises(jsonschema.ValidationError, match=f"{key!r} is a required property"):
                jsonschema.validate(document, schema())
            part[key] = value
    jsonschema.validate(document, schema())


def test_the_json_form_has_what_a_failure_is_about():
    [failure] = [r for r in json.loads(MIXED.json())["results"] if r["id"] == "LIFE-05"]
    assert failure == {
        "id": "LIFE-05",
        "level": "MUST",
        "outcome": "FAIL",
        "title": "LIFE-05 holds.",
        "source": "SPEC.md, Best Practices, 4",
        "sentence": "Handle errors gracefully",
        "detail": "expected no tasks after cleanup(); left: sleep.",
        "program": PROGRAM,
        "blocked_by": "",
    }


def test_the_json_form_names_the_check_without_which_another_was_not_run():
    blockers = {r["id"]: r["blocked_by"] for r in json.loads(MIXED.json())["results"]}
    assert {check for check, by in blockers.items() if by} == {"LIFE-06"}
    assert blockers["LIFE-06"] == "LIFE-05"


# JUnit.


def cases(report):
    suite = ET.fromstring(report.junit()).find("testsuite")
    return {case.get("name"): case for case in suite.iter("testcase")}


def test_a_junit_document_fails_what_fails_and_skips_what_does_not_bind():
    found = cases(MIXED)
    told = {
        name: (each.tag, each.get("message"))
        for name, case in found.items()
        for each in case
        if each.tag not in ("properties", "system-out")
    }
    assert told == {
        "SHOULD-LIFE-04": ("skipped", "advisory: a second cleanup(): expected True, got False."),
        "MUST-LIFE-05": ("failure", "expected no tasks after cleanup(); left: sleep."),
        "MUST-LIFE-06": ("error", "needs LIFE-05, which failed."),
        "SHOULD-EVT-01": ("skipped", "slow: the budget of 60 s is spent."),
        "MUST-EVT-02": ("skipped", "it handles no events."),
        "UNTESTED-SPEC-01": ("skipped", '"Plugins run in isolation": The host isolates.'),
    }
    assert "MUST-META-01" in found
    assert PROGRAM in found["MUST-LIFE-05"].findtext("failure")
    assert PROGRAM in found["SHOULD-LIFE-04"].findtext("system-out")


def test_a_lower_level_makes_failures_of_advisories():
    report = attrs.evolve(MIXED, level=SHOULD)
    assert report.verdict is Verdict.NON_CONFORMANT
    case = cases(report)["SHOULD-LIFE-04"]
    assert [element.tag for element in case] == ["properties", "failure"]
    advised = OF_VERDICT[Verdict.WITH_ADVISORIES]
    assert attrs.evolve(advised, level=SHOULD).verdict is Verdict.NON_CONFORMANT
    conformant = OF_VERDICT[Verdict.CONFORMANT]
    assert attrs.evolve(conformant, level=SHOULD).verdict is Verdict.CONFORMANT
    assert attrs.evolve(conformant, level=MAY).verdict is Verdict.NON_CONFORMANT


@given(reports)
def test_a_junit_document_is_red_where_the_verdict_is(report):
    suites = ET.fromstring(report.junit())
    red = int(suites.get("failures")) + int(suites.get("errors"))
    assert bool(red) is bool(report.exit_status)


@given(reports)
def test_a_junit_document_counts_right(report):
    [suite] = suites = ET.fromstring(report.junit())
    for counts in (suite, suites):
        assert int(counts.get("tests")) == len(report.results) + len(report.untested)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(counts.get(name)) == len([*suite.iter(tag)])


def test_a_junit_document_has_the_stamp_and_what_each_check_is_about():
    suite = ET.fromstring(MIXED.junit()).find("testsuite")
    stamp = {p.get("name"): p.get("value") for p in suite.findall("properties/property")}
    assert stamp == {
        "verdict": "NON-CONFORMANT",
        "level": "MUST",
        **{key: str(value) for key, value in MIXED.stamp.items()},
    }
    case = cases(MIXED)["SHOULD-LIFE-04"]
    about = {p.get("name"): p.get("value") for p in case.findall("properties/property")}
    assert about == {"level": "SHOULD", "source": "SPEC.md, Best Practices, 4"}
    assert case.get("classname") == "mailer.LIFE"


def test_a_junit_document_has_the_time_of_each_check_and_of_all():
    report = make_report(
        ("META-01", MUST, PASS, "", "", "", 0.25), ("LIFE-05", MUST, FAIL, "no", "", "", 1.5)
    )
    assert [case.get("time") for case in cases(report).values()] == ["0.250", "1.500"]
    assert ET.fromstring(report.junit()).get("time") == "1.750"


def test_control_characters_come_out_of_a_junit_document_as_escapes():
    report = make_report(("META-01", MUST, FAIL, "a\x00b\x1b[31m\ud800 <&\"'>"))
    failure = cases(report)["MUST-META-01"].find("failure")
    assert failure.get("message") == r"""a\x00b\x1b[31m\ud800 <&"'>"""


@given(texts)
@example("\r\n\t")
def test_a_safe_text_goes_through_xml_unchanged(text):
    element = ET.Element("a", {"b": safe(text)})
    element.text = safe(text)
    back = ET.fromstring(ET.tostring(element, "utf-8"))
    assert (back.text or "") == back.get("b") == safe(text)


# The badge.

SVG = {"svg": "http://www.w3.org/2000/svg"}


@pytest.mark.parametrize(
    ("report", "message"),
    [
        (OF_VERDICT[Verdict.CONFORMANT], "conformant"),
        (OF_VERDICT[Verdict.WITH_ADVISORIES], "conformant, 2 advisories"),
        (make_report(("LIFE-04", SHOULD, FAIL), ("CFG-03", MAY, FAIL)), "conformant, 1 advisory"),
        (OF_VERDICT[Verdict.NON_CONFORMANT], "not conformant"),
        (OF_VERDICT[Verdict.INCONCLUSIVE], "inconclusive"),
    ],
)
def test_a_badge_says_the_verdict(report, message):
    root = ET.fromstring(report.badge())
    assert [text.text for text in root.findall("svg:text", SVG)] == ["aitbc", message]
    assert root.get("aria-label") == f"aitbc: {message}"


def test_the_verdicts_have_badges_of_different_colours():
    roots = [ET.fromstring(report.badge()) for report in OF_VERDICT.values()]
    assert len({root.find("svg:rect", SVG).get("fill") for root in roots}) == len(Verdict)


@given(reports)
def test_a_badge_is_stamped_for_programs_and_for_readers(report):
    root = ET.fromstring(report.badge())
    facts = json.loads(root.findtext("svg:metadata", namespaces=SVG))
    assert facts["stamp"] == report.stamp
    assert facts["verdict"] == report.verdict.value
    assert facts["level"] == report.level.value
    told = root.findtext("svg:desc", namespaces=SVG)
    assert all(str(value) in told for value in report.stamp.values())


@pytest.mark.parametrize("report", OF_VERDICT.values(), ids=lambda r: r.verdict.name)
def test_a_badge_is_as_wide_as_its_texts(report):
    root = ET.fromstring(report.badge())
    left, right = root.findall("svg:text", SVG)
    margin = int(left.get("x"))
    middle = margin + int(left.get("textLength")) + margin
    assert int(right.get("x")) == middle + margin
    assert int(root.get("width")) == middle + margin + int(right.get("textLength")) + margin


def test_a_badge_needs_nothing_from_anywhere_else():
    badge = MIXED.badge()
    assert re.findall(r"https?:[^\"]+", badge) == ["http://www.w3.org/2000/svg"]
    tags = {element.tag.partition("}")[2] for element in ET.fromstring(badge).iter()}
    assert tags == {"svg", "title", "desc", "metadata", "rect", "path", "text"}


# Files.


@pytest.mark.parametrize(
    ("suffix", "form"), [(".json", "json"), (".xml", "junit"), (".svg", "badge"), (".TXT", "table")]
)
def test_the_name_of_a_file_says_in_which_form_a_report_is_written(tmp_path, suffix, form):
    path = tmp_path / f"report{suffix}"
    MIXED.write(path)
    assert path.read_text() == getattr(MIXED, form)()
    assert [*tmp_path.iterdir()] == [path]


def test_a_name_that_says_no_form_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"report\.pdf: .* \.json, \.xml, \.svg, \.txt"):
        MIXED.write(tmp_path / "report.pdf")
    assert not [*tmp_path.iterdir()]


def test_a_file_that_cannot_be_replaced_stays_and_nothing_else_is_left(tmp_path, monkeypatch):
    path = tmp_path / "badge.svg"
    path.write_text("old")

    def refuse(*_):
        raise OSError("no")

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(OSError, match="no"):
        MIXED.write(path)
    assert path.read_text() == "old"
    assert [*tmp_path.iterdir()] == [path]


def test_a_file_that_is_replaced_keeps_its_mode_and_the_links_to_it(tmp_path):
    path, link = tmp_path / "badge.svg", tmp_path / "link.svg"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    MIXED.write(link)
    assert link.is_symlink()
    assert path.read_text() == MIXED.badge()
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@given(report=reports)
@example(report=make_report(("META-01", MUST, FAIL, "it said '\ud800\x00'.", "f('\udc80')")))
def test_whatever_a_plugin_has_said_every_form_can_be_written(report, tmp_path_factory):
    folder = tmp_path_factory.mktemp("forms")
    for suffix in FORMS:
        report.write(folder / f"report{suffix}")
    document = json.loads((folder / "report.json").read_bytes())
    assert document == json.loads(json.dumps(report.to_json()))
    ET.parse(folder / "report.xml")
    ET.parse(folder / "report.svg")
