"""The configuration between reading and checking: plain data, and where each value came from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any, Final

import attrs

from aitbc_hooks.config.problems import InvalidConfigError, KeyPath, Problem, describe, dotted

__all__ = ["MAX_BYTES", "MAX_DEPTH", "MAX_NODES", "Budget", "Document", "Origin", "Span"]

MAX_BYTES: Final = 1 << 20
MAX_DEPTH: Final = 64
#: Values after aliases are expanded. 500 plugins with ten settings each are about 10,000.
MAX_NODES: Final = 100_000
#: Below this every integer can also be had as a float, and be printed.
_MAX_BITS: Final = 1000


@attrs.frozen
class Origin:
    """What set a value: a file with line and column (from 1), or another layer's name."""

    source: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}" if self.line else self.source


@attrs.frozen
class Span:
    """Where a value stands in the text, as character offsets; `flow` tells ``{…}`` from a block."""

    start: int
    end: int
    flow: bool = False


@attrs.define
class Budget:
    """Counts values while a document is expanded, so that no input can grow without limit."""

    left: int = MAX_NODES

    def spend(self, depth: int) -> str | None:
        """Count one value at `depth`; return why it is one too many, or None."""
        self.left -= 1
        if depth > MAX_DEPTH:
            return f"the configuration is nested deeper than {MAX_DEPTH} levels"
        if self.left < 0:
            return f"the configuration has more than {MAX_NODES} values once aliases are expanded"
        return None


@attrs.define
class Document:
    """Plain data with provenance, filled by a reader and by the layers over it.

    Args:
        source: The file as it was named, or None for a mapping.
        data: Mappings, lists, strings, numbers, booleans and None.
        origins: Who set what; a value without an entry has that of its nearest ancestor.
        spans: Where values stand in the file's text.
        texts: What stood in the file where YAML made something else than a string of it.
        overrides: The text of values that came from the environment or ``--set``.
        verbatim: Values that are not searched for ``${…}``.
        problems: What is wrong so far.
    """

    source: str | None = None
    data: dict[str, Any] = attrs.Factory(dict)
    origins: dict[KeyPath, Origin] = attrs.Factory(dict)
    spans: dict[KeyPath, Span] = attrs.Factory(dict)
    texts: dict[KeyPath, str] = attrs.Factory(dict)
    overrides: dict[KeyPath, str] = attrs.Factory(dict)
    verbatim: set[KeyPath] = attrs.Factory(set)
    problems: list[Problem] = attrs.Factory(list)
    _reported: set[tuple[str, KeyPath]] = attrs.Factory(set)

    def origin(self, path: KeyPath) -> Origin | None:
        """Return who set the value at `path`: its own entry or the nearest ancestor's."""
        return next(
            (found for end in range(len(path), -1, -1) if (found := self.origins.get(path[:end]))),
            None,
        )

    def problem(self, code: str, path: KeyPath, message: str) -> Problem:
        """Return a problem placed where the value at `path` was set."""
        origin = self.origin(path)
        if origin is None:
            return Problem(code, None, 0, 0, path, message)
        return Problem(code, origin.source, origin.line, origin.column, path, message)

    def report(self, code: str, path: KeyPath, message: str) -> None:
        """Add a problem at `path`, unless one of that code is there already."""
        if (code, path) not in self._reported:
            self._reported.add((code, path))
            self.problems.append(self.problem(code, path, message))

    def is_reported(self, path: KeyPath) -> bool:
        """Whether the key or value at `path` has been found wrong already."""
        return not self._reported.isdisjoint({("AITBC-C05", path), ("AITBC-C06", path)})

    def fail(self, code: str, path: KeyPath, message: str) -> InvalidConfigError:
        """Return the error for a document that cannot be read any further."""
        return InvalidConfigError([*self.problems, self.problem(code, path, message)])

    def assign(self, path: KeyPath, value: Any, origin: Origin) -> None:
        """Put `value` at `path`, making mappings on the way, and forget what stood there."""
        target = self.data
        for depth, key in enumerate(path[:-1], start=1):
            below = target.get(str(key))
            if not isinstance(below, dict):
                below = {}
                target[str(key)] = below
                self.origins.setdefault(path[:depth], origin)
            target = below
        for known in (self.origins, self.texts, self.overrides):
            for stale in [p for p in known if p[: len(path)] == path]:
                del known[stale]
        target[str(path[-1])] = value
        self.origins[path] = origin

    def normalise(self) -> None:
        """Make `data` plain: what is not JSON becomes a problem and a harmless stand-in.

        Raises:
            InvalidConfigError: The data is too deep or too large.
        """
        self.data = self._plain(self.data, (), Budget())

    def _plain(self, value: Any, path: KeyPath, budget: Budget) -> Any:
        if reason := budget.spend(len(path)):
            raise self.fail("AITBC-C02", path, reason)
        if isinstance(value, Mapping):
            keys = {self._key(key, path): item for key, item in value.items()}
            return {key: self._plain(item, (*path, key), budget) for key, item in keys.items()}
        if isinstance(value, list | tuple):
            return [self._plain(item, (*path, i), budget) for i, item in enumerate(value)]
        return self._scalar(value, path)

    def _key(self, key: object, path: KeyPath) -> str:
        if isinstance(key, str):
            return key
        message = f"keys must be strings, got {describe(key)} in {dotted(path)}"
        self.report("AITBC-C06", (*path, describe(key)), message)
        return describe(key)

    def _scalar(self, value: Any, path: KeyPath) -> Any:
        if isinstance(value, PurePath):
            return str(value)
        problem = _not_json(value)
        if problem:
            self.report("AITBC-C06", path, f"{dotted(path)} {problem}")
            return None
        return value


def _not_json(value: Any) -> str | None:
    """Say why a scalar has no place in a configuration, or None."""
    if value is None or isinstance(value, bool | str):
        return None
    if isinstance(value, int):
        return None if value.bit_length() <= _MAX_BITS else "is too large a number"
    if isinstance(value, float):
        return None if math.isfinite(value) else "must be a finite number"
    if hasattr(value, "isoformat"):
        return "is a date or a time; put it in quotes to make it a string"
    return f"must be a JSON value, got {describe(value)}"
