"""Hooks of two arguments have plans of their own, which count and isolate as the others do."""

from __future__ import annotations

import pytest
from dispatch_plugins import manager_of, plugin, specify
from dispatch_scenarios import drive

from aitbc_hooks.dispatch import HookFailure, HookManager
from aitbc_hooks.dispatch.recording import SAMPLE, Tallies


def pair(arg, other): ...


async def async_pair(arg, other): ...


def both(act):
    return plugin(lambda arg, other: act())


def swapped(act):
    return plugin(lambda other, arg: act())


def one(act):
    return plugin(lambda arg: act())


def nothing():
    return None


#: What the implementations take; the last is called first.
PLANS = {
    "alone": [both],
    "alike": [both, both],
    "in their order": [both, one],
    "in any order": [both, one, swapped],
}
plans = pytest.mark.parametrize("kinds", PLANS.values(), ids=PLANS)


def recording(plugins, spec=pair, **options):
    """Return a manager of plugins, and the tallies of them in the order of registration."""
    recorder = Tallies()
    manager = HookManager("dispatch", recorder=recorder)
    specify(manager, spec, **options)
    for index, each in enumerate(plugins):
        manager.register(each, f"p{index}")
    return manager, [recorder.tally(f"p{index}", "hook") for index in range(len(plugins))]


def wrapper():
    return (yield)


@plans
@pytest.mark.parametrize("wrapped", [False, True], ids=["", "wrapped"])
def test_the_first_call_and_then_one_in_a_sample_is_timed(kinds, wrapped, monkeypatch):
    clock = iter(range(1000))
    monkeypatch.setattr("aitbc_hooks.dispatch.plans.perf_counter", lambda: next(clock))
    manager, tallies = recording([kind(nothing) for kind in kinds])
    if wrapped:
        manager.register(plugin(wrapper, wrapper=True))

    for number in range(1, 3 * SAMPLE + 1):
        manager.hook.hook(arg=1, other=2)
        timed = (number - 1) // SAMPLE + 1
        assert {(tally.calls, tally.timed, tally.seconds) for tally in tallies} == {
            (number, timed, timed)
        }


@plans
def test_the_first_result_ends_the_count_of_those_after_it(kinds):
    manager, tallies = recording(
        [*(kind(nothing) for kind in kinds), one(lambda: 1), both(nothing)], firstresult=True
    )

    for _ in range(3):
        assert manager.hook.hook(arg=1, other=2) == 1
    assert [tally.calls for tally in tallies] == [*(0 for _ in kinds), 3, 3]


@plans
def test_an_isolated_failure_is_reported_with_its_plugin_and_is_no_result(kinds):
    reports, error = [], ValueError("broken")

    def broken():
        raise error

    manager = manager_of(
        *(kind(broken) for kind in kinds), spec=pair, report=reports.append, on_error="isolate"
    )

    for _ in range(2):
        reports.clear()
        assert manager.hook.hook(arg=1, other=2) == []
        assert reports == [
            HookFailure(f"p{index}", "hook", error) for index in reversed(range(len(kinds)))
        ]


def test_each_call_of_an_async_hook_is_timed(monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr("aitbc_hooks.dispatch.async_plans.perf_counter", lambda: next(clock))

    def silent():
        async def hook(arg, other): ...

        return plugin(hook)

    manager, tallies = recording([silent(), silent()], async_pair)
    for _ in range(3):
        drive(manager.hook.hook(arg=1, other=2))

    assert [(tally.timed, tally.seconds, tally.mean) for tally in tallies] == [(3, 3, 1)] * 2
