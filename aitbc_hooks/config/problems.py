"""What is wrong with a configuration: records that name the place, and the error that lists them."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.config.userinfo import mask_userinfo
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["InvalidConfigError", "KeyPath", "Problem", "describe", "dotted", "pointer", "suggest"]

#: Where a value stands: mapping keys and list indices, from the top of the document.
KeyPath = tuple[str | int, ...]

_KINDS = {
    dict: "a mapping",
    list: "a list",
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    type(None): "no value",
}
_SHOWN = 40


def dotted(path: KeyPath) -> str:
    """Return `path` as people write it: ``plugins.agent-cli.dependencies[0]``."""
    text = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)
    return text.removeprefix(".") or "the configuration"


def pointer(path: KeyPath) -> str:
    """Return `path` as a JSON Pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path) or "/"


def describe(value: Any, *, secret: bool = False) -> str:
    """Say what `value` is: its kind, and a short scalar itself unless it is `secret`.

    Credentials in a URL are masked.
    """
    kind = _KINDS.get(type(value), f"a Python {type(value).__name__}")
    if secret or not isinstance(value, str | bool | int | float):
        return kind
    if isinstance(value, int) and value.bit_length() > 4 * _SHOWN:
        return "a very large integer"
    text = str(value).lower() if isinstance(value, bool) else mask_userinfo(repr(value))
    return f"{kind}, {text}" if len(text) <= _SHOWN else kind


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ``", did you mean '…'?"`` for the nearest of `known`, or nothing."""
    choices = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), choices, n=1, cutoff=0.7)
    return f", did you mean {choices[near[0]]!r}?" if near else ""


@attrs.frozen
class Problem:
    """One thing to mend.

    Args:
        code: A key of `aitbc_hooks.errors.CODES`.
        file: The file, or what else set the value (``--set``, ``environment AITBC_…``); None
            when the configuration came as a mapping.
        line: Line in the file, from 1; 0 where there is none.
        column: Column in the line, from 1; 0 where there is none.
        path: The keys that lead to the value.
        message: What is wrong; it never holds the value of a secret.
    """

    code: str
    file: str | None
    line: int
    column: int
    path: KeyPath
    message: str

    @property
    def where(self) -> str:
        """``file:line:column``, else what set the value, else a JSON Pointer."""
        if self.file is None:
            return pointer(self.path)
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        return f"{self.where}: {self.message} [{self.code}]"


class InvalidConfigError(ConfigError):
    """A configuration with all of its problems, one line each.

    Args:
        problems: At least one; they are listed by position.
        plugin: The plugin whose own block they are in, if it is one plugin's.
    """

    def __init__(self, problems: Iterable[Problem], *, plugin: str | None = None) -> None:
        # Problems without a line keep the order in which they were found.
        self.problems = tuple(
            sorted(dict.fromkeys(problems), key=lambda p: (not p.line, p.line, p.column))
        )
        lines = "\n".join(map(str, self.problems))
        super().__init__(lines, plugin=plugin, code=self.problems[0].code)

    def __str__(self) -> str:
        return self.message
