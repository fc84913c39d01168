"""A report as JUnit XML, as CI systems read it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.forms.markup import safe
from aitbc_hooks.testing.kit.outcomes import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aitbc_hooks.testing.kit.checking import Untested
    from aitbc_hooks.testing.kit.outcomes import Result
    from aitbc_hooks.testing.kit.report import Report

__all__ = ["junit"]

_NAME: Final = "aitbc-conformance"
_COUNTED: Final = {"failures": "failure", "errors": "error", "skipped": "skipped"}


def junit(report: Report) -> str:
    """Return a report as a JUnit document.

    A failure of a level that binds is a ``failure``; what is inconclusive there is an ``error``.
    Everything else that is no pass is ``skipped``, advisories too: the document is green where
    the verdict is.

    Args:
        report: The report.
    """
    cases = [_case(report, result) for result in report.results]
    cases += [_untested(report, sentence) for sentence in report.untested]
    seconds = sum(result.seconds for result in report.results)
    counts = {name: _count(cases, tag) for name, tag in _COUNTED.items()}
    totals = {"tests": len(cases), **counts, "time": f"{seconds:.3f}"}
    root = _element("testsuites", name=_NAME, **totals)
    suite = _element("testsuite", name=report.plugin, **totals)
    suite.append(
        _properties({"verdict": report.verdict.value, "level": report.level.value, **report.stamp})
    )
    suite.extend(cases)
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _case(report: Report, result: Result) -> ET.Element:
    check = result.check
    case = _element(
        "testcase",
        classname=f"{report.plugin}.{check.family}",
        name=result.label,
        time=f"{result.seconds:.3f}",
    )
    case.append(_properties({"level": check.level.value, "source": check.source}))
    case.extend(_told(result, binding=report.binds(result)))
    return case


def _told(result: Result, *, binding: bool) -> Iterable[ET.Element]:
    check = result.check
    details = f'{check.title}\n{check.source}: "{check.sentence}"\n\n{result.program}'
    match result.outcome, binding:
        case Outcome.PASS, _:
            return
        case Outcome.FAIL, True:
            yield _element("failure", details, message=result.detail, type=check.level.value)
        case Outcome.FAIL, False:
            yield _element("skipped", message=f"advisory: {result.detail}", type="advisory")
            yield _element("system-out", details)
        case Outcome.INCONCLUSIVE, True:
            yield _element("error", details, message=result.detail, type="inconclusive")
        case outcome, _:
            yield _element("skipped", message=result.detail, type=outcome.value)


def _untested(report: Report, sentence: Untested) -> ET.Element:
    label = f"{Outcome.UNTESTED.value}-{sentence.id}"
    family = sentence.id.partition("-")[0]
    case = _element("testcase", classname=f"{report.plugin}.{family}", name=label, time="0.000")
    case.append(_properties({"source": sentence.source}))
    case.append(
        _element(
            "skipped",
            message=f'"{sentence.sentence}": {sentence.reason}',
            type=Outcome.UNTESTED.value,
        )
    )
    return case


def _count(cases: Iterable[ET.Element], tag: str) -> int:
    return sum(case.find(tag) is not None for case in cases)


def _properties(values: Mapping[str, object]) -> ET.Element:
    properties = _element("properties")
    properties.extend(_element("property", name=key, value=value) for key, value in values.items())
    return properties


def _element(tag: str, text: str | None = None, /, **attributes: object) -> ET.Element:
    element = ET.Element(tag, {key: safe(str(value)) for key, value in attributes.items()})
    element.text = None if text is None else safe(text)
    return element
