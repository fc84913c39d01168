"""What it takes to violate a schema: ``not``, the others of ``oneOf``, ``else``.

The violations are listed as alternatives, each a few keywords; what cannot be expressed by keywords
is left to the referee.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.strategies.json_schema.numbers import Edge, NumberRules
from aitbc_hooks.testing.strategies.json_schema.parts import (
    ALL_KINDS,
    ANYTHING,
    NOTHING,
    ArrayRules,
    Choice,
    Keywords,
    ObjectRules,
    Part,
    made,
)
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["STRANGER", "negated"]

_NUMBERS: Final = frozenset({"integer", "float"})
_STRING: Final = frozenset({"string"})
_OBJECT: Final = frozenset({"object"})
_ARRAY: Final = frozenset({"array"})
#: A key that hardly any schema has.
STRANGER: Final = "another"


def negated(part: Part) -> Part:
    """Return the part that holds where `part` does not."""
    if part is ANYTHING or part is NOTHING:
        return NOTHING if part is ANYTHING else ANYTHING
    if part.contrary is None:
        part.contrary = Part(lambda _: _violations(part))
        part.contrary.contrary = part
    return part.contrary


def _violations(part: Part) -> Keywords:
    ways = tuple(_ways(part.keywords))
    if not ways:
        return Keywords(kinds=frozenset())
    return Keywords(choices=(Choice(ways, unless=part),))


def _ways(known: Keywords) -> Iterator[tuple[Part, ...]]:
    """Yield the ways to violate keywords, each enough by itself."""
    if known.kinds != ALL_KINDS:
        yield (made(ALL_KINDS - known.kinds),)
    if known.values is not None:
        yield (made(excluded=known.values),)
    if known.excluded:
        yield (made(values=known.excluded),)
    yield from ((part,) for part in _ways_of_families(known))
    yield from ((made(kinds, opaque=True),) for kinds in _unseen(known))
    yield from ((negated(part),) for part in known.every)
    for choice in known.choices:
        yield tuple(_none_of(option) for option in choice.options)


def _ways_of_families(known: Keywords) -> Iterator[Part]:
    yield from (made(_NUMBERS, numbers=rules) for rules in _number_ways(known.numbers))
    yield from (made(_STRING, strings=rules) for rules in _string_ways(known.strings))
    yield from (made(_OBJECT, objects=rules) for rules in _object_ways(known.objects))
    yield from (made(_ARRAY, arrays=rules) for rules in _array_ways(known.arrays))


def _none_of(option: tuple[Part, ...]) -> Part:
    """Return the part that holds where some part of an option does not."""
    if len(option) == 1:
        return negated(option[0])
    return made(choices=(Choice(tuple((negated(part),) for part in option)),))


def _number_ways(rules: NumberRules) -> Iterator[NumberRules]:
    if rules.lower is not None:
        yield NumberRules(upper=Edge(rules.lower.value, not rules.lower.open))
    if rules.upper is not None:
        yield NumberRules(lower=Edge(rules.upper.value, not rules.upper.open))


def _string_ways(rules: StringRules) -> Iterator[StringRules]:
    for lengths in rules.lengths.outside():
        yield StringRules(lengths)
    for pattern in rules.patterns:
        yield StringRules(avoided=(pattern,))
    for pattern in rules.avoided:
        yield StringRules(patterns=(pattern,))


def _object_ways(rules: ObjectRules) -> Iterator[ObjectRules]:
    for name in rules.required:
        yield ObjectRules(forbidden=(name,))
    for name in rules.forbidden:
        yield ObjectRules(required=(name,))
    for name, part in rules.properties.items():
        if part is not ANYTHING:
            yield ObjectRules(required=(name,), properties={name: negated(part)})
    for sizes in rules.sizes.outside():
        yield ObjectRules(sizes=sizes)
    for name, needed in rules.dependent.items():
        for other in needed:
            yield ObjectRules(required=(name,), forbidden=(other,))
    if rules.additional is not None and rules.additional is not ANYTHING:
        yield _with_stranger(rules, rules.additional)


def _with_stranger(rules: ObjectRules, additional: Part) -> ObjectRules:
    name = STRANGER
    while name in rules.properties:
        name += "_"
    return ObjectRules(required=(name,), properties={name: negated(additional)})


def _array_ways(rules: ArrayRules) -> Iterator[ArrayRules]:
    for index, part in enumerate(rules.prefix):
        if part is not ANYTHING:
            yield _with_item(index, negated(part))
    if rules.rest is not None and rules.rest is not ANYTHING:
        yield _with_item(len(rules.prefix), negated(rules.rest))
    for sizes in rules.sizes.outside():
        yield ArrayRules(sizes=sizes)
    for contained in rules.contained:
        if contained.count.low == 1:
            yield ArrayRules(rest=negated(contained.part))


def _with_item(index: int, part: Part) -> ArrayRules:
    return ArrayRules(prefix=(*[ANYTHING] * index, part), sizes=Span(index + 1))


def _unseen(known: Keywords) -> Iterator[frozenset[str]]:
    """Yield the kinds of value that violate what keywords cannot say the contrary of."""
    if known.numbers.factors:
        yield _NUMBERS
    if known.strings.formats:
        yield _STRING
    objects, arrays = known.objects, known.arrays
    if objects.patterns or objects.names or objects.unevaluated:
        yield _OBJECT
    counts = [contained.count for contained in arrays.contained]
    if arrays.unique or arrays.unevaluated or any(c.low > 1 or c.high is not None for c in counts):
        yield _ARRAY
