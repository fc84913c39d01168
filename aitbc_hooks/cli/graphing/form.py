"""The forms that a graph can be written in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.graphing.data import as_json
from aitbc_hooks.cli.graphing.dot import as_dot
from aitbc_hooks.cli.graphing.mermaid import as_mermaid
from aitbc_hooks.cli.graphing.text import as_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from aitbc_hooks.cli.graphing.records import Graph

__all__ = ["FORMS", "written"]

#: Name of a form -> what writes it, line by line; it is told the encoding of the stream.
FORMS: Final[Mapping[str, Callable[[Graph, str | None], Iterator[str]]]] = {
    "text": as_text,
    "dot": as_dot,
    "mermaid": as_mermaid,
    "json": as_json,
}


def written(graph: Graph, form: str, encoding: str | None = None) -> Iterator[str]:
    """Return a graph's lines.

    Args:
        graph: The graph.
        form: One of `FORMS`.
        encoding: That of the stream; None takes everything.
    """
    return FORMS[form](graph, encoding)
