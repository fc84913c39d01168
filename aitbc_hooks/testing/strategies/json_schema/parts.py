"""What a schema asks of one value, free of its dialect: the records that everything else reads."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.testing.strategies.json_schema.numbers import NumberRules
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules
from aitbc_hooks.testing.strategies.json_schema.values import KINDS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

__all__ = [
    "ALL_KINDS",
    "ANYTHING",
    "NOTHING",
    "ArrayRules",
    "Choice",
    "Contained",
    "Keywords",
    "ObjectRules",
    "Part",
    "made",
]

ALL_KINDS: Final = frozenset(KINDS)


class Part:
    """One schema as it applies to one value; its keywords are read when they are asked for.

    Args:
        load: Reads the keywords.
        home: The part that brought it to the same value (by ``allOf``, ``$ref`` and the like).
        place: What tells one schema from another.
        check: Whether a value satisfies the schema, if someone can tell.

    Attributes:
        contrary: The part that holds where this one does not, once that was asked for.
    """

    def __init__(
        self,
        load: Callable[[Part], Keywords],
        *,
        home: Part | None = None,
        place: object = None,
        check: Callable[[Any], bool] | None = None,
    ) -> None:
        self._load = load
        self._check = check
        self.home = home
        self.place = place
        self.contrary: Part | None = None
        self._admitted: dict[str, bool] = {}

    @cached_property
    def keywords(self) -> Keywords:
        """What the schema says."""
        return self._load(self)

    def accepts(self, value: Any) -> bool:
        """Return False if the value is known to violate the schema."""
        return self._check is None or self._check(value)

    def admits(self, value: Any) -> bool:
        """Do as `accepts` does, once for each value: for those that schemas list."""
        key = repr(value)
        if key not in self._admitted:
            self._admitted[key] = self.accepts(value)
        return self._admitted[key]

    def lineage(self) -> Iterator[Part]:
        """Yield this part, the one that brought it, and so on."""
        part: Part | None = self
        while part is not None:
            yield part
            part = part.home


@attrs.frozen(eq=False)
class Choice:
    """Alternatives, of which one is to hold; each is a tuple of parts that hold together.

    Attributes:
        unless: Where this cannot hold, the choice is made already (it was made by ``not``).
        is_condition: Whether it is between what follows from a condition, and the contrary.
    """

    options: tuple[tuple[Part, ...], ...]
    unless: Part | None = None
    is_condition: bool = False


@attrs.frozen
class ObjectRules:
    """The keywords for objects of one schema.

    Attributes:
        additional: What holds for keys that neither `properties` nor `patterns` have.
        names: What holds for keys.
        dependent: Key -> the keys that must be there if it is.
        unevaluated: What holds for keys that no schema inside this one knows.
    """

    properties: Mapping[str, Part] = attrs.Factory(dict)
    patterns: tuple[tuple[str, Part], ...] = ()
    additional: Part | None = None
    names: Part | None = None
    required: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    sizes: Span = attrs.Factory(Span)
    dependent: Mapping[str, tuple[str, ...]] = attrs.Factory(dict)
    unevaluated: Part | None = None

    def parts(self) -> Iterator[Part]:
        """Yield all parts that are named here."""
        yield from self.properties.values()
        yield from (part for _, part in self.patterns)
        yield from filter(None, (self.additional, self.names, self.unevaluated))


@attrs.frozen
class Contained:
    """Items that an array must hold: how many, and what they are."""

    part: Part
    count: Span


@attrs.frozen
class ArrayRules:
    """The keywords for arrays of one schema.

    Attributes:
        prefix: What holds for the first items.
        rest: What holds for those after them.
        unevaluated: What holds for items that no schema inside this one knows.
    """

    prefix: tuple[Part, ...] = ()
    rest: Part | None = None
    sizes: Span = attrs.Factory(Span)
    unique: bool = False
    contained: tuple[Contained, ...] = ()
    unevaluated: Part | None = None

    def parts(self) -> Iterator[Part]:
        """Yield all parts that are named here."""
        yield from self.prefix
        yield from (contained.part for contained in self.contained)
        yield from filter(None, (self.rest, self.unevaluated))


@attrs.frozen(eq=False)
class Keywords:
    """All that one schema says of one value.

    Attributes:
        kinds: What kinds of value are allowed.
        values: The only values (``enum``, ``const``), or None.
        excluded: Values that are not allowed.
        every: Parts that hold for the same value.
        choices: Alternatives for the same value.
        likely: Values that the author named (``default``, ``examples``).
        opaque: Whether there is more to it, which only the referee sees.
    """

    kinds: frozenset[str] = ALL_KINDS
    values: tuple[Any, ...] | None = None
    excluded: tuple[Any, ...] = ()
    numbers: NumberRules = attrs.Factory(NumberRules)
    strings: StringRules = attrs.Factory(StringRules)
    objects: ObjectRules = attrs.Factory(ObjectRules)
    arrays: ArrayRules = attrs.Factory(ArrayRules)
    every: tuple[Part, ...] = ()
    choices: tuple[Choice, ...] = ()
    likely: tuple[Any, ...] = ()
    opaque: bool = False

    def parts(self) -> Iterator[Part]:
        """Yield all parts that are named here, for this value and for others."""
        yield from self.every
        yield from (part for choice in self.choices for opt in choice.options for part in opt)
        yield from self.objects.parts()
        yield from self.arrays.parts()


def made(kinds: frozenset[str] = ALL_KINDS, **keywords: Any) -> Part:
    """Return a part that no schema has: keywords that were inferred."""
    known = Keywords(kinds=kinds, **keywords)
    return Part(lambda _: known)


ANYTHING: Final = made()
NOTHING: Final = made(frozenset())
