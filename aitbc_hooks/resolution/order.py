"""The start order: dependencies first, then priority, then name."""

from __future__ import annotations

import heapq
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.errors import DependencyError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

__all__ = ["Node", "StartOrder", "start_order"]


@attrs.frozen
class Node:
    """One plugin as the order sees it.

    Attributes:
        name: Its name, in the form that names are compared in.
        needs: The names of its direct dependencies, in the same form.
        priority: 1 to 100; lower starts first where dependencies leave the choice.
    """

    name: str
    needs: frozenset[str] = frozenset()
    priority: int = 50


@attrs.frozen
class StartOrder:
    """An order, and what could not be ordered.

    Attributes:
        names: Plugins that can start, in start order. Stopping uses the reverse.
        needs: For each of them, the direct dependencies among them.
        problems: For each other plugin, why it cannot start.
    """

    names: tuple[str, ...]
    needs: Mapping[str, frozenset[str]]
    problems: Mapping[str, DependencyError]


def start_order(nodes: Iterable[Node]) -> StartOrder:
    """Order plugins so that every dependency comes before its dependents.

    A plugin in a cycle gets the cycle's path as its problem; one that needs it, directly or not,
    is left out too. A dependency that is not among `nodes` is not judged here.
    """
    known = {node.name: node for node in nodes}
    needs = {name: node.needs & known.keys() for name, node in known.items()}
    dependents: dict[str, list[str]] = {name: [] for name in known}
    for name, wanted in needs.items():
        for dependency in wanted:
            dependents[dependency].append(name)
    missing = {name: len(wanted) for name, wanted in needs.items()}
    ready = [(known[name].priority, name) for name, count in missing.items() if not count]
    heapq.heapify(ready)
    order: list[str] = []
    while ready:
        _, name = heapq.heappop(ready)
        order.append(name)
        for dependent in dependents[name]:
            missing[dependent] -= 1
            if not missing[dependent]:
                heapq.heappush(ready, (known[dependent].priority, dependent))
    stuck = known.keys() - set(order)
    return StartOrder(
        tuple(order),
        {name: needs[name] for name in order},
        {name: _explain(name, needs, stuck) for name in stuck},
    )


def _explain(
    name: str, needs: Mapping[str, frozenset[str]], stuck: Collection[str]
) -> DependencyError:
    """Return why `name`, which waits for a cycle, cannot start."""
    path = [name]
    while True:  # every stuck plugin has a stuck dependency, so this reaches a cycle
        path.append(min(needs[path[-1]] & set(stuck)))
        if path[-1] in path[:-1]:
            break
    cycle = path[path.index(path[-1]) :]
    through = "" if cycle[0] == name else f"needs {' → '.join(path[: path.index(cycle[0]) + 1])}; "
    return DependencyError(
        f"{through}dependencies form a cycle: {' → '.join(cycle)}.",
        plugin=name,
        hint="Remove one of these dependencies.",
        code="AITBC-D02",
    )
