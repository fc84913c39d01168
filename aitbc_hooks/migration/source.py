"""A file of Python as the rules see it: its text exactly as it is, and its syntax tree."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.migration.findings import Edit, Finding

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["Source", "Unreadable", "decode"]

#: As Python's tokenizer counts lines: form feeds and the like end none.
_LINE: Final = re.compile(r"[^\r\n]*(?:\r\n|\r|\n|\Z)")

_BOM: Final = "\ufeff"


class Unreadable(Exception):  # noqa: N818 - not an error: one file among many that is left alone
    """The file cannot be understood, for the given reason; `line` is 0 if no line is to blame."""

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.line = line


def decode(raw: bytes) -> tuple[str, str]:
    """Return the text of a Python file and its encoding; line ends stay as they are.

    Raises:
        Unreadable: It has not the encoding that it declares.
    """
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(raw).readline)
        # The mark of utf-8-sig is kept as a character, so that it is written again.
        encoding = encoding.removesuffix("-sig")
        return raw.decode(encoding), encoding
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise Unreadable(f"it cannot be decoded: {error}") from None


@attrs.frozen
class Source:
    """A file of Python.

    Attributes:
        file: Its path, as it was named.
        text: Its text.
        tree: Its syntax tree.
    """

    file: str
    text: str
    tree: ast.Module
    _starts: list[int] = attrs.field(repr=False)

    @classmethod
    def parse(cls, file: Path | str, text: str) -> Source:
        """Parse a text.

        Raises:
            Unreadable: It is no Python that this interpreter knows.
        """
        bare = text.removeprefix(_BOM)
        try:
            tree = ast.parse(bare)
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = getattr(error, "lineno", None) or 0
            raise Unreadable(f"it cannot be parsed: {error}", line) from None
        starts = [match.start() + len(text) - len(bare) for match in _LINE.finditer(bare)]
        return cls(str(file), text, tree, starts)

    def offset(self, line: int, column: int) -> int:
        """Return the offset in the text of a line (from 1) and a column in bytes of UTF-8."""
        start = self._starts[line - 1]
        found = _LINE.match(self.text, start)
        whole = found[0] if found else ""
        return start + len(whole.encode()[:column].decode())

    def start(self, node: ast.stmt | ast.expr) -> int:
        """Return where a node begins."""
        return self.offset(node.lineno, node.col_offset)

    def end(self, node: ast.stmt | ast.expr) -> int:
        """Return where a node ends."""
        return self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)

    def line(self, number: int) -> str:
        """Return a line with its end."""
        found = _LINE.match(self.text, self._starts[number - 1])
        return found[0] if found else ""

    @property
    def newline(self) -> str:
        """The line end that the file uses first."""
        found = re.search(r"\r\n|\r|\n", self.text)
        return found[0] if found else "\n"

    def after_line(self, number: int, text: str) -> Edit:
        """Return the insertion of a line after the line of that number."""
        whole = self.line(number)
        at = self._starts[number - 1] + len(whole)
        ends = whole.endswith(("\n", "\r"))
        return Edit(at, at, f"{text}{self.newline}" if ends else f"{self.newline}{text}")

    def finding(
        self, rule: str, line: int, what: str, why: str, edits: tuple[Edit, ...] = ()
    ) -> Finding:
        """Return a finding in this file."""
        return Finding(rule, self.file, line, what, why, edits)
