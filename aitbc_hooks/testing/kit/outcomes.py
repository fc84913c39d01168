"""What a check can come to: the outcomes, and the exceptions by which a check says them."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

import attrs

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.checking import Check

__all__ = [
    "Inconclusive",
    "Level",
    "NotApplicable",
    "Outcome",
    "Result",
    "Verdict",
    "Violation",
]


class Level(Enum):
    """How binding a sentence of the contract is, as in RFC 2119."""

    MUST = "MUST"
    SHOULD = "SHOULD"
    MAY = "MAY"

    @property
    def rank(self) -> int:
        """0 for MUST, higher for what binds less."""
        return list(Level).index(self)


class Outcome(Enum):
    """What a check came to."""

    PASS = "PASS"  # noqa: S105 - it is no password
    FAIL = "FAIL"
    NOT_APPLICABLE = "N/A"
    INCONCLUSIVE = "INCONCLUSIVE"
    UNTESTED = "UNTESTED"


class Verdict(Enum):
    """What all checks of a plugin come to."""

    CONFORMANT = "CONFORMANT"
    WITH_ADVISORIES = "CONFORMANT (with advisories)"
    NON_CONFORMANT = "NON-CONFORMANT"
    INCONCLUSIVE = "INCONCLUSIVE"


class Violation(AssertionError):  # noqa: N818 - the word of the kit for it
    """The plugin breaks the sentence that a check enforces.

    Args:
        message: What was expected, and what was seen.
        program: A program that shows it, to be pasted and run; empty where there is none.
    """

    def __init__(self, message: str, *, program: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.program = program


class NotApplicable(Exception):  # noqa: N818 - an outcome, not an error
    """The sentence does not concern this plugin; the text says why."""


class Inconclusive(Exception):  # noqa: N818 - an outcome, not an error
    """Whether the plugin keeps the sentence could not be found out; the text says why."""


@attrs.frozen
class Result:
    """What one check came to for one plugin.

    Attributes:
        check: The check.
        outcome: What it came to.
        detail: What was expected and seen, or the reason; empty for PASS.
        program: A program that shows a violation; empty where there is none.
        blocked_by: The identifier of the check without which this one says nothing, and was not
            run; empty if it was.
        seconds: How long it took. Not compared: two runs with one seed give equal results.
    """

    check: Check
    outcome: Outcome
    detail: str = ""
    program: str = ""
    blocked_by: str = ""
    seconds: float = attrs.field(default=0.0, eq=False)

    @classmethod
    def blocked(cls, check: Check, by: str, outcome: Outcome = Outcome.FAIL) -> Result:
        """Return the result of a check that is not run, because one that it needs was not passed.

        Args:
            check: The check that is not run.
            by: The identifier of the other.
            outcome: What that came to.
        """
        why = "failed" if outcome is Outcome.FAIL else "is inconclusive"
        return cls(check, Outcome.INCONCLUSIVE, f"needs {by}, which {why}.", blocked_by=by)

    @property
    def id(self) -> str:
        """The check's identifier, such as ``LIFE-05``."""
        return self.check.id

    @property
    def level(self) -> Level:
        """The check's level."""
        return self.check.level

    @property
    def label(self) -> str:
        """Level and identifier, such as ``MUST-LIFE-05``."""
        return self.check.label

    def to_json(self) -> dict[str, Any]:
        """Return the result as ``report.schema.json`` describes it."""
        return {
            "id": self.id,
            "level": self.level.value,
            "outcome": self.outcome.value,
            "title": self.check.title,
            "source": self.check.source,
            "sentence": self.check.sentence,
            "detail": self.detail,
            "program": self.program,
            "blocked_by": self.blocked_by,
        }
