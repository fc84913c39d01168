"""Configurations that a schema forbids: allowed ones with one thing wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

import attrs
from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.json_schema.drawing import values_of
from aitbc_hooks.testing.strategies.json_schema.errors import UnsatisfiableSchemaError
from aitbc_hooks.testing.strategies.json_schema.generating import OBJECT, Source
from aitbc_hooks.testing.strategies.json_schema.negation import STRANGER, negated

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hypothesis.strategies import DrawFn, SearchStrategy

    from aitbc_hooks.testing.strategies.json_schema.nodes import Node
    from aitbc_hooks.testing.strategies.json_schema.parts import Part

__all__ = ["NearMiss", "near_misses"]

#: Breaks a value in place, with what Hypothesis draws.
_Fault = Callable[["DrawFn"], None]


@attrs.frozen
class NearMiss:
    """A configuration that a schema forbids.

    Attributes:
        config: The configuration.
        fault: What is wrong with it, in a few words.
    """

    config: dict[str, Any]
    fault: str


def near_misses(
    schema: Any, *, formats: Mapping[str, SearchStrategy[str]] | None = None
) -> SearchStrategy[NearMiss]:
    """Return configurations that a plugin's schema forbids, for one reason if that can be.

    A required key is missing, one too many is there, a value has the wrong type or is out of range:
    whatever the schema says is violated somewhere. Each is invalid by `jsonschema`.

    Args:
        schema: As for `configs`.
        formats: As for `configs`.

    Raises:
        InvalidSchemaError: It is no JSON Schema, or refers to a schema that is not inside it.
        UnsatisfiableSchemaError: It forbids no dict, as can be seen without a search.
    """
    source = Source(schema, formats, OBJECT)
    contrary = source.graph.node((negated(source.root), OBJECT))
    if contrary.height is None:
        raise UnsatisfiableSchemaError(
            "the schema forbids no configuration. Let it say more of the keys, such as "
            '"additionalProperties": false.'
        )
    broken = _broken(source, contrary).filter(source.referee.is_invalid)
    return broken.map(lambda config: NearMiss(config, source.referee.complaint(config)))


@st.composite
def _broken(draw: DrawFn, source: Source, contrary: Node) -> dict[str, Any]:
    """Draw an allowed configuration, and break it; or one that is wrong as a whole."""
    config: dict[str, Any] = {}
    faults: list[_Fault] = []
    if source.node.height is not None:
        config = draw(values_of(source.node))
        faults = list(_faults(source.node, config))
    ways = len(faults) + bool(source.node.options or not faults)
    index = draw(st.integers(0, ways - 1)) if ways > 1 else 0
    if index == len(faults):
        return cast("dict[str, Any]", draw(values_of(contrary)))
    faults[index](draw)
    return config


def _faults(node: Node, value: Any) -> Iterator[_Fault]:
    """Yield the ways to break a value inside."""
    if isinstance(value, dict):
        yield from _faults_of_object(node, value)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _replacements(node, node.row.parts_of(index), value, index)
            yield from _faults(node.row.node(index), item)


def _faults_of_object(node: Node, value: dict[str, Any]) -> Iterator[_Fault]:
    shape = node.shape
    # First what does not depend on the value: it keeps its number while the value shrinks.
    for name in shape.required:
        yield partial(_drop, value, name)
    for name in (*shape.required, *shape.optional, STRANGER):
        yield from _replacements(node, shape.parts_of(name), value, name)
    for name, item in value.items():
        yield from (partial(_drop, value, other) for other in shape.with_dependents([name])[1:])
        yield from _faults(shape.node(name), item)


def _replacements(node: Node, parts: list[Part], value: Any, key: Any) -> Iterator[_Fault]:
    """Yield the ways to put something wrong under a key, or in the place of an item."""
    for part in parts:
        wrong = node.graph.node((negated(part),))
        if wrong.height is not None:
            yield partial(_put, value, key, wrong)


def _drop(value: dict[str, Any], name: str, _: DrawFn) -> None:
    value.pop(name, None)


def _put(value: Any, key: Any, wrong: Node, draw: DrawFn) -> None:
    value[key] = draw(values_of(wrong))
