"""A schema as written, in any draft from 4 to 2020-12, read into parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs
import referencing.exceptions
from referencing.jsonschema import lookup_recursive_ref

from aitbc_hooks.testing.strategies.json_schema import keywords
from aitbc_hooks.testing.strategies.json_schema.errors import InvalidSchemaError
from aitbc_hooks.testing.strategies.json_schema.negation import negated
from aitbc_hooks.testing.strategies.json_schema.parts import (
    ANYTHING,
    NOTHING,
    Choice,
    Keywords,
    ObjectRules,
    Part,
    made,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.testing.strategies.json_schema.referee import Referee

__all__ = ["Reader"]

_OBJECT: Final = frozenset({"object"})
#: What constrains nothing, but says what is likely.
_ANNOTATIONS: Final = frozenset({"default", "examples"})
#: Keywords that are read with another: the validator has no function of their name.
_COMPANIONS: Final = {
    "if": ("then", "else"),
    "dependentRequired": ("minContains", "maxContains"),  # these three came together
    "minimum": ("exclusiveMinimum",),
    "maximum": ("exclusiveMaximum",),
}


class Reader:
    """Reads schemas into parts, each once.

    Args:
        referee: Knows the dialect, resolves references and judges.

    Attributes:
        root: The part that the whole schema is.
    """

    def __init__(self, referee: Referee) -> None:
        self._referee = referee
        self._parts: dict[Any, Part] = {}
        names = set(referee.dialect.VALIDATORS)
        self._modern = "dependentRequired" in names  # since 2019-09
        companions = [name for key in names for name in _COMPANIONS.get(key, ())]
        self._names = names | _ANNOTATIONS | set(companions)
        self.root = self.part(referee.schema, referee.resolver)

    def part(self, raw: Any, resolver: Any, home: Part | None = None) -> Part:
        """Return the part that a schema is.

        Args:
            raw: The schema.
            resolver: Where its references are looked up.
            home: The part that brought it to the same value.
        """
        if isinstance(raw, bool):
            return ANYTHING if raw else NOTHING
        if not isinstance(raw, Mapping):
            raise InvalidSchemaError(f"'$ref' leads to what is no schema: {raw!r}")
        resolver = resolver.in_subresource(self._referee.specification.create_resource(raw))
        scope = _scope(resolver) if self._modern else ()
        place = (id(raw), scope)
        if home is not None and any(place == part.place for part in home.lineage()):
            raise InvalidSchemaError(
                "the schema refers to itself without end: whether a value satisfies it depends on "
                "whether the same value satisfies it."
            )
        if (place, home) not in self._parts:
            self._parts[place, home] = Part(
                lambda part: _Reading(self, self._known(raw), resolver, part).keywords(),
                home=home,
                place=place,
                # What a dynamic reference means, only the whole schema knows.
                check=self._referee.judge(raw) if len(scope) < 2 else None,  # noqa: PLR2004 - itself
            )
        return self._parts[place, home]

    def _known(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return the keywords of a schema that its dialect has."""
        alone = "$ref" in raw and not self._modern
        names = _ANNOTATIONS | {"$ref"} if alone else self._names
        return {name: value for name, value in raw.items() if name in names}


@attrs.frozen
class _Reading:
    """One schema being read: into `part`, by the keywords that its dialect has."""

    reader: Reader
    raw: Mapping[str, Any]
    resolver: Any
    part: Part

    def keywords(self) -> Keywords:
        """Read all keywords."""
        raw = self.raw
        numbers = keywords.read_numbers(raw)
        return Keywords(
            kinds=keywords.read_kinds(raw),
            values=keywords.read_values(raw),
            numbers=numbers,
            strings=keywords.read_strings(raw),
            objects=keywords.read_objects(raw, self._sub),
            arrays=keywords.read_arrays(raw, self._sub),
            every=tuple(self._every()),
            choices=tuple(self._choices()),
            likely=keywords.read_likely(raw),
            opaque=any(isinstance(factor, float) for factor in numbers.factors)
            or "unevaluatedProperties" in raw
            or "unevaluatedItems" in raw,
        )

    def _sub(self, raw: Any) -> Part:
        """Return the part of a schema for another value, such as that of a key."""
        return self.reader.part(raw, self.resolver)

    def _here(self, raw: Any) -> Part:
        """Return the part of a schema for the same value."""
        return self.reader.part(raw, self.resolver, self.part)

    def _every(self) -> Iterator[Part]:
        yield from map(self._here, self.raw.get("allOf", ()))
        if "not" in self.raw:
            yield negated(self._here(self.raw["not"]))
        for name in ("$ref", "$dynamicRef"):
            if name in self.raw:
                yield self._referred(name, self.raw[name])
        if "$recursiveRef" in self.raw:
            found = lookup_recursive_ref(self.resolver)
            yield self.reader.part(found.contents, found.resolver, self.part)

    def _referred(self, name: str, reference: str) -> Part:
        try:
            found = self.resolver.lookup(reference)
        except (
            referencing.exceptions.Unresolvable,
            referencing.exceptions.NoSuchResource,
            ValueError,
        ):
            raise InvalidSchemaError(
                f"{name!r} leads nowhere: {reference!r}. Nothing is fetched: put the schema that it "
                "means into this one, under 'definitions' or '$defs'."
            ) from None
        return self.reader.part(found.contents, found.resolver, self.part)

    def _choices(self) -> Iterator[Choice]:
        if "anyOf" in self.raw:
            yield Choice(tuple((self._here(item),) for item in self.raw["anyOf"]))
        if "oneOf" in self.raw:
            yield self._one_of([self._here(item) for item in self.raw["oneOf"]])
        if "if" in self.raw:
            condition = self._here(self.raw["if"])
            met = (condition, *self._branch("then"))
            yield Choice((met, (negated(condition), *self._branch("else"))), is_condition=True)
        for name in ("dependentSchemas", "dependencies"):
            for key, item in self.raw.get(name, {}).items():
                if not isinstance(item, list):
                    yield self._dependent(key, self._here(item))

    def _branch(self, name: str) -> tuple[Part, ...]:
        return (self._here(self.raw[name]),) if name in self.raw else ()

    def _one_of(self, parts: list[Part]) -> Choice:
        return Choice(
            tuple(
                (part, *(negated(other) for other in parts[:i] + parts[i + 1 :]))
                for i, part in enumerate(parts)
            )
        )

    def _dependent(self, key: str, part: Part) -> Choice:
        absent = made(objects=ObjectRules(forbidden=(key,)))
        present = made(_OBJECT, objects=ObjectRules(required=(key,)))
        return Choice(((absent,), (present, part)))


def _scope(resolver: Any) -> tuple[str, ...]:
    """Return what a dynamic reference depends on: the resources entered, outermost first.

    More than two would make a part of each schema for every way that leads to it.
    """
    entered = dict.fromkeys(reversed([uri for uri, _ in resolver.dynamic_scope()]))
    return tuple(entered)[:2]
