"""Plain tables: aligned columns, nothing that could steer a terminal, cut to a width if asked."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ["clip", "cut_mark", "printable", "table"]


def printable(text: str) -> str:
    """Return `text` on one line, its control characters escaped."""
    if text.isprintable():
        return text
    line = " ".join(text.splitlines())
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)


def cut_mark(encoding: str | None) -> str:
    """Return what shows that a text was cut, as far as a stream's encoding has it."""
    mark = "…"
    return mark if encoding is None or _writable(mark, encoding) == mark else "..."


def _writable(text: str, encoding: str | None) -> str:
    """Return `text` as a stream of that encoding will show it (`errors="backslashreplace"`)."""
    if encoding is None or text.isascii():
        return text
    return text.encode(encoding, "backslashreplace").decode(encoding)


def clip(text: str, width: int, mark: str = "…") -> str:
    """Return as much of printable `text` as fits in `width` columns; `mark` shows the cut."""
    if _width(text) <= width:
        return text
    kept, used = "", len(mark)
    for char in text:
        used += _width(char)
        if used > width:
            break
        kept += char
    return kept.rstrip() + mark if width >= len(mark) else mark[: max(width, 0)]


def table(
    headings: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    width: int | None = None,
    encoding: str | None = None,
    style: Callable[[int, str, str], str] | None = None,
) -> list[str]:
    """Return the lines of a table, the headings first.

    Args:
        headings: One for each column.
        rows: The cells, as they are; they are made printable here.
        width: Columns of the terminal; longer lines are cut. None cuts nothing.
        encoding: That of the stream; what it has not is escaped. None takes everything.
        style: Takes a column's index, a cell and the cell as padded, and returns the latter with
            colours.
    """
    cells = [[_writable(printable(cell), encoding) for cell in row] for row in (headings, *rows)]
    mark = cut_mark(encoding)
    widths = [max(map(_width, column)) for column in zip(*cells, strict=True)]
    return [
        _line(row, widths, width, mark, style if number else None)
        for number, row in enumerate(cells)
    ]


def _line(
    row: list[str],
    widths: list[int],
    width: int | None,
    mark: str,
    style: Callable[[int, str, str], str] | None,
) -> str:
    line, left = "", width
    for index, (cell, column) in enumerate(zip(row, widths, strict=True)):
        last = index == len(row) - 1
        text = cell if last else cell + " " * (column - _width(cell) + 2)
        if left is not None:
            if left <= 0:
                break
            text = clip(text, left, mark) if _width(text) > left else text
            left -= _width(text)
        line += style(index, cell, text) if style else text
    return line.rstrip()


def _width(text: str) -> int:
    """Return how many columns of a terminal `text` takes."""
    if text.isascii():
        return len(text)
    return sum(_char_width(char) for char in text)


def _char_width(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
