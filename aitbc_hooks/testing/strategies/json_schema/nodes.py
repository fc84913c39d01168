"""What may stand at a place: parts that hold together, and the choices that are open there.

A node with an open choice has one node for each alternative; one without describes values. Nodes
are made when they are asked for, each once, so a schema may refer to itself.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.testing.strategies.json_schema.arrays import ArrayShape
from aitbc_hooks.testing.strategies.json_schema.merging import Merged, closure
from aitbc_hooks.testing.strategies.json_schema.objects import ObjectShape
from aitbc_hooks.testing.strategies.json_schema.scalars import scalars
from aitbc_hooks.testing.strategies.json_schema.values import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.strategies.json_schema.parts import Choice, Part

__all__ = ["Graph", "Node"]

#: A value that needs more levels than these is not found.
_DEEPEST: Final = 25
#: With more nodes than these, alternatives are left to the referee.
_MANY: Final = 4_000
#: So are those that come after so many others at one place.
_TURNS: Final = 120
#: How far down a contradiction between alternatives is looked for.
_GLANCE: Final = 2


class Graph:
    """The nodes of one schema.

    Args:
        formats: The strings of each format that is known.
    """

    def __init__(self, formats: Mapping[str, SearchStrategy[str]]) -> None:
        self.formats = formats
        self._nodes: dict[Any, Node] = {}

    def node(
        self, parts: Iterable[Part], decided: frozenset[Choice] = frozenset(), turns: int = 0
    ) -> Node:
        """Return the node of parts that hold for one value.

        Args:
            parts: The parts.
            decided: The choices among theirs that are made.
            turns: How many of them were made one by one.
        """
        parts = closure(parts)
        key = (frozenset(parts), decided)
        if key not in self._nodes:
            self._nodes[key] = Node(self, parts, decided, turns)
        return self._nodes[key]

    def glance(self, parts: Iterable[Part]) -> Node:
        """Return a node that leaves all choices open, to see what holds anyhow."""
        parts = closure(parts)
        key = frozenset(parts)
        if key not in self._nodes:
            self._nodes[key] = Node(self, parts)
        return self._nodes[key]

    def has_room(self, turns: int) -> bool:
        """Return whether another choice is to be followed."""
        return len(self._nodes) <= _MANY and turns < _TURNS


class Node:
    """See the module. Made by `Graph.node` alone."""

    def __init__(
        self,
        graph: Graph,
        parts: tuple[Part, ...],
        decided: frozenset[Choice] = frozenset(),
        turns: int = 0,
    ) -> None:
        self.graph = graph
        self.parts = parts
        self._decided = decided
        self._turns = turns
        self._fitting: int | None = None
        self._too_low = -1
        self._scalars: dict[str, SearchStrategy[Any] | None] = {}

    @cached_property
    def merged(self) -> Merged:
        """What holds here, as far as no choice is open."""
        return Merged(self.parts)

    @cached_property
    def options(self) -> tuple[Node, ...]:
        """The nodes of the next open choice; none if there is no such choice."""
        decided = self._decided
        if not self.graph.has_room(self._turns):
            return ()
        for choice in self.merged.choices:
            if choice in decided:
                continue
            decided |= {choice}
            if choice.unless is None or not self._excludes(choice.unless):
                return tuple(self._deciding(option, decided) for option in choice.options)
        return ()

    def _deciding(self, option: tuple[Part, ...], decided: frozenset[Choice]) -> Node:
        return self.graph.node((*self.parts, *option), decided, self._turns + 1)

    @cached_property
    def conditions(self) -> int:
        """How many conditions are open here."""
        choices = self.merged.choices
        return sum(choice.is_condition and choice not in self._decided for choice in choices)

    @cached_property
    def height(self) -> int | None:
        """How many levels of arrays and objects the flattest value has; None without a value."""
        return next((height for height in range(_DEEPEST) if self.fits(height)), None)

    def fits(self, height: int) -> bool:
        """Return whether there is a value with no more levels than `height`."""
        if self._fitting is not None and height >= self._fitting:
            return True
        if height <= self._too_low or self.contradicts:
            return False
        fits = (
            any(node.fits(height) for node in self.options)
            if self.options
            else bool(self.values) or any(self._kind_fits(kind, height) for kind in self.kinds)
        )
        if fits:
            self._fitting = height
        else:
            self._too_low = height
        return fits

    def kinds_within(self, height: int) -> list[str]:
        """Return the kinds of value that there are within `height` levels, simplest first."""
        return [kind for kind in self.kinds if self._kind_fits(kind, height)]

    @cached_property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of value that are allowed here, simplest first; none where values are listed."""
        if self.merged.values is not None:
            return ()
        return tuple(kind for kind in KINDS if kind in self.merged.kinds)

    @property
    def values(self) -> list[Any]:
        """The values that are listed here."""
        return self.merged.values or []

    @cached_property
    def shape(self) -> ObjectShape:
        """What objects look like here."""
        return ObjectShape(self.graph, self.merged.objects)

    @cached_property
    def row(self) -> ArrayShape:
        """What arrays look like here."""
        return ArrayShape(self.graph, self.merged.arrays)

    def scalars(self, kind: str) -> SearchStrategy[Any] | None:
        """Return the values of a kind that is neither array nor object; None if there are none."""
        if kind not in self._scalars:
            self._scalars[kind] = scalars(kind, self.merged, self.graph.formats)
        return self._scalars[kind]

    @cached_property
    def contradicts(self) -> bool:
        """Whether there is plainly no value, whatever is chosen."""
        return self.contradicts_within(_GLANCE)

    def contradicts_within(self, depth: int) -> bool:
        """Do as `contradicts` does, looking so many levels down."""
        if self.merged.values is not None:
            return not self.merged.values
        return not any(self._may_be(kind, depth) for kind in self.kinds)

    def _kind_fits(self, kind: str, height: int) -> bool:
        if kind == "object":
            return self.shape.fits(height)
        if kind == "array":
            return self.row.fits(height)
        return self.scalars(kind) is not None

    def _may_be(self, kind: str, depth: int) -> bool:
        if kind not in {"array", "object"}:
            return self.scalars(kind) is not None
        if depth == 0:
            return True
        needed = self.shape.needed() if kind == "object" else self.row.needed()
        if needed is None:
            return False
        return not any(self.graph.glance(parts).contradicts_within(depth - 1) for parts in needed)

    def _excludes(self, part: Part) -> bool:
        return self.graph.glance((*self.parts, part)).contradicts
