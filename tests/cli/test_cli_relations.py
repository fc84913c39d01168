"""How plugins relate, against slow and obvious ways to find it out."""

from __future__ import annotations

import asyncio
import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks import PluginManager
from aitbc_hooks.cli.overview import Listing
from aitbc_hooks.cli.relations import Relations, call_order
from aitbc_hooks.discovery import Candidate, Manifest
from aitbc_hookspecs import hookimpl

NAMES = ("a", "b", "c", "d", "e")


def _listing(name, dependencies=(), *, hooks=(), priority=50, enabled=True):
    manifest = Manifest(name=name, hooks=tuple(hooks))
    candidate = Candidate(name, "registered", name, lambda: None, lambda: manifest)
    return Listing(candidate, enabled, priority, tuple(dependencies))


needs = st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=3))


def _reaches(graph, start):
    """Return what is reached from a node in one step or more."""
    found = set()
    waiting = [start]
    while waiting:
        for other in graph.get(waiting.pop(), ()):
            if other in graph and other not in found:
                found.add(other)
                waiting.append(other)
    return found


@given(needs)
def test_circles_are_the_plugins_that_reach_themselves(graph):
    relations = Relations(_listing(name, sorted(graph[name])) for name in graph)
    reach = {name: _reaches(graph, name) for name in graph}
    expected = {
        frozenset(other for other in reach[name] if name in reach[other])
        for name in graph
        if name in reach[name]
    }
    assert set(relations.circles) == expected
    for circle in relations.circles:
        path = relations.path(circle)
        assert path[0] == path[-1] == min(path)
        assert all(after in graph[before] for before, after in itertools.pairwise(path))


def test_a_way_around_begins_with_its_least_name_wherever_it_was_entered():
    graph = {"a": ["c"], "b": ["c"], "c": ["b", "d"], "d": ["a"]}
    relations = Relations(_listing(name, asked) for name, asked in graph.items())
    (circle,) = relations.circles
    assert relations.path(circle) == ("b", "c", "b")


@given(needs, st.sampled_from(NAMES))
def test_needed_and_dependents_are_what_is_reached_either_way(graph, name):
    relations = Relations(_listing(each, sorted(graph[each])) for each in graph)
    there = {name} & graph.keys()
    assert relations.needed([name]) == there | (_reaches(graph, name) if there else set())
    assert relations.dependents([name]) == there | {
        other for other in graph if there and name in _reaches(graph, other)
    }


class _Plugin:
    def __init__(self, name, calls):
        self._name, self._calls = name, calls

    @hookimpl
    async def initialize(self):
        return True

    @hookimpl
    async def start(self):
        return True

    @hookimpl
    async def predict(self):
        self._calls.append(self._name)


@settings(max_examples=30)
@given(st.dictionaries(st.sampled_from(NAMES), st.sampled_from((10, 50, 60)), max_size=5))
def test_the_call_order_is_that_of_a_host(priorities):
    async def called():
        calls = []
        config = {"plugins": {n: {"enabled": True, "priority": p} for n, p in priorities.items()}}
        manager = PluginManager(config)
        for name in priorities:
            manager.register(_Plugin(name, calls), name=name)
        async with manager:
            await manager.hook.predict(input_data={})
        return calls

    hook = "predict"
    rows = [_listing(n, hooks=[hook], priority=p) for n, p in priorities.items()]
    rows += [_listing("off", hooks=[hook], enabled=False), _listing("other")]
    assert call_order(rows, hook) == asyncio.run(called())
