"""Several parts that hold for one value, as one set of rules."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any

from aitbc_hooks.testing.strategies.json_schema.numbers import NumberRules
from aitbc_hooks.testing.strategies.json_schema.parts import (
    ALL_KINDS,
    ArrayRules,
    Choice,
    ObjectRules,
    Part,
)
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules
from aitbc_hooks.testing.strategies.json_schema.values import (
    identity,
    kind_of,
    without_whole_floats,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["Merged", "closure"]


def closure(parts: Iterable[Part]) -> tuple[Part, ...]:
    """Return the parts with all that they bring to the same value."""
    found: dict[Part, None] = {}
    waiting = list(reversed(list(parts)))
    while waiting:
        part = waiting.pop()
        if part not in found:
            found[part] = None
            waiting.extend(reversed(part.keywords.every))
    return tuple(found)


class Merged:
    """What holds for a value if every one of some parts does; their choices are left open.

    Args:
        parts: The parts, closed.

    Attributes:
        objects: The rules for objects with the part that they are of; arrays likewise.
        opaque: Whether only the referee sees all of it.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        known = [part.keywords for part in parts]
        self.parts = parts
        self.kinds = frozenset[str](ALL_KINDS).intersection(*(k.kinds for k in known))
        self.numbers = NumberRules()
        self.strings = StringRules()
        for keywords in known:
            self.numbers = self.numbers.meet(keywords.numbers)
            self.strings = self.strings.meet(keywords.strings)
        self.objects: list[tuple[Part, ObjectRules]] = [(p, p.keywords.objects) for p in parts]
        self.arrays: list[tuple[Part, ArrayRules]] = [(p, p.keywords.arrays) for p in parts]
        self.choices: list[Choice] = [choice for k in known for choice in k.choices]
        self.opaque = any(k.opaque for k in known)
        self._known = known

    @cached_property
    def values(self) -> list[Any] | None:
        """The only values that are allowed, or None if they are not listed."""
        listed = [k.values for k in self._known if k.values is not None]
        if not listed:
            return None
        first, *others = listed
        common = [set(map(identity, values)) for values in others]
        found = {identity(value): value for value in first}
        shared = [v for key, v in found.items() if all(key in values for values in common)]
        forms = ((value, without_whole_floats(value)) for value in shared)
        return [form for pair in forms for form in [f for f in pair if self.allows(f)][:1]]

    @cached_property
    def is_free(self) -> bool:
        """Whether every value is allowed."""
        return all(
            (k.kinds, k.values, k.excluded, k.choices, k.opaque) == (ALL_KINDS, None, (), (), False)
            and (k.numbers, k.strings) == (NumberRules(), StringRules())
            and (k.objects, k.arrays) == (ObjectRules(), ArrayRules())
            for k in self._known
        )

    @cached_property
    def likely(self) -> list[Any]:
        """The values that authors named, as far as they are allowed."""
        named = {identity(v): v for k in self._known for v in k.likely}
        return [value for value in named.values() if self.allows(value)]

    def allows(self, value: Any) -> bool:
        """Return False if a listed value violates what is known, choices not looked at."""
        kind = kind_of(value)
        if kind not in self.kinds or self.excludes(value):
            return False
        if kind in {"integer", "float"} and not self.numbers.allow(value):
            return False
        if kind == "string" and not self.strings.allow(value):
            return False
        return all(part.admits(value) for part in self.parts)

    def is_accepted(self, value: Any) -> bool:
        """Return False if the referee rejects a value for one of the parts."""
        return all(part.accepts(value) for part in self.parts)

    def excludes(self, value: Any) -> bool:
        """Return whether a value is named among those that are not allowed."""
        return identity(value) in self.excluded

    @cached_property
    def excluded(self) -> set[Any]:
        """The identities of the values that are not allowed."""
        return {identity(value) for k in self._known for value in k.excluded}
