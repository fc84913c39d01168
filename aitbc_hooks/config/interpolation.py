"""``${VARIABLE}`` in one string, by the rules of Compose files.

========================  =======================================================
``${V}``                  the value; unset is an error
``${V:-text}``            `text` when unset or empty; ``${V-text}`` only when unset
``${V:?text}``            an error saying `text` when unset or empty; ``${V?text}`` when unset
``${V:+text}``            `text` when set and not empty, else nothing; ``${V+text}`` when set
``$$``                    one dollar sign
any other ``$``           itself
========================  =======================================================

`text` may hold further placeholders; those that are not needed are not looked up. A value that was
put in is never searched again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Interpolated", "InterpolationError", "has_placeholder", "interpolate"]

_TOKEN: Final = re.compile(r"\$\$|\$\{|\}|[^$}]+|\$")
_HEAD: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(:?[-?+])?")
_MAX_NESTING: Final = 32


class InterpolationError(ValueError):
    """A placeholder is malformed, or its variable is unset; the message never has a value."""


@attrs.frozen
class Interpolated:
    """The outcome for one string.

    Args:
        text: The string with every placeholder replaced.
        values: What the environment gave, in the order of use.
        replaced: The string had a placeholder, not just ``$$``.
        whole: The string was one placeholder and nothing else.
    """

    text: str
    values: tuple[str, ...]
    replaced: bool
    whole: bool


@attrs.frozen
class _Placeholder:
    name: str
    operator: str | None
    text: _Template


_Template = tuple[str | _Placeholder, ...]


def has_placeholder(text: str) -> bool:
    """Whether `interpolate` would change `text` or refuse it."""
    return "$$" in text or "${" in text


def interpolate(text: str, environ: Mapping[str, str]) -> Interpolated:
    """Replace the placeholders of `text` by values of `environ`.

    Raises:
        InterpolationError: A placeholder is malformed or a variable that is needed is unset.
    """
    template, _ = _parse(text, 0, nesting=0)
    values: list[str] = []
    replaced = any(isinstance(part, _Placeholder) for part in template)
    text = _evaluate(template, environ, values)
    return Interpolated(text, tuple(values), replaced, replaced and len(template) == 1)


def _parse(text: str, at: int, *, nesting: int) -> tuple[_Template, int]:
    """Parse up to the end, or inside a placeholder up to its brace; return where that was."""
    if nesting > _MAX_NESTING:
        raise InterpolationError(f"${{…}} is nested deeper than {_MAX_NESTING} levels")
    parts: list[str | _Placeholder] = []
    while found := _TOKEN.match(text, at):
        at = found.end()
        match found[0]:
            case "$$":
                parts.append("$")
            case "${":
                placeholder, at = _placeholder(text, at, nesting=nesting)
                parts.append(placeholder)
            case "}" if nesting:
                return tuple(parts), at
            case literal:
                parts.append(literal)
    if nesting:
        raise InterpolationError("'${' has no closing '}'; write '$$' for a dollar sign")
    return tuple(parts), at


def _placeholder(text: str, at: int, *, nesting: int) -> tuple[_Placeholder, int]:
    head = _HEAD.match(text, at)
    if head is None:
        raise InterpolationError(
            "'${' must be followed by the name of a variable; write '$$' for a dollar sign"
        )
    inner, end = _parse(text, head.end(), nesting=nesting + 1)
    if inner and head[2] is None:
        raise InterpolationError(
            f"'${{{head[1]}' must be followed by '}}' or by one of :- - :? ? :+ +"
        )
    return _Placeholder(head[1], head[2], inner), end


def _evaluate(template: _Template, environ: Mapping[str, str], values: list[str]) -> str:
    return "".join(
        part if isinstance(part, str) else _replace(part, environ, values) for part in template
    )


def _replace(placeholder: _Placeholder, environ: Mapping[str, str], values: list[str]) -> str:
    value = environ.get(placeholder.name)
    operator = placeholder.operator or ""
    missing = value is None or (operator.startswith(":") and not value)
    if operator.endswith("+"):
        return "" if missing else _evaluate(placeholder.text, environ, values)
    if missing or value is None:
        if operator.endswith("-"):
            return _evaluate(placeholder.text, environ, values)
        raise InterpolationError(_unset(placeholder, environ))
    values.append(value)
    return value


def _unset(placeholder: _Placeholder, environ: Mapping[str, str]) -> str:
    state = "empty" if placeholder.name in environ else "not set"
    reason = f"the environment variable {placeholder.name} is {state}"
    # The author's words may hold placeholders too, but a message is no place for their values.
    words = "".join(part if isinstance(part, str) else "${…}" for part in placeholder.text)
    return f"{reason}: {words}" if words else reason
