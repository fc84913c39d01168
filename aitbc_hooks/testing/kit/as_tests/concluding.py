"""What the result of a check is as a pytest test: passed, failed, skipped or expected to fail."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, NoReturn

import attrs
import pytest

from aitbc_hooks.testing.kit.outcomes import Outcome

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.checking import Untested
    from aitbc_hooks.testing.kit.outcomes import Level, Result

__all__ = ["Conclusion", "Kind", "concluded", "properties", "untested_label", "untested_reason"]


class Kind(Enum):
    """The outcomes that a pytest test may have here."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    XFAILED = "xfailed"


@attrs.frozen
class Conclusion:
    """What a result comes to as a test.

    Attributes:
        kind: The test's outcome.
        message: Why; empty for one that passed.
    """

    kind: Kind
    message: str = ""

    def conclude(self) -> None:
        """End the running test in this way; return if it passes."""
        if self.kind is not Kind.PASSED:
            self._end()

    def _end(self) -> NoReturn:
        if self.kind is Kind.SKIPPED:
            pytest.skip(self.message)
        if self.kind is Kind.XFAILED:
            pytest.xfail(self.message)
        pytest.fail(self.message, pytrace=False)


def concluded(result: Result, *, level: Level, expected: str | None = None) -> Conclusion:
    """Return what a result comes to as a test.

    Args:
        result: The result.
        level: The lowest level that binds; a failure below is an advisory.
        expected: Why the check is expected to fail; None if it is not.
    """
    if result.outcome is Outcome.PASS:
        if expected is not None:
            return Conclusion(Kind.FAILED, _stale(result, expected))
        return Conclusion(Kind.PASSED)
    if result.outcome is Outcome.NOT_APPLICABLE or result.blocked_by:
        return Conclusion(Kind.SKIPPED, result.detail)
    if expected is not None:
        return Conclusion(Kind.XFAILED, f"{expected}: {result.detail}")
    if result.level.rank <= level.rank:
        return Conclusion(Kind.FAILED, _complaint(result))
    return _advisory(result)


def _advisory(result: Result) -> Conclusion:
    if result.outcome is Outcome.FAIL:
        return Conclusion(Kind.XFAILED, f"advisory: {result.detail}")
    return Conclusion(Kind.SKIPPED, f"inconclusive: {result.detail}")


def _stale(result: Result, expected: str) -> str:
    return (
        f"{result.label} passes, and is declared to fail ({expected}). "
        "Remove it from the expected failures."
    )


def _complaint(result: Result) -> str:
    """Return what is wrong; pytest's summary shows the first line, beside the test's name."""
    check = result.check
    word = "" if result.outcome is Outcome.FAIL else "inconclusive: "
    return (
        f"{word}{result.detail}\n\n{result.label}: {check.title}\n"
        f'{check.source}: "{check.sentence}"\nFix: {check.fix}\n\n{result.program}'
    ).rstrip("\n")


def properties(result: Result) -> list[tuple[str, str]]:
    """Return what pytest's own JUnit report is to say beside the outcome."""
    return [("level", result.level.value), ("source", result.check.source)]


def untested_label(sentence: Untested) -> str:
    """Return the name of the test that stands for a sentence which no check decides."""
    return f"{Outcome.UNTESTED.value}-{sentence.id}"


def untested_reason(sentence: Untested) -> str:
    """Return why that test is skipped."""
    return f'untested: "{sentence.sentence}". {sentence.reason}'
