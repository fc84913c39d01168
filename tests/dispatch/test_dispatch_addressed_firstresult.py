"""An addressed call of a firstresult hook: a list is an answer, not a list of answers."""

from __future__ import annotations

import asyncio

import pytest
from dispatch_plugins import async_spec, manager_of, plugin, sync_spec
from dispatch_scenarios import drive

both = pytest.mark.parametrize("spec", [sync_spec, async_spec])


def call(manager):
    outcome = manager.addressed("p0").hook(1)
    return drive(outcome) if asyncio.iscoroutine(outcome) else outcome


@both
@pytest.mark.parametrize("answer", [[], [1, 2], [None], [[]]])
def test_a_list_that_the_plugin_answers_is_the_result_as_it_is(spec, answer):
    manager = manager_of(plugin(lambda arg: answer), spec=spec, firstresult=True)

    assert call(manager) is answer


@both
def test_a_list_that_a_wrapper_puts_in_the_place_of_the_answer_is_the_result(spec):
    def wrapper(arg):
        return [(yield), "more"]

    manager = manager_of(
        plugin(lambda arg: "a"), plugin(wrapper, wrapper=True), spec=spec, firstresult=True
    )

    assert call(manager) == ["a", "more"]
