"""JSON values as JSON Schema sees them: their kind, when two are the same, and copies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Hashable

__all__ = ["KINDS", "copied", "has_whole_float", "identity", "kind_of", "without_whole_floats"]

#: The kinds of JSON value, simplest first. A ``float`` may be whole; to a host, 1.0 is no integer.
KINDS: Final = ("null", "boolean", "integer", "float", "string", "array", "object")

_PYTHON: Final = (
    (bool, "boolean"),
    (int, "integer"),
    (float, "float"),
    (str, "string"),
    (Mapping, "object"),
    (Sequence, "array"),
)


def kind_of(value: object) -> str:
    """Return the kind of a JSON value.

    Raises:
        TypeError: It is no JSON value.
    """
    if value is None:
        return "null"
    for cls, kind in _PYTHON:
        if isinstance(value, cls):
            return kind
    raise TypeError(f"{type(value).__qualname__} is not a JSON type")


def identity(value: Any) -> Hashable:
    """Return what is equal for values that JSON Schema calls equal, and only for those.

    1 is 1.0, but True is not 1 (JSON Schema 2020-12 core, 4.2.2).
    """
    if isinstance(value, bool):
        return ("boolean", value)
    if isinstance(value, Mapping):
        return frozenset((key, identity(item)) for key, item in value.items())
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(identity, value))
    return value if value is None or isinstance(value, str) else ("number", value)


def copied(value: Any) -> Any:
    """Return a copy in plain dicts and lists in which no part stands twice."""
    if isinstance(value, Mapping):
        return {key: copied(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [copied(item) for item in value]
    return value


def without_whole_floats(value: Any) -> Any:
    """Return a copy with integers for numbers such as 1.0; JSON Schema calls both the same."""
    if isinstance(value, Mapping):
        return {key: without_whole_floats(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return list(map(without_whole_floats, value))
    return int(value) if isinstance(value, float) and value.is_integer() else value


def has_whole_float(value: Any) -> bool:
    """Return whether a number such as 1.0 is in the value."""
    if isinstance(value, dict):
        return any(map(has_whole_float, value.values()))
    if isinstance(value, list):
        return any(map(has_whole_float, value))
    return isinstance(value, float) and value.is_integer()
