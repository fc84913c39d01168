"""What pytest shows of a failing implementation: it and its caller, and nothing in between."""

from __future__ import annotations

import asyncio
import traceback

import pytest
from dispatch_plugins import plugin, specify
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies

#: The parameters of the hookspec, and of the implementations.
SHAPES = [
    ("a", ["a"]),
    ("a", ["a", "a"]),
    ("a, b", ["a, b"]),
    ("a, b", ["a, b", "a, b"]),
    ("a, b", ["a", "b"]),
    ("a, b", ["b, a", "a"]),
    ("a, b, c", ["a, b, c"]),
]
shapes = pytest.mark.parametrize(("specified", "implemented"), SHAPES, ids=str)
recorded = pytest.mark.parametrize("recorded", [False, True], ids=["", "recorded"])


def function(parameters, *, is_async):
    scope = {"__name__": "plugins"}
    exec(f"{'async ' * is_async}def hook({parameters}): raise ValueError", scope)
    return scope["hook"]


def manager_of(specified, implemented, *, recorded=False, is_async=False, **options):
    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, function(specified, is_async=is_async), **options)
    for index, parameters in enumerate(implemented):
        manager.register(plugin(function(parameters, is_async=is_async)), f"p{index}")
    return manager


def call(manager):
    outcome = manager.hook.hook(a=1, b=2, c=3)
    return drive(outcome) if hasattr(outcome, "__await__") else outcome


