"""The notes themselves, as lines of a file."""

from __future__ import annotations

import json
from collections import deque
from typing import TYPE_CHECKING, Any

from .formats import amount

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["Book"]


class Book:
    """The last notes, kept in memory and saved as a whole."""

    def __init__(self, path: Path, *, keep: int, currency: str) -> None:
        self._path = path
        self._currency = currency
        self._notes: deque[dict[str, Any]] = deque(self._saved(), maxlen=keep)

    def __len__(self) -> int:
        return len(self._notes)

    def note(self, subject: str, value: object) -> None:
        """Add a note; a value that is no amount is noted as it was written."""
        self._notes.append({"subject": subject, "value": amount(value, self._currency)})

    def save(self) -> None:
        """Write everything, in place of what was there."""
        new = self._path.with_suffix(".new")
        new.write_text("\n".join(map(json.dumps, self._notes)), encoding="utf-8")
        new.replace(self._path)

    def _saved(self) -> Iterator[dict[str, Any]]:
        if self._path.exists():
            yield from map(json.loads, self._path.read_text(encoding="utf-8").splitlines())
