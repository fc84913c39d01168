"""Arrays: how many items there may be, and what each is."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.strategies.json_schema.negation import negated
from aitbc_hooks.testing.strategies.json_schema.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aitbc_hooks.testing.strategies.json_schema.nodes import Graph, Node
    from aitbc_hooks.testing.strategies.json_schema.parts import ArrayRules, Contained, Part

__all__ = ["ArrayShape"]

#: An array that must be longer than this is left to the referee to find.
_LONGEST: Final = 2000


class ArrayShape:
    """The arrays that satisfy several schemas at once.

    Args:
        graph: Has the nodes of the items.
        scopes: The rules, each with the part that they are of.

    Attributes:
        sizes: How many items there may be.
        unique: Whether no two items may be the same.
        contained: What must be among them.
    """

    def __init__(self, graph: Graph, scopes: Sequence[tuple[Part, ArrayRules]]) -> None:
        self._graph = graph
        self._scopes = scopes
        rules = [rules for _, rules in scopes]
        self.unique = any(rule.unique for rule in rules)
        self.contained: list[Contained] = [c for rule in rules for c in rule.contained]
        self._prefix = max((len(rule.prefix) for rule in rules), default=0)
        highs = [rule.sizes.high for rule in rules if rule.sizes.high is not None]
        self._most = min(highs, default=None)
        self.sizes = Span(len(self._slots))
        for rule in rules:
            self.sizes = self.sizes.meet(rule.sizes)

    def node(self, index: int) -> Node:
        """Return the node of the item at a place."""
        index = min(index, self._prefix)
        return self._items[index]

    @cached_property
    def _items(self) -> list[Node]:
        return [self._graph.node(self._item(index)) for index in range(self._prefix + 1)]

    def parts_of(self, index: int) -> list[Part]:
        """Return what holds for the item at a place."""
        found: list[Part] = []
        for part, rules in self._scopes:
            if index < len(rules.prefix):
                found.append(rules.prefix[index])
            elif rules.rest is not None:
                found.append(rules.rest)
            if rules.unevaluated is not None and not self._is_evaluated(index, part):
                found.append(rules.unevaluated)
        return found

    def _is_evaluated(self, index: int, outer: Part) -> bool:
        """Return whether a schema inside `outer` knows a place (2020-12 core, 11.2)."""
        inside = [(p, rules) for p, rules in self._scopes if outer in p.lineage()]
        return any(
            index < len(rules.prefix)
            or rules.rest is not None
            or (rules.unevaluated is not None and part is not outer)
            for part, rules in inside
        )

    def needed(self) -> list[list[Part]] | None:
        """Return what holds for each item that every array has; None if there is no array."""
        if self.sizes.is_empty:
            return None
        return [self.parts_of(index) for index in range(min(self.sizes.low, self._prefix + 1))]

    def fits(self, height: int) -> bool:
        """Return whether there is an array with no more levels than `height`."""
        if self.sizes.is_empty:
            return False
        if self.unique and self._variety < self.sizes.low:
            return False
        if self.sizes.low == 0:
            return True
        room = max(self.sizes.low, self._prefix + len(self._slots))
        longest = room if self._most is None else min(self._most, room)
        placed = self.placed(0, longest, height)
        if placed is None or height <= 0:
            return False
        least = max(self.sizes.low, *(index + 1 for index in placed), 0)
        others = {min(i, self._prefix) for i in range(least) if i not in placed}
        return all(self.node(index).fits(height - 1) for index in others)

    @property
    def _variety(self) -> float:
        """How many items there may be if no two are the same, as far as that is plain."""
        if self._prefix:
            return float("inf")
        node = self.node(0)
        return float("inf") if node.merged.values is None else len(node.values)

    def longest(self, height: int, most: int) -> int:
        """Return how many items an array of so many levels may have, `most` at most."""
        limits = [most, self.sizes.high, self._variety if self.unique else None]
        longest = int(min(limit for limit in limits if limit is not None))
        if height <= 0:
            return self.sizes.low
        unfit = (
            i for i in range(min(longest, self._prefix + 1)) if not self.node(i).fits(height - 1)
        )
        return max(next(unfit, longest), self.sizes.low)

    def placed(self, start: int, longest: int, height: int) -> dict[int, Node] | None:
        """Return nodes for places that hold what must be contained; None if there is no room.

        Args:
            start: From where a place is looked for.
            longest: How many items there may be.
            height: How many levels the array may have.
        """
        found: dict[int, Node] = {}
        places = [*range(start, longest), *range(min(start, longest))]
        for wanted in self._slots:
            nodes = ((i, self._graph.node(self._item(i, wanted))) for i in places if i not in found)
            fitting = ((i, node) for i, node in nodes if height > 0 and node.fits(height - 1))
            if (place := next(fitting, None)) is None:
                return None
            found[place[0]] = place[1]
        return found

    @cached_property
    def _slots(self) -> list[tuple[Contained, ...]]:
        """What is to be contained, an item each; several in one where there is no room."""
        wanted = [c for c in self.contained for _ in range(min(c.count.low, _LONGEST))]
        count = len(wanted) if self._most is None else min(len(wanted), self._most)
        return [tuple(wanted[index::count]) for index in range(count)]

    def _item(self, index: int, wanted: tuple[Contained, ...] = ()) -> list[Part]:
        """Return what holds for an item that is among those that must be contained, or is not."""
        others = [c.part for c in self.contained if c.count.high is not None and c not in wanted]
        named = [c.part for c in wanted]
        return [*self.parts_of(min(index, self._prefix)), *named, *map(negated, others)]
