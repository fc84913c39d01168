"""A graph in DOT, the language of Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.cli.graphing.records import Edge, Graph

__all__ = ["as_dot"]

_NODES: Final[Mapping[str, Mapping[str, str]]] = {
    "enabled": {},
    "disabled": {"color": "gray", "fontcolor": "gray"},
}
#: What is not there, whatever the reason.
_ABSENT: Final = {"color": "red", "style": "dashed"}
_EDGES: Final[Mapping[str, Mapping[str, str]]] = {
    "needs": {},
    "optional": {"style": "dashed"},
    "conflict": {"arrowhead": "tee", "color": "red"},
}


def as_dot(graph: Graph, _encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of a digraph; an edge points to what is asked for."""
    numbers = {node.name: f"n{number}" for number, node in enumerate(graph.nodes)}
    yield "digraph plugins {"
    yield "  rankdir=LR;"
    yield "  node [shape=box];"
    for node in graph.nodes:
        look = _NODES.get(node.state, _ABSENT)
        label = node.label if node.state == "enabled" else f"{node.label} ({node.state})"
        yield f"  {numbers[node.name]}{_attributes({'label': label, **look})};"
    for edge in graph.edges:
        yield f"  {numbers[edge.source]} -> {numbers[edge.target]}{_attributes(_look(edge))};"
    yield "}"


def _look(edge: Edge) -> dict[str, str]:
    look = dict(_EDGES[edge.kind])
    if edge.range:
        look["label"] = edge.range
    if edge.in_cycle:
        look |= {"color": "orange", "penwidth": "2"}
    if edge.fits is False and edge.kind != "conflict":
        look |= {"color": "red", "fontcolor": "red"}
    return look


def _attributes(look: Mapping[str, str]) -> str:
    if not look:
        return ""
    return f" [{', '.join(f'{key}={_quoted(value)}' for key, value in look.items())}]"


def _quoted(text: str) -> str:
    r"""Return a label as a quoted string.

    Within the quotes DOT itself knows only ``\"``; a label's other backslashes are escapes to the
    program that draws it, which takes ``\\`` for one backslash.
    """
    escaped = printable(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
