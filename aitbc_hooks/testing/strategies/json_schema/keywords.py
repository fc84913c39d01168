"""The keywords of one schema, family by family, read into rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.testing.strategies.json_schema.numbers import Edge, NumberRules
from aitbc_hooks.testing.strategies.json_schema.parts import (
    ALL_KINDS,
    ArrayRules,
    Contained,
    ObjectRules,
    Part,
)
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules
from aitbc_hooks.testing.strategies.json_schema.values import identity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    #: Reads a schema for another value, such as that of a key.
    Sub = Callable[[Any], Part]
    Raw = Mapping[str, Any]

__all__ = [
    "read_arrays",
    "read_kinds",
    "read_likely",
    "read_numbers",
    "read_objects",
    "read_strings",
    "read_values",
]

_TYPES: Final = {"number": ("integer", "float")}


def read_kinds(raw: Raw) -> frozenset[str]:
    """Read ``type``."""
    if "type" not in raw:
        return ALL_KINDS
    names = [raw["type"]] if isinstance(raw["type"], str) else raw["type"]
    return frozenset(kind for name in names for kind in _TYPES.get(name, (name,)))


def read_values(raw: Raw) -> tuple[Any, ...] | None:
    """Read ``enum`` and ``const``."""
    values: list[Any] | None = raw.get("enum")
    if "const" not in raw:
        return None if values is None else tuple(values)
    const = identity(raw["const"])
    return tuple(v for v in (values or [raw["const"]]) if identity(v) == const)


def read_likely(raw: Raw) -> tuple[Any, ...]:
    """Read ``default`` and ``examples``."""
    examples = raw.get("examples")
    default = [raw["default"]] if "default" in raw else []
    return (*default, *(examples if isinstance(examples, list) else ()))


def read_numbers(raw: Raw) -> NumberRules:
    """Read the bounds, ``multipleOf``."""
    rules = NumberRules(factors=(raw["multipleOf"],) if "multipleOf" in raw else ())
    for edge in _edges(raw, "minimum", "exclusiveMinimum"):
        rules = rules.meet(NumberRules(lower=edge))
    for edge in _edges(raw, "maximum", "exclusiveMaximum"):
        rules = rules.meet(NumberRules(upper=edge))
    return rules


def _edges(raw: Raw, name: str, exclusive: str) -> Iterator[Edge]:
    own = raw.get(exclusive, False)
    if name in raw:
        # In draft 4, exclusiveMinimum says of minimum whether it is outside.
        yield Edge(raw[name], own is True)
    if not isinstance(own, bool):
        yield Edge(own, open=True)


def read_strings(raw: Raw) -> StringRules:
    """Read the lengths, ``pattern``, ``format``."""
    return StringRules(
        _span(raw, "minLength", "maxLength"),
        patterns=(raw["pattern"],) if "pattern" in raw else (),
        formats=(raw["format"],) if "format" in raw else (),
    )


def read_objects(raw: Raw, sub: Sub) -> ObjectRules:
    """Read the keywords for objects; the schemas of ``dependentSchemas`` are read elsewhere."""
    dependent = {**raw.get("dependencies", {}), **raw.get("dependentRequired", {})}
    return ObjectRules(
        properties={name: sub(item) for name, item in raw.get("properties", {}).items()},
        patterns=tuple((p, sub(item)) for p, item in raw.get("patternProperties", {}).items()),
        additional=_optional(raw, "additionalProperties", sub),
        names=_optional(raw, "propertyNames", sub),
        required=tuple(raw.get("required", ())),
        sizes=_span(raw, "minProperties", "maxProperties"),
        dependent={name: tuple(keys) for name, keys in dependent.items() if isinstance(keys, list)},
        unevaluated=_optional(raw, "unevaluatedProperties", sub),
    )


def read_arrays(raw: Raw, sub: Sub) -> ArrayRules:
    """Read the keywords for arrays."""
    items = raw.get("items")
    if isinstance(items, list):  # before 2020-12
        prefix, rest = items, _optional(raw, "additionalItems", sub)
    else:
        prefix, rest = raw.get("prefixItems", ()), _optional(raw, "items", sub)
    contained: tuple[Contained, ...] = ()
    if "contains" in raw:
        count = Span(int(raw.get("minContains", 1)), _whole(raw, "maxContains"))
        contained = (Contained(sub(raw["contains"]), count),)
    return ArrayRules(
        prefix=tuple(map(sub, prefix)),
        rest=rest,
        sizes=_span(raw, "minItems", "maxItems"),
        unique=raw.get("uniqueItems", False),
        contained=contained,
        unevaluated=_optional(raw, "unevaluatedItems", sub),
    )


def _optional(raw: Raw, name: str, sub: Sub) -> Part | None:
    return sub(raw[name]) if name in raw else None


def _span(raw: Raw, low: str, high: str) -> Span:
    return Span(_whole(raw, low) or 0, _whole(raw, high))


def _whole(raw: Raw, name: str) -> int | None:
    return None if name not in raw else int(raw[name])  # JSON allows 2.0
