"""A graph as trees of text: each plugin above what it asks for, and in full once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.graphing.records import Edge, Graph, Node

__all__ = ["as_text"]


@attrs.frozen
class _Lines:
    """What a tree is drawn with: before a child, before the last one, and below them."""

    child: str
    last: str
    below: str
    below_last: str
    arrow: str


_DRAWN: Final = _Lines("├── ", "└── ", "│   ", "    ", " → ")
_PLAIN: Final = _Lines("|-- ", "`-- ", "|   ", "    ", " -> ")


def as_text(graph: Graph, encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of the trees, then a line for each cycle."""
    lines = _DRAWN if _writable(_DRAWN, encoding) else _PLAIN
    forest = _Forest(graph, lines)
    for name in forest.roots():
        yield from forest.tree(name)
    for cycle in graph.cycles:
        yield f"Cycle: {printable(lines.arrow.join(cycle))}"


def _writable(lines: _Lines, encoding: str | None) -> bool:
    try:
        "".join(attrs.astuple(lines)).encode(encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


class _Forest:
    """The trees of one graph; it knows what it has shown."""

    def __init__(self, graph: Graph, lines: _Lines) -> None:
        self._nodes: dict[str, Node] = {node.name: node for node in graph.nodes}
        self._children: dict[str, list[Edge]] = {}
        for edge in graph.edges:
            self._children.setdefault(edge.source, []).append(edge)
        self._asked_for = {edge.target for edge in graph.edges if edge.source != edge.target}
        self._lines = lines
        self._root = graph.root
        self._shown: set[str] = set()
        self._full: set[str] = set()

    def roots(self) -> Iterator[str]:
        """Yield what nothing asks for, then what only a cycle or a conflict leads to."""
        if self._root is not None:
            yield self._root
        for name in self._nodes:
            if name not in self._asked_for and name != self._root:
                yield name
        for name in self._nodes:
            if name not in self._shown or (name in self._children and name not in self._full):
                yield name

    def tree(self, root: str) -> Iterator[str]:
        """Yield the lines of one tree. The stack is explicit: chains may be long."""
        self._full.add(root)
        yield self._line(self._nodes[root], None)
        waiting = self._below(root, "")
        while waiting:
            edge, lead, below = waiting.pop()
            again = edge.kind != "conflict" and edge.target in self._full
            yield lead + self._line(self._nodes[edge.target], edge, again=again)
            if edge.kind != "conflict" and not again:
                self._full.add(edge.target)
                waiting += self._below(edge.target, below)

    def _below(self, name: str, indent: str) -> list[tuple[Edge, str, str]]:
        """Return the edges of a node with what is drawn before them; the first one last."""
        edges, lines = self._children.get(name, []), self._lines
        rows = [(edge, indent + lines.child, indent + lines.below) for edge in edges]
        if rows:
            rows[-1] = (edges[-1], indent + lines.last, indent + lines.below_last)
        return rows[::-1]

    def _line(self, node: Node, edge: Edge | None, *, again: bool = False) -> str:
        self._shown.add(node.name)
        remarks = [] if node.state == "enabled" else [node.state]
        if edge is not None:
            if edge.range:
                remarks.insert(0, edge.range)
            if edge.kind != "conflict" and edge.fits is False:
                remarks.append("does not fit")
            if again and node.name in self._children:
                remarks.append("cycle" if edge.in_cycle else "see above")
        text = (edge.mark if edge else "") + node.label
        return printable(f"{text} ({'; '.join(remarks)})" if remarks else text)
