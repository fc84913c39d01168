"""What a file needs: findings, with the edits of those that are mechanical."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["Edit", "Finding", "apply"]


@attrs.frozen(order=True)
class Edit:
    """A replacement in a text.

    Attributes:
        start: Where it begins, as an offset in characters.
        end: Where what is replaced ends; `start` for an insertion.
        text: What stands there afterwards.
    """

    start: int
    end: int
    text: str


@attrs.frozen
class Finding:
    """One thing that has to be changed.

    Attributes:
        rule: A short stable word, such as ``import-path``.
        file: The file, as it was named.
        line: The line, from 1; 0 for the file as a whole.
        what: What is to be changed, and into what.
        why: Why.
        edits: The change itself, where it is mechanical.
    """

    rule: str
    file: str
    line: int
    what: str
    why: str
    edits: tuple[Edit, ...] = ()

    @property
    def mechanical(self) -> bool:
        """Whether it can be done without thinking."""
        return bool(self.edits)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        how = "mechanical" if self.mechanical else "by hand"
        return f"{place}: {self.what} [{self.rule}, {how}]"


def apply(text: str, findings: Iterable[Finding]) -> str:
    """Return a text with the edits of all findings; one that overlaps another is left out."""
    end = 0
    parts: list[str] = []
    for edit in sorted({edit for finding in findings for edit in finding.edits}):
        if edit.start < end:
            continue
        parts += [text[end : edit.start], edit.text]
        end = edit.end
    return "".join([*parts, text[end:]])
