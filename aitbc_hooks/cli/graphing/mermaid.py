"""A graph as a Mermaid flowchart, which many sites show where it stands in a Markdown page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.cli.graphing.records import Edge, Graph

__all__ = ["as_mermaid"]

_ARROWS: Final[Mapping[str, str]] = {"needs": "-->", "optional": "-.->", "conflict": "--x"}
#: An edge of a cycle is thick; one that is optional besides stays dotted, which comes first.
_IN_CYCLE: Final = "==>"
_CLASSES: Final[Mapping[str, str]] = {
    "disabled": "color:#888,stroke:#888",
    "absent": "stroke:#c00,stroke-dasharray:4",
}
#: Characters that mean nothing to Mermaid or HTML, besides letters and digits.
_PLAIN: Final = frozenset(" .,-_()")


def as_mermaid(graph: Graph, _encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of a flowchart; an edge points to what is asked for."""
    numbers = {node.name: f"n{number}" for number, node in enumerate(graph.nodes)}
    yield "flowchart LR"
    for node in graph.nodes:
        label = node.label if node.state == "enabled" else f"{node.label} ({node.state})"
        yield f'  {numbers[node.name]}["{_escaped(label)}"]{_class(node.state)}'
    for edge in graph.edges:
        yield f"  {numbers[edge.source]} {_arrow(edge)} {numbers[edge.target]}"
    for name, look in _CLASSES.items():
        yield f"  classDef {name} {look}"


def _class(state: str) -> str:
    if state == "enabled":
        return ""
    return ":::disabled" if state == "disabled" else ":::absent"


def _arrow(edge: Edge) -> str:
    thick = edge.in_cycle and edge.kind == "needs"
    arrow = _IN_CYCLE if thick else _ARROWS[edge.kind]
    words = [edge.range] if edge.range else []
    if edge.fits is False and edge.kind != "conflict":
        words.append("(does not fit)")
    return f'{arrow}|"{_escaped(" ".join(words))}"|' if words else arrow


def _escaped(text: str) -> str:
    """Return a text whose special characters are numbers, in Mermaid's own notation."""
    return "".join(
        char if char.isalnum() or char in _PLAIN else f"#{ord(char)};" for char in printable(text)
    )
