"""The graph as records: a part of what there is, with what is missing as nodes too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from aitbc_hooks.cli.relations import Link, Relations

__all__ = ["KINDS", "Edge", "Graph", "Node", "graph_of"]

#: What an edge is called.
KINDS: Final[Mapping[RequirementKind, str]] = {
    RequirementKind.NEED: "needs",
    RequirementKind.OPTIONAL: "optional",
    RequirementKind.CONFLICT: "conflict",
}


@attrs.frozen
class Node:
    """A plugin, or what one asks for and is not there.

    Attributes:
        name: Its name.
        version: Its version, as far as it is known.
        state: ``enabled``, ``disabled``, ``blocked``, ``rejected`` or ``missing``.
    """

    name: str
    version: str | None = None
    state: str = "enabled"

    @property
    def label(self) -> str:
        """Name and version."""
        return f"{self.name} {self.version}" if self.version else self.name


@attrs.frozen
class Edge:
    """What one node asks of another.

    Attributes:
        source: Name of the one that asks.
        target: Name of the other.
        kind: One of the values of `KINDS`.
        range: The versions that it is about; empty for all.
        fits: Whether the other's version is among them; None if the other is not there.
        in_cycle: Whether the two wait for each other.
    """

    source: str
    target: str
    kind: str = "needs"
    range: str = ""
    fits: bool | None = True
    in_cycle: bool = False

    @property
    def mark(self) -> str:
        """What stands before the name in a list of dependencies."""
        return next(kind.value for kind, word in KINDS.items() if word == self.kind)


@attrs.frozen
class Graph:
    """Nodes and edges, sorted.

    Attributes:
        nodes: The plugins, by name.
        edges: What they ask of each other; by the names of both.
        cycles: The names on a way around each cycle, the first once more at the end.
        root: Name of the node that the graph is about; None if it is about all.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    cycles: tuple[tuple[str, ...], ...] = ()
    root: str | None = None


def graph_of(
    relations: Relations,
    roots: Iterable[str],
    *,
    states: Mapping[str, str] | None = None,
) -> Graph:
    """Return plugins with all that they ask for, directly or not.

    What conflicts with them is shown, and what that asks for is not.

    Args:
        relations: All that is known.
        roots: Names to begin with.
        states: Canonical name -> state of what is not among the listings, if not ``missing``.
    """
    spelt = {canonical_name(root): root for root in roots}
    within = _within(relations, spelt)
    links = [link for key in sorted(within) for link in relations.asked_by(key)]
    keys = within | {link.target for link in links}
    circles = [circle for circle in relations.circles if circle & keys]
    return Graph(
        tuple(
            _node(relations, key, states or {}, spelt.get(key, relations.name(key)))
            for key in sorted(keys)
        ),
        tuple(_edge(relations, link, circles) for link in links),
        tuple(tuple(relations.name(key) for key in relations.path(circle)) for circle in circles),
    )


def _within(relations: Relations, roots: Iterable[str]) -> set[str]:
    found = {canonical_name(root) for root in roots}
    waiting = list(found)
    while waiting:
        links = relations.asked_by(waiting.pop())
        new = {x.target for x in links if x.kind is not RequirementKind.CONFLICT} - found
        found |= new
        waiting += new
    return found


def _node(relations: Relations, key: str, states: Mapping[str, str], name: str) -> Node:
    listing = relations.listings.get(key)
    if listing is None:
        return Node(name, None, states.get(key, "missing"))
    state = "enabled" if listing.enabled else "disabled"
    return Node(listing.name, listing.candidate.version, state)


def _edge(relations: Relations, link: Link, circles: list[frozenset[str]]) -> Edge:
    orders = link.kind is not RequirementKind.CONFLICT
    return Edge(
        relations.name(link.source),
        relations.name(link.target),
        KINDS[link.kind],
        str(link.requirement.range),
        link.fits,
        orders and any({link.source, link.target} <= circle for circle in circles),
    )
