from __future__ import annotations

import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.resolution import Node, in_order, start_order

NAMES = "abcdef"

graphs = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.frozensets(st.sampled_from(NAMES), max_size=3), st.integers(1, 3)),
)


def nodes_of(graph):
    return [Node(name, needs, priority) for name, (needs, priority) in graph.items()]


def reaches_a_cycle(name, graph):
    """The reference: whether some walk along the dependencies comes back to where it was."""

    def walk(at, path):
        if at in path:
            return True
        return any(walk(n, {*path, at}) for n in graph[at][0] if n in graph)

    return walk(name, frozenset())


@given(graphs)
def test_every_plugin_is_ordered_or_has_a_problem_and_a_problem_means_a_cycle(graph):
    order = start_order(nodes_of(graph))
    assert sorted([*order.names, *order.problems]) == sorted(graph)
    assert set(order.problems) == {name for name in graph if reaches_a_cycle(name, graph)}


@given(graphs)
def test_dependencies_come_first_then_priority_then_name(graph):
    order = start_order(nodes_of(graph))
    done: set[str] = set()
    for name in order.names:
        ready = [
            (graph[other][1], other)
            for other in order.names
            if other not in done and graph[other][0] & graph.keys() <= done
        ]
        assert (graph[name][1], name) == min(ready)
        done.add(name)


@given(graphs)
def test_a_cycle_is_named_by_a_path_that_exists(graph):
    for name, error in start_order(nodes_of(graph)).problems.items():
        assert error.code == "AITBC-D02"
        assert error.plugin == name
        path = error.message.rpartition("cycle: ")[2].rstrip(".").split(" → ")
        assert path[0] == path[-1]
        for one, other in itertools.pairwise(path):
            assert other in graph[one][0]


def test_who_merely_needs_a_cycle_is_told_how_it_leads_there():
    order = start_order(
        [Node("a", frozenset("b")), Node("b", frozenset("c")), Node("c", frozenset("b"))]
    )
    assert order.problems["a"].message == "needs a → b; dependencies form a cycle: b → c → b."
    assert order.problems["b"].message == "dependencies form a cycle: b → c → b."


@given(graphs)
def test_actions_follow_what_they_have_to_follow_and_begin_in_order(graph):
    order = start_order(nodes_of(graph))
    log = []

    async def action(name):
        log.append(("begin", name))
        await asyncio.sleep(0)
        log.append(("end", name))

    asyncio.run(in_order(order.names, order.needs, action))
    for name in order.names:
        for needed in order.needs[name]:
            assert log.index(("end", needed)) < log.index(("begin", name))
    first = [name for name in order.names if not order.needs[name]]
    assert [name for what, name in log if what == "begin"][: len(first)] == first


def test_independent_actions_run_at_the_same_time():
    met = []

    async def main():
        barrier = asyncio.Barrier(5)

        async def meet(name):
            await barrier.wait()
            met.append(name)

        async with asyncio.timeout(5):
            await in_order("abcde", {}, meet)

    asyncio.run(main())
    assert sorted(met) == list("abcde")


def test_a_failing_action_cancels_the_others():
    ended = []

    async def action(name):
        if name == "a":
            await asyncio.sleep(0)
            raise ValueError(name)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(name)

    with pytest.raises(ExceptionGroup) as caught:
        asyncio.run(in_order("ab", {}, action))
    assert isinstance(caught.value.exceptions[0], ValueError)
    assert ended == ["b"]
