"""Async hooks: order, wrappers, teardown, and nothing that is left un-awaited."""

from __future__ import annotations

import asyncio
import types

import pluggy
import pytest
from dispatch_plugins import answering, call, failing, manager_of, plugin
from dispatch_scenarios import drive


def test_sync_and_async_implementations_run_one_after_another_last_registered_first():
    log = []

    def make(name):
        async def hook(arg):
            log.append(f"{name} begins")
            await asyncio.sleep(0)
            log.append(f"{name} ends")
            return name

        return plugin(hook)

    manager = manager_of(make("first"), plugin(lambda arg: "sync"), make("last"))

    assert call(manager) == ["last", "sync", "first"]
    assert log == ["last begins", "last ends", "first begins", "first ends"]


def test_a_sync_implementation_may_return_any_awaitable():
    def hook(arg):
        future = asyncio.get_running_loop().create_future()
        future.set_result(arg)
        return future

    assert call(manager_of(plugin(hook))) == [1]


def test_results_that_are_none_are_left_out():
    assert call(manager_of(answering(1), answering(None), answering(0))) == [0, 1]


def test_firstresult_is_the_first_awaited_result_that_is_not_none():
    manager = manager_of(
        failing(ValueError), answering("second"), answering(None), firstresult=True
    )

    assert call(manager) == "second"


def test_firstresult_without_an_answer_is_none():
    assert call(manager_of(answering(None), firstresult=True)) is None


def test_an_error_reaches_the_caller_and_no_later_implementation_begins():
    begun = []

    async def hook(arg):
        begun.append(arg)

    manager = manager_of(plugin(hook), failing(ValueError("broken")), answering(1))

    with pytest.raises(ValueError, match="broken"):
        call(manager)
    assert begun == []


def test_a_missing_argument_is_pluggys_error_and_warning_and_leaves_no_coroutine():
    manager = manager_of(answering(1), answering(2))

    with (
        pytest.warns(UserWarning, match="cannot be found in this hook call"),
        pytest.raises(pluggy.HookCallError, match="must provide argument 'arg'"),
    ):
        drive(manager.hook.hook())


def test_arguments_with_defaults_are_filled_from_the_call_only():
    async def hook(arg, other=7):
        return arg, other

    manager = manager_of(plugin(hook))

    assert call(manager) == [(1, 7)]
    assert call(manager, arg=1, other=8) == [(1, 8)]


# Wrappers


def test_a_sync_wrapper_ends_after_the_async_implementations_have_run():
    log = []

    async def hook(arg):
        await asyncio.sleep(0)
        log.append("body")
        return "result"

    def wrapper(arg):
        log.append("enter")
        results = yield
        log.append("leave")
        return [*results, "wrapped"]

    manager = manager_of(plugin(hook), plugin(wrapper, wrapper=True))

    assert call(manager) == ["result", "wrapped"]
    assert log == ["enter", "body", "leave"]


def test_an_async_wrapper_that_yields_once_keeps_the_result():
    seen = []

    async def wrapper(arg):
        await asyncio.sleep(0)
        seen.append((yield))
        await asyncio.sleep(0)

    assert call(manager_of(answering(1), plugin(wrapper, wrapper=True))) == [1]
    assert seen == [[1]]


def test_a_second_yield_of_an_async_wrapper_replaces_the_result_and_what_follows_it_runs():
    log = []

    async def wrapper(arg):
        result = yield
        yield [*result, "replaced"]
        log.append("after")

    assert call(manager_of(answering(1), plugin(wrapper, wrapper=True))) == [1, "replaced"]
    assert log == ["after"]


def test_an_async_wrapper_may_replace_the_result_by_none():
    async def wrapper(arg):
        yield
        yield None

    assert call(manager_of(answering(1), plugin(wrapper, wrapper=True))) is None


def test_an_exception_is_thrown_into_an_async_wrapper_which_may_turn_it_into_a_result():
    async def wrapper(arg):
        try:
            yield
        except ValueError as error:
            yield str(error)

    manager = manager_of(failing(ValueError("broken")), plugin(wrapper, wrapper=True))

    assert call(manager) == "broken"


def test_an_async_wrapper_that_swallows_an_exception_and_returns_gives_none():
    async def wrapper(arg):
        try:
            yield
        except ValueError:
            return

    assert call(manager_of(failing(ValueError()), plugin(wrapper, wrapper=True))) is None


def test_a_result_that_was_lost_to_an_exception_does_not_come_back_when_that_is_swallowed():
    async def raising(arg):
        yield
        raise ValueError

    async def swallowing(arg):
        try:
            yield
        except ValueError:
            return

    manager = manager_of(
        answering(1), plugin(raising, wrapper=True), plugin(swallowing, wrapper=True)
    )

    assert call(manager) is None


def test_what_an_async_wrapper_raises_after_its_yield_becomes_the_outcome():
    async def wrapper(arg):
        yield
        raise KeyError("late")

    with pytest.raises(KeyError, match="late"):
        call(manager_of(answering(1), plugin(wrapper, wrapper=True)))


def test_what_an_async_wrapper_raises_after_its_second_yield_becomes_the_outcome():
    async def wrapper(arg):
        yield
        yield 1
        raise KeyError("later")

    with pytest.raises(KeyError, match="later"):
        call(manager_of(answering(1), plugin(wrapper, wrapper=True)))


async def _async_never(arg):
    if arg is None:
        yield


def _never(arg):
    if arg is None:
        yield


