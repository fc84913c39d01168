"""Configurations that cover: every two values of two keys stand together in one of them.

A branch such as ``if role == "follower" and peers`` is met by chance only now and then.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from hypothesis import find, settings
from hypothesis.errors import HypothesisException

from aitbc_hooks.testing.strategies import (
    InvalidSchemaError,
    UnsatisfiableSchemaError,
    from_schema,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["covering_configs"]

#: Keys, and values of one key, that are combined.
_KEYS: Final = 8
_VALUES: Final = 5
#: Stands for a key that is not there.
_ABSENT: Final = object()
_QUICK: Final = settings(max_examples=50, database=None, derandomize=True, deadline=None)


def covering_configs(
    schema: Mapping[str, Any], formats: Mapping[str, SearchStrategy[str]] | None = None
) -> list[dict[str, Any]]:
    """Return few configurations in which every two values of two keys stand together.

    A key has the values of its ``enum``, else the simplest one and the simplest that is true; one
    that is not required may be absent. What the schema says of several keys is not looked at, so
    not all need be allowed.

    Args:
        schema: A JSON Schema of an object.
        formats: As for `strategies.configs`.
    """
    required = schema.get("required", [])
    options: dict[str, list[Any]] = {}
    for name in list(schema.get("properties", {}))[:_KEYS]:
        values = _values(schema, name, formats)
        options[name] = values if name in required else [_ABSENT, *values]
    return [
        {name: value for name, value in row.items() if value is not _ABSENT}
        for row in _rows({name: values for name, values in options.items() if values})
    ]


def _values(
    schema: Mapping[str, Any], name: str, formats: Mapping[str, SearchStrategy[str]] | None
) -> list[Any]:
    own = schema["properties"][name]
    if isinstance(own, dict) and isinstance(own.get("enum"), list):
        return list(own["enum"][:_VALUES])
    place = quote(name.replace("~", "~0").replace("/", "~1"), safe="")
    definitions = {**schema.get("$defs", {}), "properties": schema["properties"]}
    about = {key: schema[key] for key in ("$schema", "definitions") if key in schema}
    try:
        strategy = from_schema(
            {**about, "$defs": definitions, "$ref": f"#/$defs/properties/{place}"}, formats=formats
        )
        simplest, true = (find(strategy, condition, settings=_QUICK) for condition in (_any, bool))
    except (InvalidSchemaError, UnsatisfiableSchemaError, HypothesisException):
        return []  # what refers to other places, or has one value only, is left to chance
    return [simplest] if simplest == true else [simplest, true]


def _any(_: object) -> bool:
    return True


def _rows(options: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    """Yield one value of each name, until every two values of two names have stood together."""
    missing = dict.fromkeys(
        choice
        for count in (1, 2)
        for names in itertools.combinations(options, count)
        for numbers in itertools.product(*(range(len(options[name])) for name in names))
        for choice in _together(dict(zip(names, numbers, strict=True)))
    )
    while missing:
        row = dict(next(iter(missing)))
        for name, values in options.items():
            if name not in row:
                rows = ({**row, name: number} for number in range(len(values)))
                row = max(rows, key=lambda row: len(missing.keys() & _together(row)))
        for choice in _together(row):
            missing.pop(choice, None)
        yield {name: values[row[name]] for name, values in options.items()}


def _together(row: Mapping[str, int]) -> set[frozenset[tuple[str, int]]]:
    """Return what stands together in a row: each choice alone, and each two of them."""
    return {
        frozenset(choice)
        for count in (1, 2)
        for choice in itertools.combinations(row.items(), count)
    }
