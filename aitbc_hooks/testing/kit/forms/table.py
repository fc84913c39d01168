"""A report as a table for a terminal; the programs of the failures stand below it, in full."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

import click

from aitbc_hooks.cli.table import clip, printable
from aitbc_hooks.testing.kit.outcomes import Outcome, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aitbc_hooks.testing.kit.outcomes import Result
    from aitbc_hooks.testing.kit.report import Report

    #: Takes a text and the colour that it may have.
    Paint = Callable[[str, str], str]

__all__ = ["table"]

_INDENT: Final = "    "
#: A column narrower than that is not worth wrapping to.
_NARROWEST: Final = 20

_COLORS: Final = {
    Outcome.PASS: "green",
    Outcome.FAIL: "red",
    Outcome.NOT_APPLICABLE: "bright_black",
    Outcome.INCONCLUSIVE: "yellow",
    Outcome.UNTESTED: "bright_black",
}
_VERDICT_COLORS: Final = {
    Verdict.CONFORMANT: "green",
    Verdict.WITH_ADVISORIES: "green",
    Verdict.NON_CONFORMANT: "red",
    Verdict.INCONCLUSIVE: "yellow",
}


def table(report: Report, *, color: bool = False, width: int = 80) -> str:
    """Return a report as a table.

    Args:
        report: The report.
        color: Whether to colour it, for a terminal.
        width: Columns of the terminal. Programs keep their own lines, whatever their width.

    Returns:
        Lines, the last of which is the verdict. Nothing in them could steer a terminal, but the
        colours that were asked for.
    """
    paint = _painted if color else _plain
    lines = [
        printable(report.plugin),
        "",
        *_rows(report, paint, width),
        *_failures(report, width),
        *_wrapped(_summary(report), width),
        *_wrapped(_stamp(report), width),
        _verdict(report, paint),
    ]
    return "\n".join(lines) + "\n"


def _painted(text: str, color: str) -> str:
    return click.style(text, fg=color)


def _plain(text: str, _color: str) -> str:
    return text


def _rows(report: Report, paint: Paint, width: int) -> Iterator[str]:
    """Yield the results, family by family, then the sentences that no check decides."""
    row = _Row(report, paint, width)
    for _, family in groupby(report.results, lambda result: result.check.family):
        for result in family:
            yield from row.of_result(result)
        yield ""
    for sentence in report.untested:
        yield row.line(sentence.id, Outcome.UNTESTED, row.cut(sentence.sentence))
    if report.untested:
        yield ""


class _Row:
    """Columns that are as wide as what stands in them: label, outcome, text."""

    def __init__(self, report: Report, paint: Paint, width: int) -> None:
        labels = [*(r.label for r in report.results), *(u.id for u in report.untested)]
        outcomes = {r.outcome for r in report.results}
        if report.untested:
            outcomes.add(Outcome.UNTESTED)
        self._label = max(map(len, labels), default=0) + 2
        self._outcome = max((len(outcome.value) for outcome in outcomes), default=0) + 2
        self._paint = paint
        self._width = width
        self._text = max(_NARROWEST, width - self._label - self._outcome)

    def of_result(self, result: Result) -> Iterator[str]:
        if result.outcome in (Outcome.PASS, Outcome.FAIL):
            first, *more = [self.cut(result.check.title)]
        else:
            first, *more = _wrapped(result.detail, self._text)
        yield self.line(result.label, result.outcome, first)
        yield from (" " * (self._label + self._outcome) + line for line in more)
        if result.outcome is Outcome.FAIL:
            yield from _block(result.detail, self._width)

    def line(self, label: str, outcome: Outcome, text: str) -> str:
        said = self._paint(outcome.value, _COLORS[outcome])
        gap = " " * (self._outcome - len(outcome.value))
        return f"{label:<{self._label}}{said}{gap}{text}".rstrip()

    def cut(self, text: str) -> str:
        return clip(printable(text), self._text, "...")


def _failures(report: Report, width: int) -> Iterator[str]:
    """Yield, for each failure, the sentence that was broken, what to do, and the program."""
    for result in report.failures():
        check = result.check
        yield from _wrapped(f"{check.id} fails: {check.title}", width)
        yield from _block(f'{check.source}: "{check.sentence}"', width)
        yield from _block(f"Fix: {check.fix}", width)
        yield ""
        if result.program:
            yield from map(printable, result.program.rstrip("\n").split("\n"))
            yield ""


def _summary(report: Report) -> str:
    outcomes = [result.outcome for result in report.results]
    counts = [
        f"{outcomes.count(outcome)} {outcome.value}" for outcome in Outcome if outcome in outcomes
    ]
    if report.untested:
        counts.append(f"{len(report.untested)} {Outcome.UNTESTED.value}")
    return f"{len(outcomes)} checks: {', '.join(counts)}."


def _stamp(report: Report) -> str:
    stamp = ", ".join(f"{key} {value}" for key, value in report.stamp.items())
    return f"level {report.level.value}, {stamp}"


def _verdict(report: Report, paint: Paint) -> str:
    verdict = paint(report.verdict.value, _VERDICT_COLORS[report.verdict])
    return f"{printable(report.plugin)}: {verdict}"


def _block(text: str, width: int) -> Iterable[str]:
    return (_INDENT + line for line in _wrapped(text, width - len(_INDENT)))


def _wrapped(text: str, width: int) -> list[str]:
    """Return a text in lines of that many columns; longer words, such as paths, stay whole."""
    line, *words = printable(text).split(" ")
    lines = []
    for word in words:
        longer = f"{line} {word}"
        if clip(longer, width, "") == longer:
            line = longer
        else:
            lines.append(line)
            line = word
    return [*lines, line]