@pytest.mark.parametrize("function", [_async_never, _never])
def test_a_wrapper_that_does_not_yield_is_an_error_in_pluggys_words(function):
    with pytest.raises(RuntimeError, match=rf"wrap_controller at '{function.__name__}'.*did not"):
        call(manager_of(answering(1), plugin(function, wrapper=True)))


def _guard(log, name):
    async def wrapper(arg):
        try:
            result = yield
        except BaseException as error:
            log.append((name, type(error).__name__))
            raise
        log.append((name, result))

    return plugin(wrapper, wrapper=True)


def _thrice(log):
    async def wrapper(arg):
        try:
            yield
            yield
            yield
        finally:
            await asyncio.sleep(0)
            log.append("closed")

    return wrapper


def test_a_third_yield_is_an_error_and_the_wrapper_is_closed():
    log = []

    with pytest.raises(RuntimeError, match="has third yield"):
        call(manager_of(answering(1), plugin(_thrice(log), wrapper=True), _guard(log, "outer")))
    assert log == ["closed", ("outer", "RuntimeError")]


@pytest.mark.parametrize("style", ["wrapper", "hookwrapper"])
def test_a_second_yield_of_a_sync_wrapper_is_an_error_that_the_outer_wrappers_see(style):
    log = []

    def wrapper(arg):
        try:
            yield
            yield
        finally:
            log.append("closed")

    manager = manager_of(answering(1), plugin(wrapper, **{style: True}), _guard(log, "outer"))

    with pytest.raises(RuntimeError, match="has second yield"):
        call(manager)
    assert log == ["closed", ("outer", "RuntimeError")]


def test_an_old_style_wrapper_gets_a_result_object_with_what_was_awaited():
    def wrapper(arg):
        outcome = yield
        outcome.force_result([*outcome.get_result(), "forced"])

    assert call(manager_of(answering(1), plugin(wrapper, hookwrapper=True))) == [1, "forced"]


def test_an_old_style_wrapper_that_raises_in_its_teardown_is_warned_about_as_in_pluggy():
    def wrapper(arg):
        yield
        raise KeyError("late")

    manager = manager_of(answering(1), plugin(wrapper, hookwrapper=True))

    with pytest.warns(pluggy.PluggyTeardownRaisedWarning), pytest.raises(KeyError):
        call(manager)


def test_all_teardowns_run_innermost_first_when_an_implementation_fails():
    log = []
    manager = manager_of(failing(ValueError("x")), _guard(log, "inner"), _guard(log, "outer"))

    with pytest.raises(ValueError, match="x"):
        call(manager)
    assert log == [("inner", "ValueError"), ("outer", "ValueError")]


def test_wrappers_that_were_entered_are_left_when_a_later_one_fails_to_enter():
    log = []

    async def broken(arg):
        raise KeyError("entering")
        yield

    manager = manager_of(answering(1), plugin(broken, wrapper=True), _guard(log, "outer"))

    with pytest.raises(KeyError):
        call(manager)
    assert log == [("outer", "KeyError")]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, asyncio.CancelledError])
def test_what_is_no_exception_passes_through_the_wrappers_and_is_never_swallowed(error):
    log = []

    def hook(arg):
        raise error

    manager = manager_of(plugin(hook), _guard(log, "wrapper"))

    with pytest.raises(error):
        drive(manager.hook.hook(arg=1))
    assert log == [("wrapper", error.__name__)]


def test_cancellation_runs_all_teardowns_which_may_await():
    log = []

    async def sleeper(arg):
        await asyncio.sleep(60)

    async def slow_teardown(arg):
        try:
            yield
        finally:
            await asyncio.sleep(0)
            log.append("torn down")

    manager = manager_of(plugin(sleeper), plugin(slow_teardown, wrapper=True), _guard(log, "outer"))

    async def main():
        task = asyncio.ensure_future(manager.hook.hook(arg=1))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()

    asyncio.run(main())
    assert log == ["torn down", ("outer", "CancelledError")]


def test_a_call_that_is_closed_while_it_waits_leaves_its_wrappers():
    log = []
    closed = []

    async def sleeper(arg):
        try:
            await _forever()
        finally:
            closed.append(True)

    running = manager_of(plugin(sleeper), _guard(log, "wrapper")).hook.hook(arg=1)
    running.send(None)
    running.close()

    assert closed == [True]
    assert log == [("wrapper", "GeneratorExit")]


@types.coroutine
def _forever():
    while True:
        yield


@pytest.mark.parametrize("style", ["async wrapper", "wrapper", "no wrapper"])
def test_stop_iteration_cannot_leave_a_coroutine_and_arrives_as_its_runtime_error(style):
    def hook(arg):
        raise StopIteration("stop")

    async def async_wrapper(arg):
        yield

    def wrapper(arg):
        return (yield)

    wrappers = {"async wrapper": [async_wrapper], "wrapper": [wrapper], "no wrapper": []}[style]
    manager = manager_of(plugin(hook), *(plugin(each, wrapper=True) for each in wrappers))

    with pytest.raises(RuntimeError, match="raised StopIteration") as caught:
        drive(manager.hook.hook(arg=1))
    assert isinstance(caught.value.__cause__, StopIteration)


def test_an_async_wrapper_does_not_disguise_stop_async_iteration_for_the_outer_ones():
    seen = []

    def hook(arg):
        raise StopAsyncIteration

    async def inner(arg):
        yield

    def outer(arg):
        try:
            yield
        except StopAsyncIteration as error:
            seen.append(error)
        return "handled"

    manager = manager_of(plugin(hook), plugin(inner, wrapper=True), plugin(outer, wrapper=True))

    assert drive(manager.hook.hook(arg=1)) == "handled"
    assert len(seen) == 1
