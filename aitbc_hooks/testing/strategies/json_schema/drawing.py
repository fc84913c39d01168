"""A value is drawn, from the top down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import reject
from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.json_schema.values import copied, identity
from aitbc_hooks.testing.strategies.plain_json import json_values

if TYPE_CHECKING:
    from collections.abc import Hashable

    from hypothesis.strategies import DrawFn, SearchStrategy

    from aitbc_hooks.testing.strategies.json_schema.arrays import ArrayShape
    from aitbc_hooks.testing.strategies.json_schema.nodes import Node
    from aitbc_hooks.testing.strategies.json_schema.objects import ObjectShape

__all__ = ["values_of"]

#: How deep a value goes that need not.
_DEPTH: Final = 5
#: How many values one value holds that need not.
_ROOM: Final = 40
#: How many items and unknown keys there are beyond those that must be.
_ITEMS: Final = 6
_STRANGERS: Final = 2
#: With more optional keys than these, not each is asked for in turn.
_MANY: Final = 10
#: How often a draw that turned out to be a repetition is made again.
_AGAIN: Final = 8

_COIN: Final = st.booleans()
_QUARTERS: Final = st.integers(0, 3)
_LAST_QUARTER: Final = 3
_EITHER_OR: Final = 2


@st.composite
def values_of(draw: DrawFn, node: Node) -> Any:
    """Draw a value of a node."""
    return _Drawing(draw).value(node, _DEPTH)


class _Drawing:
    """One value being drawn.

    Args:
        draw: Hypothesis' function.
        room: How many values more it may get that it need not have.
    """

    def __init__(self, draw: DrawFn, room: int = _ROOM) -> None:
        self._draw = draw
        self.room = room

    def value(self, node: Node, levels: int, seen: frozenset[Hashable] = frozenset()) -> Any:
        """Draw a value.

        Args:
            node: What it is.
            levels: How many levels it may have, if it need not have more.
            seen: Identities of values that are better avoided.
        """
        self.room -= 1
        if self.room <= 0:
            levels = 0
        while node.options:
            levels = _at_least(node, levels)
            options = [option for option in node.options if option.fits(levels)]
            # Conditions often exclude one another: each in turn by halves would starve the last.
            times = node.conditions if len(options) == _EITHER_OR else 1
            node = self._one(options[:1] + options[1:] * max(times, 1))
        levels = _at_least(node, levels)
        if node.merged.opaque:
            return self._draw(_judged(self, node, levels, seen).filter(node.merged.is_accepted))
        return self.settled(node, levels, seen)

    def settled(self, node: Node, levels: int, seen: frozenset[Hashable]) -> Any:
        """Draw a value of a node without choices."""
        merged = node.merged
        if merged.values is not None:
            fresh = [value for value in merged.values if identity(value) not in seen]
            return copied(self._one(fresh or merged.values))
        value = self._plain(node, levels)
        # Asked for afterwards: else these were fewer choices, and what everything shrinks to.
        if merged.likely and self._draw(_QUARTERS) == _LAST_QUARTER:
            return copied(self._one(merged.likely))
        return value

    def _plain(self, node: Node, levels: int) -> Any:
        if node.merged.is_free:
            return self._draw(json_values())
        kind = self._one(node.kinds_within(levels))
        if kind == "object":
            return self._object(node.shape, levels)
        if kind == "array":
            return self._array(node.row, levels)
        return self._draw(_some(node.scalars(kind)))

    def _object(self, shape: ObjectShape, levels: int) -> dict[str, Any]:
        value = {
            name: self.value(shape.node(name), levels - 1) for name in self._names(shape, levels)
        }
        most = max(shape.sizes.low, len(value)) + (_STRANGERS if self.room > 0 else 0)
        if shape.sizes.high is not None:
            most = min(most, shape.sizes.high)
        self._add_strangers(shape, levels, value, most)
        return value

    def _names(self, shape: ObjectShape, levels: int) -> list[str]:
        names = shape.required
        if self.room > 0:
            for name in self._some_of(shape.optional):
                names = shape.extended(names, name, levels)
        for name in shape.optional:
            if len(names) >= shape.sizes.low:
                break
            names = shape.extended(names, name, levels)
        return names

    def _some_of(self, names: list[str]) -> list[str]:
        if len(names) <= _MANY:
            return [name for name in names if self._draw(_COIN)]
        some = st.lists(st.integers(0, len(names) - 1), unique=True, max_size=self.room // 2 + 1)
        return [names[index] for index in sorted(self._draw(some))]

    def _add_strangers(
        self, shape: ObjectShape, levels: int, value: dict[str, Any], most: int
    ) -> None:
        keys = [key for key, node in shape.strangers if levels > 0 and node.fits(levels - 1)]
        tries = most - len(value) + _AGAIN
        while keys and len(value) < most and tries > 0:
            if len(value) >= shape.sizes.low and not self._draw(_COIN):
                break
            tries -= 1
            key = self.value(self._one(keys), 0)
            if shape.extended(list(value), key, levels) == [*value, key]:
                value[key] = self.value(shape.node(key), levels - 1)
        if len(value) < shape.sizes.low:
            reject()

    def _array(self, row: ArrayShape, levels: int) -> list[Any]:
        items: list[Any] = []
        seen: set[Hashable] = set()
        longest = row.longest(levels, row.sizes.low + (_ITEMS if self.room > 0 else 0))
        start = self._draw(_QUARTERS) if row.contained and longest > row.sizes.low else 0
        placed = row.placed(start, longest, levels) or row.placed(0, longest, levels) or {}
        least = max(row.sizes.low, *(index + 1 for index in placed), 0)
        while len(items) < longest:
            if len(items) >= least and self._draw(_QUARTERS) == 0:
                break
            node = placed.get(len(items)) or row.node(len(items))
            item = self._item(node, levels - 1, frozenset(seen) if row.unique else frozenset())
            if row.unique and identity(item) in seen:
                if len(items) < least:
                    reject()
                break
            seen.add(identity(item))
            items.append(item)
        return items

    def _item(self, node: Node, levels: int, seen: frozenset[Hashable]) -> Any:
        item = self.value(node, levels, seen)
        for _ in range(_AGAIN):
            if identity(item) not in seen:
                break
            item = self.value(node, levels, seen)
        return item

    def _one(self, choices: list[Any]) -> Any:
        if not choices:
            reject()
        if len(choices) == 1:
            return choices[0]
        return choices[self._draw(st.integers(0, len(choices) - 1))]


@st.composite
def _judged(
    draw: DrawFn, drawing: _Drawing, node: Node, levels: int, seen: frozenset[Hashable]
) -> Any:
    """Draw a value that the referee has to see, for more than one try."""
    return _Drawing(draw, drawing.room).settled(node, levels, seen)


def _at_least(node: Node, levels: int) -> int:
    if node.height is None:
        reject()
    return max(levels, node.height)


def _some(strategy: SearchStrategy[Any] | None) -> SearchStrategy[Any]:
    return st.nothing() if strategy is None else strategy
