"""A graph as JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.cli.output import SCHEMA_VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.graphing.records import Edge, Graph

__all__ = ["as_json"]


def as_json(graph: Graph, _encoding: str | None = None) -> Iterator[str]:
    """Yield the lines of one JSON document."""
    document = {
        "schema_version": SCHEMA_VERSION,
        "nodes": [attrs.asdict(node) for node in graph.nodes],
        "edges": [_edge(edge) for edge in graph.edges],
        "cycles": [list(cycle) for cycle in graph.cycles],
    }
    yield from json.dumps(document, indent=2, ensure_ascii=False).split("\n")


def _edge(edge: Edge) -> dict[str, object]:
    table = attrs.asdict(edge)
    return {"from": table.pop("source"), "to": table.pop("target"), **table}