def shown(act, *arguments):
    """Return of which modules of dispatch pytest shows a frame when something fails."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011
        act(*arguments)
    frames = [frame for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert frames[-1].f_globals["__name__"] == "plugins"
    modules = {
        frame.f_globals["__name__"]
        for frame in frames
        if not frame.f_locals.get("__tracebackhide__")
    }
    return {name for name in modules if name.startswith("aitbc_hooks.")}


@shapes
@recorded
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"firstresult": True},
        {"is_async": True},
        {"is_async": True, "firstresult": True},
    ],
    ids=str,
)
def test_nothing_of_a_call_is_shown(specified, implemented, recorded, options):
    manager = manager_of(specified, implemented, recorded=recorded, **options)
    for _ in range(2):
        assert shown(call, manager) == set()


@shapes
@recorded
@pytest.mark.parametrize("kind", ["wrapper", "hookwrapper"])
def test_nothing_is_shown_between_a_wrapper_and_the_implementation(
    specified, implemented, recorded, kind
):
    def wrapper(a):
        return (yield)

    manager = manager_of(specified, implemented, recorded=recorded)
    manager.register(plugin(wrapper, **{kind: True}))
    for _ in range(2):
        assert shown(call, manager) == set()


def test_nothing_is_shown_of_a_call_that_fails_before_its_deadline_matters():
    manager = manager_of("a", ["a", "a"], is_async=True, deadline=60)
    for _ in range(2):
        assert shown(call, manager) == set()


@pytest.mark.parametrize("kind", ["wrapper", "hookwrapper"])
def test_nothing_is_shown_of_a_call_on_one_plugin(kind):
    def wrapper(a):
        return (yield)

    manager = manager_of("a", ["a"])
    manager.register(plugin(wrapper, **{kind: True}))
    for _ in range(2):
        assert shown(manager.addressed("p0").hook, 1) == set()


def test_nothing_is_shown_of_a_call_whose_wrapper_has_changed_the_manager():
    def wrapper(a):
        manager.unregister(name="p1")
        return (yield)

    manager = manager_of("a", ["a", "a"], recorded=True)
    manager.register(plugin(wrapper, wrapper=True))
    assert shown(call, manager) == set()


@recorded
def test_nothing_is_shown_of_a_call_of_some_plugins_or_with_more_methods(recorded):
    manager = manager_of("a", ["a", "a"], recorded=recorded)
    some = manager.subset_hook_caller("hook", [manager.get_plugin("p0")])
    assert shown(lambda: some(a=1)) == set()
    more = function("a", is_async=False)
    assert shown(lambda: manager.hook.hook.call_extra([more], {"a": 1})) == set()


@recorded
def test_nothing_is_shown_of_a_historic_call_or_of_the_registration_that_repeats_it(recorded):
    manager = manager_of("a", ["a"], recorded=recorded, historic=True)
    assert shown(manager.hook.hook.call_historic, None, {"a": 1}) == set()
    manager.unregister(name="p0")
    again = plugin(function("a", is_async=False))
    assert shown(manager.register, again, "late") == set()


@pytest.mark.parametrize("kind", ["wrapper", "hookwrapper"])
def test_nothing_is_shown_of_a_call_whose_wrapper_fails_before_its_yield(kind):
    scope = {"__name__": "plugins"}
    exec("def hook(a):\n    raise ValueError\n    yield", scope)
    manager = manager_of("a", ["a"])
    manager.register(plugin(scope["hook"], **{kind: True}))
    for _ in range(2):
        assert shown(call, manager) == set()


def test_nothing_is_shown_of_an_awaited_call_that_has_no_plan():
    manager = manager_of("a", ["a", "a"], is_async=True)
    assert shown(lambda: drive(manager.hook.hook.call_extra([], {"a": 1}))) == set()


def fails_later():
    scope = {"__name__": "plugins", "sleep": asyncio.sleep}
    exec("async def hook(a):\n    await sleep(0)\n    raise ValueError", scope)
    return scope["hook"]


async def raised_again(a):
    try:
        yield
    except ValueError as error:
        raise error from None


def no_change(*_): ...


@pytest.mark.parametrize(
    "options",
    [{}, {"deadline": 60}, {"concurrent": 2}, {"concurrent": 2, "deadline": 60}],
    ids=str,
)
@pytest.mark.parametrize("wrapped", [False, True], ids=["", "wrapped"])
@pytest.mark.parametrize("monitored", [False, True], ids=["", "monitored"])
def test_nothing_is_shown_of_a_call_that_was_waiting(options, wrapped, monitored):
    async def rouse(): ...

    manager = manager_of("a", [], is_async=True, **options)
    for name in ("p0", "p1"):
        manager.register(plugin(fails_later()), name)
    if wrapped:
        manager.register(plugin(raised_again, wrapper=True))
    if monitored:
        manager.add_hookcall_monitoring(no_change, no_change)
    manager.rouse_before("hook", rouse)

    async def main():
        await manager.hook.hook(a=1)

    assert shown(asyncio.run, main()) == set()


def failing_wrapper(*, is_async, before):
    """Return a wrapper that fails before or after its yield."""
    scope = {"__name__": "plugins"}
    body = "raise ValueError\n    yield" if before else "yield\n    raise ValueError"
    exec(f"{'async ' * is_async}def hook(a):\n    {body}", scope)
    return plugin(scope["hook"], wrapper=True)


@pytest.mark.parametrize("is_async", [False, True], ids=["generator", "async generator"])
@pytest.mark.parametrize("before", [False, True], ids=["after", "before"])
def test_nothing_is_shown_of_an_awaited_call_whose_wrapper_fails(is_async, before):
    manager = manager_of("a", [], is_async=True)
    manager.register(failing_wrapper(is_async=is_async, before=before))
    assert shown(call, manager) == set()


def test_nothing_is_shown_of_an_awaited_call_on_one_plugin():
    manager = manager_of("a", ["a"], is_async=True)
    assert shown(lambda: drive(manager.addressed("p0").hook(1))) == set()


def test_nothing_is_shown_of_a_synchronous_method_that_an_awaited_call_is_given():
    manager = manager_of("a", [], is_async=True)
    method = function("a", is_async=False)
    assert shown(lambda: drive(manager.hook.hook.call_extra([method], {"a": 1}))) == set()
