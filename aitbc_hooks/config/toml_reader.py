"""TOML with positions: the standard parser decides what is valid, a scanner says where it stands.

The scanner is a small recursive descent over TOML 1.0 that trusts its input, because `tomllib`
has accepted the text before. It also runs over text that `tomllib` refused for a repeated key, to
find the first of the two; there it may stop early, and then only the second is placed.
"""

from __future__ import annotations

import re
import tomllib
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.config.document import MAX_DEPTH, Origin, Span
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem

if TYPE_CHECKING:
    from aitbc_hooks.config.document import Document

__all__ = ["has_comments", "parse"]

_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_REPEATED: Final = re.compile(r"overwrite|twice|immutable|Duplicate")
_LONG_NUMBER: Final = re.compile(r"[0-9_]{4000,}")

_BLANK: Final = re.compile(r"(?:\s|#[^\n]*)*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|' + r"'''.*?'{3,5}(?!')|" + r'"(?:[^"\\]|\\.)*"|' + r"'[^']*'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"\d{4}-\d\d-\d\d [^\s,\]}#]+|[^\s,\]}#]+")
_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_EQUALS: Final = re.compile(r"[ \t]*=[ \t]*")


def parse(text: str, document: Document) -> None:
    """Fill `document` from TOML `text`.

    Raises:
        InvalidConfigError: The text is not well-formed, or is too deep.
    """
    try:
        document.data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _malformed(error, text, document) from None
    except RecursionError:
        raise document.fail("AITBC-C02", (), "the configuration is nested too deeply") from None
    except ValueError:
        # Only int() raises a bare ValueError: a number beyond the interpreter's digit limit.
        raise _too_large(text, document) from None
    _Scan(text, document).run()


def has_comments(text: str) -> bool:
    """Whether well-formed TOML `text` has a comment (a rewrite would lose it)."""
    outside = _STRING.sub('""', text)
    return "#" in outside


def _malformed(error: tomllib.TOMLDecodeError, text: str, document: Document) -> InvalidConfigError:
    found = _AT.search(str(error))
    line, column = (int(found[1]), int(found[2])) if found and found[1] else _end(text)
    reason = _AT.sub("", str(error))
    if not _REPEATED.search(reason):
        message = f"not well-formed TOML: {reason}"
        return InvalidConfigError(
            [Problem("AITBC-C03", document.source, line, column, (), message)]
        )
    scan = _Scan(text, document)
    with suppress(IndexError, _Lost):  # what follows the repeated key is not known to be valid
        scan.run()
    if document.problems:
        return InvalidConfigError(document.problems)
    message = f"a key or table stands twice: {reason}"
    return InvalidConfigError([Problem("AITBC-C04", document.source, line, column, (), message)])


def _end(text: str) -> tuple[int, int]:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _too_large(text: str, document: Document) -> InvalidConfigError:
    found = _LONG_NUMBER.search(text)
    line, column = _end(text[: found.start()]) if found else (1, 1)
    message = "a number is too large"
    return InvalidConfigError([Problem("AITBC-C06", document.source, line, column, (), message)])


class _Lost(Exception):  # noqa: N818 - a signal inside this module
    """The text is not TOML here."""


@attrs.define
class _Scan:
    """Recursive descent that records where every key, table, item and value stands."""

    text: str
    document: Document
    at: int = 0
    _assigned: set[KeyPath] = attrs.Factory(set)
    _array_lengths: dict[KeyPath, int] = attrs.Factory(dict)
    _line: int = 1
    _counted: int = 0

    def run(self) -> None:
        """Scan the whole text."""
        table: KeyPath = ()
        self._skip(_BLANK)
        while self.at < len(self.text):
            if self.text[self.at] == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip(_BLANK)

    def _header(self) -> KeyPath:
        start = self.at
        array = self.text.startswith("[[", start)
        self.at += 2 if array else 1
        self._skip(_BLANK)
        keys = self._key()
        path = (*self._parents(keys[:-1]), keys[-1][0])
        if array:
            index = self._array_lengths.get(path, 0)
            self._array_lengths[path] = index + 1
            self.document.origins.setdefault(path, self._place(start))
            path = (*path, index)
        self._claim(path, start)
        self._skip(_BLANK)
        self.at += 2 if array else 1
        return path

    def _parents(self, keys: list[tuple[str, int]]) -> KeyPath:
        """Follow `keys` into the last item of each array of tables on the way."""
        path: KeyPath = ()
        for name, start in keys:
            path = (*path, name)
            self.document.origins.setdefault(path, self._place(start))
            if length := self._array_lengths.get(path):
                path = (*path, length - 1)
        return path

    def _assignment(self, table: KeyPath) -> None:
        keys = self._key()
        self._skip(_EQUALS)
        path = table
        for name, start in keys[:-1]:
            path = (*path, name)
            self.document.origins.setdefault(path, self._place(start))
        name, start = keys[-1]
        path = (*path, name)
        self._claim(path, start)
        self._value(path)

    def _key(self) -> list[tuple[str, int]]:
        """Read a dotted key; return its parts and where each begins."""
        parts = []
        while True:
            start = self.at
            if quoted := _STRING.match(self.text, start):
                name = next(iter(tomllib.loads(f"{quoted[0]} = 0")))
            elif bare := _KEY.match(self.text, start):
                name = bare[0]
            else:
                raise _Lost
            self.at = (quoted or bare).end()  # type: ignore[union-attr] # one of them matched
            parts.append((name, start))
            if not self._skip(_DOT):
                return parts

    def _value(self, path: KeyPath) -> None:
        start = self.at
        if len(path) > MAX_DEPTH:
            raise self.document.fail("AITBC-C02", path, "the configuration is nested too deeply")
        opening = self.text[start]
        if opening == "[":
            self._items(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            token = _STRING.match(self.text, start) or _BARE.match(self.text, start)
            if token is None:
                raise _Lost
            self.at = token.end()
        self.document.spans[path] = Span(start, self.at, flow=opening in "[{")

    def _items(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        index = 0
        while self.text[self.at] != "]":
            self.document.origins[(*path, index)] = self._place(self.at)
            self._value((*path, index))
            index += 1
            self._separator()
        self.at += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.at += 1
        self._skip(_BLANK)
        while self.text[self.at] != "}":
            self._assignment(path)
            self._separator()
        self.at += 1

    def _separator(self) -> None:
        self._skip(_BLANK)
        if self.text[self.at] == ",":
            self.at += 1
            self._skip(_BLANK)

    def _claim(self, path: KeyPath, start: int) -> None:
        """Record the place of a key; report it if it stood there already."""
        origin = self._place(start)
        if path in self._assigned:
            first = self.document.origins[path]
            message = f"duplicate key {path[-1]!r} (first at {first.line}:{first.column})"
            self.document.origins[path] = origin
            self.document.report("AITBC-C04", path, message)
        self._assigned.add(path)
        self.document.origins[path] = origin

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        found = pattern.match(self.text, self.at)
        if found is None:
            return False
        self.at = found.end()
        return True

    def _place(self, start: int) -> Origin:
        if start >= self._counted:
            self._line += self.text.count("\n", self._counted, start)
            self._counted = start
        line = self._line - self.text.count("\n", start, self._counted)
        return Origin(self.document.source or "", line, start - self.text.rfind("\n", 0, start))
