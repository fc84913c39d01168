"""Deadlines of async implementations, whose timer starts when they suspend."""

from __future__ import annotations

import asyncio
import types

import pytest
from dispatch_plugins import async_spec, call, manager_of, plugin
from dispatch_scenarios import drive

from aitbc_hooks.errors import HookError

LONG = 3600.0
SHORT = 0.01
OVERDUE = "[AITBC-H05] plugin 'p0': hook 'hook' did not finish within its deadline of 0.01 s."


def of(*functions, deadline=LONG, **options):
    return manager_of(*map(plugin, functions), spec=async_spec, deadline=deadline, **options)


def test_an_implementation_that_does_not_suspend_needs_no_event_loop():
    async def hook(arg):
        return arg

    assert drive(of(hook).hook.hook(arg=1)) == [1]


def test_an_implementation_that_suspends_more_than_once_gives_its_result():
    async def hook(arg):
        await asyncio.sleep(0)
        first = await asyncio.sleep(0.001, "first")
        await asyncio.sleep(0)
        return first, arg

    assert call(of(hook)) == [("first", 1)]


def test_a_deadline_that_passes_names_the_plugin_and_the_hook():
    cleaned = []

    async def hook(arg):
        try:
            await asyncio.sleep(LONG)
        finally:
            cleaned.append(arg)

    with pytest.raises(HookError, match="'hook' did not finish within its deadline") as caught:
        call(of(hook, deadline=SHORT))
    assert caught.value.code == "AITBC-H05"
    assert caught.value.plugin == "p0"
    assert cleaned == [1]


def test_a_passed_deadline_is_isolated_like_any_failure_and_the_next_has_its_own_time():
    failures = []

    async def sleeper(arg):
        await asyncio.sleep(LONG)

    async def quick(arg):
        await asyncio.sleep(0)
        return "in time"

    manager = of(quick, sleeper, deadline=SHORT * 5, report=failures.append, on_error="isolate")

    assert call(manager) == ["in time"]
    assert [(each.plugin_name, each.exception.code) for each in failures] == [("p1", "AITBC-H05")]


@pytest.mark.parametrize("suspends", [False, True])
def test_an_exception_comes_through_as_it_is(suspends):
    async def hook(arg):
        if suspends:
            await asyncio.sleep(0)
        raise ValueError("own")

    with pytest.raises(ValueError, match="own"):
        call(of(hook))


@pytest.mark.parametrize("suspends", [False, True])
def test_a_timeout_error_of_the_implementations_own_is_not_the_deadline(suspends):
    async def hook(arg):
        if suspends:
            await asyncio.sleep(0)
        raise TimeoutError("own")

    with pytest.raises(TimeoutError, match="own"):
        call(of(hook))


def test_a_timeout_that_the_first_step_opens_works_as_it_would_without_a_deadline():
    async def hook(arg):
        try:
            async with asyncio.timeout(SHORT):
                await asyncio.sleep(LONG)
        except TimeoutError:
            return "own timeout"

    assert call(of(hook)) == ["own timeout"]


def test_the_deadline_passes_inside_a_timeout_that_the_first_step_opened():
    async def hook(arg):
        async with asyncio.timeout(LONG):
            await asyncio.sleep(LONG)

    with pytest.raises(HookError, match="AITBC-H05"):
        call(of(hook, deadline=SHORT))


def test_cancellation_during_the_suspended_part_is_cancellation():
    seen = []

    async def hook(arg):
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            seen.append("cancelled")
            await asyncio.sleep(0)
            seen.append("cleaned up")
            raise

    async def main():
        task = asyncio.ensure_future(of(hook).hook.hook(arg=1))
        await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return task.cancelled()

    assert asyncio.run(main()) is True
    assert seen == ["cancelled", "cleaned up"]


def test_a_result_that_comes_after_the_deadline_is_too_late():
    async def hook(arg):
        try:
            await asyncio.sleep(LONG)
        except asyncio.CancelledError:
            return "too late"

    with pytest.raises(HookError) as caught:
        call(of(hook, deadline=SHORT))
    assert str(caught.value) == OVERDUE


def test_the_callers_task_is_not_left_with_a_pending_cancellation():
    async def hook(arg):
        await asyncio.sleep(LONG)

    manager = of(hook, deadline=SHORT)

    async def main():
        with pytest.raises(HookError):
            await manager.hook.hook(arg=1)
        task = asyncio.current_task()
        await asyncio.sleep(0)
        return task.cancelling()

    assert asyncio.run(main()) == 0


def test_a_coroutine_that_is_closed_while_it_waits_is_closed_inside_too():
    closed = []

    async def hook(arg):
        try:
            await asyncio.sleep(LONG)
        finally:
            closed.append(arg)

    async def main():
        waiting = of(hook).hook.hook(arg=1)
        waiting.send(None)
        waiting.close()

    asyncio.run(main())
    assert closed == [1]


def test_without_an_event_loop_a_coroutine_that_suspends_is_closed_and_the_error_says_why():
    closed = []

    @types.coroutine
    def suspend():
        yield

    async def hook(arg):
        try:
            await suspend()
        finally:
            closed.append(arg)

    with pytest.raises(RuntimeError, match="event loop") as caught:
        drive(of(hook).hook.hook(arg=1))
    assert closed == [1]
    del caught  # until here it kept the coroutine from being collected


def test_a_future_that_an_implementation_returns_has_the_deadline_too():
    def hook(arg):
        return asyncio.get_running_loop().create_future()

    with pytest.raises(HookError) as caught:
        call(of(hook, deadline=SHORT))
    assert str(caught.value) == OVERDUE


def test_the_code_of_an_implementation_runs_in_the_callers_task():
    tasks = []

    async def hook(arg):
        tasks.append(asyncio.current_task())
        await asyncio.sleep(0)
        tasks.append(asyncio.current_task())

    manager = of(hook)

    async def main():
        await manager.hook.hook(arg=1)
        return asyncio.current_task()

    assert asyncio.run(main()) is tasks[0] is tasks[1]
