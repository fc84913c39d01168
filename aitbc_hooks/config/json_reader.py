"""JSON with positions: the standard parser decides what is valid, a scanner says where it stands.

YAML's composer would nearly do, but YAML is not a superset of JSON in practice (tabs, duplicate
keys, escapes), so JSON is read as JSON. The scanner runs over text that is known to be valid,
which is why it can be this small.
"""

from __future__ import annotations

import json
import re
from typing import Final

import attrs

from aitbc_hooks.config.document import Document, Origin, Span
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem

__all__ = ["parse"]

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\]:,]|[^\s{}\[\]:,"]+')
_LONGEST_NUMBER: Final = 400
#: Stands for a number that is longer than int() accepts; the document refuses it.
_REFUSED_NUMBER: Final = 1 << 2000


def parse(text: str, document: Document) -> None:
    """Fill `document` from JSON `text`.

    Raises:
        InvalidConfigError: The text is not well-formed, or is too deep.
    """
    if not text.strip():
        return
    try:
        data = json.loads(text, parse_int=_integer)
    except json.JSONDecodeError as error:
        message = f"not well-formed JSON: {error.msg}"
        problem = Problem("AITBC-C03", document.source, error.lineno, error.colno, (), message)
        raise InvalidConfigError([problem]) from None
    except RecursionError:
        raise document.fail("AITBC-C02", (), "the configuration is nested too deeply") from None
    if not isinstance(data, dict):
        message = "the configuration must be an object with keys such as 'plugins'"
        raise document.fail("AITBC-C06", (), message)
    document.data = data
    _Scan(text, document).run()


def _integer(text: str) -> int:
    return _REFUSED_NUMBER if len(text) > _LONGEST_NUMBER else int(text)


@attrs.define
class _Level:
    """An open object or array: where it stands, and the key or index of its next value."""

    path: KeyPath
    start: int
    next: str | int | None
    keys: dict[str, Origin] = attrs.Factory(dict)


@attrs.define
class _Scan:
    text: str
    document: Document
    levels: list[_Level] = attrs.Factory(list)
    _line: int = 1
    _line_start: int = 0
    _seen: int = 0

    def run(self) -> None:
        """Walk the tokens with a stack of open objects and arrays."""
        for token in _TOKEN.finditer(self.text):
            match token[0][0]:
                case "{":
                    self._open(token, None)
                case "[":
                    self._open(token, 0)
                case "}" | "]":
                    level = self.levels.pop()
                    self.document.spans[level.path] = Span(level.start, token.end(), flow=True)
                case ":":
                    pass
                case ",":
                    top = self.levels[-1]
                    top.next = top.next + 1 if isinstance(top.next, int) else None
                case _:
                    self._scalar(token)

    def _open(self, token: re.Match[str], first: int | None) -> None:
        self.levels.append(_Level(self._value(token), token.start(), first))

    def _scalar(self, token: re.Match[str]) -> None:
        top = self.levels[-1]
        if top.next is None:
            self._key(top, token)
        else:
            self.document.spans[self._value(token)] = Span(*token.span())

    def _key(self, top: _Level, token: re.Match[str]) -> None:
        key = top.next = str(json.loads(token[0]))
        path = (*top.path, key)
        self.document.origins[path] = self._place(token)
        first = top.keys.setdefault(key, self.document.origins[path])
        if first is not self.document.origins[path]:
            message = f"duplicate key {key!r} (first at {first.line}:{first.column})"
            self.document.report("AITBC-C04", path, message)

    def _value(self, token: re.Match[str]) -> KeyPath:
        """Return the path of the value that begins with `token`."""
        if not self.levels:
            return ()
        top = self.levels[-1]
        path = (*top.path, "" if top.next is None else top.next)
        if isinstance(top.next, int):
            self.document.origins[path] = self._place(token)
        return path

    def _place(self, token: re.Match[str]) -> Origin:
        """Return line and column of `token`; tokens come in order, so each line is counted once."""
        start = token.start()
        self._line += self.text.count("\n", self._seen, start)
        self._line_start = max(self._line_start, self.text.rfind("\n", self._seen, start) + 1)
        self._seen = start
        return Origin(self.document.source or "", self._line, start - self._line_start + 1)
