"""Whatever is thrown into an async call wherever it waits, what was entered is left again.

The calls are driven by hand. The reference is nested ``with`` statements: what Python itself does
with the same exception at the same suspension.
"""

from __future__ import annotations

import asyncio
import functools
import gc
import warnings

import attrs
import pytest
from dispatch_plugins import Plugin, async_spec, hookimpl, manager_of, plugin, specify
from dispatch_scenarios import drive, pause
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.recording import Tallies
from aitbc_hooks.errors import HookError

THROWN = (asyncio.CancelledError, KeyboardInterrupt, SystemExit, GeneratorExit, ValueError)


@attrs.frozen
class Part:
    """An implementation or a wrapper: how often it suspends where.

    One that is ``quick`` is no coroutine function, and cannot suspend.
    """

    kind: str
    entering: int
    leaving: int
    quick: bool


parts = st.lists(
    st.builds(
        Part,
        kind=st.sampled_from(["plain", "plain", "wrapper"]),
        entering=st.integers(0, 2),
        leaving=st.integers(0, 2),
        quick=st.sampled_from([False, False, True]),
    ),
    min_size=1,
    max_size=5,
)


def plugin_of(part, name, log):
    """Return a plugin that writes down where it is, and in the end how it was left."""
    make = wrapper_of if part.kind == "wrapper" else implementation_of
    return plugin(make(part, name, log), wrapper=part.kind == "wrapper")


def implementation_of(part, name, log):
    async def suspending(arg):
        log.append((name, "enter"))
        try:
            for _ in range(part.entering):
                await pause()
        except BaseException as error:
            log.append((name, type(error)))
            raise
        log.append((name, "leave"))
        return name

    def quick(arg):
        log.append((name, "enter"))
        log.append((name, "leave"))
        return name

    return quick if part.quick else suspending


def wrapper_of(part, name, log):
    async def suspending(arg):
        log.append((name, "enter"))
        for _ in range(part.entering):
            await pause()
        try:
            yield
        except BaseException as error:
            log.append((name, type(error)))
            raise
        finally:
            for _ in range(part.leaving):
                await pause()
            log.append((name, "left"))

    def quick(arg):
        log.append((name, "enter"))
        try:
            return (yield)
        except BaseException as error:
            log.append((name, type(error)))
            raise
        finally:
            log.append((name, "left"))

    return quick if part.quick else suspending


async def by_hand(plugins, wrappers):
    """Do what a hook call does, the obvious way."""
    if not wrappers:
        results = []
        for each in plugins:
            value = each.hook(1)
            results.append(await value if hasattr(value, "__await__") else value)
        return results
    first, *others = wrappers
    inner = functools.partial(by_hand, plugins, others)
    generator = first.hook(1)
    if not hasattr(generator, "__anext__"):
        next(generator)
        try:
            result = await inner()
        except BaseException as error:
            generator.throw(error)
            raise
        try:
            generator.send(result)
        except StopIteration:
            return result
    await generator.__anext__()
    try:
        result = await inner()
    except BaseException as error:
        await generator.athrow(error)
        raise
    try:
        await generator.__anext__()
    except StopAsyncIteration:
        return result


def step_through(running, suspension, error):
    """Throw an error at a suspension; return what came of the call, and how often it waited."""
    waited = 0
    try:
        running.send(None)
        while True:
            waited += 1
            if waited - 1 == suspension:
                running.throw(error)
            else:
                running.send(None)
    except StopIteration as stop:
        return stop.value, waited
    except BaseException as caught:  # noqa: BLE001
        return type(caught), waited


@settings(max_examples=60)
@given(
    parts=parts,
    error=st.sampled_from(THROWN),
    recorded=st.booleans(),
    planned=st.booleans(),
)
def test_teardowns_run_innermost_first_whatever_is_thrown_at_any_suspension(
    parts, error, recorded, planned
):
    log = []
    tallies = Tallies()
    if error is GeneratorExit:  # Python lets nothing suspend that is being closed
        parts = [attrs.evolve(part, leaving=0) for part in parts]
    manager = HookManager("dispatch", recorder=tallies if recorded else None)
    specify(manager, async_spec)
    for index, part in enumerate(parts):
        manager.register(plugin_of(part, f"p{index}", log), f"p{index}")
    if planned:
        drive(manager.hook.hook(arg=1))
    impls = list(reversed(manager.hook.hook.get_hookimpls()))
    plain = [impl.plugin for impl in impls if not impl.wrapper]
    wrappers = [impl.plugin for impl in impls if impl.wrapper]

    total = step_through(by_hand(plain, wrappers), None, error)[1]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for suspension in range(total + 1):
            log.clear()
            expected = step_through(by_hand(plain, wrappers), suspension, error)
            expected_log = log.copy()
            log.clear()
            assert step_through(manager.hook.hook(arg=1), suspension, error) == expected
            assert log == expected_log
    gc.collect()
    assert all(tally.in_flight == 0 for tally in tallies)


async def limited_by_hand(plugins):
    results = []
    for each in plugins:
        value = each.hook(1)
        async with asyncio.timeout(60):
            results.append(await value if hasattr(value, "__await__") else value)
    return results


@settings(max_examples=30)
@given(
    parts=parts.map(lambda found: [attrs.evolve(part, kind="plain") for part in found]),
    error=st.sampled_from(THROWN),
    recorded=st.booleans(),
)
def test_within_a_deadline_too_everything_ends_whatever_is_thrown(parts, error, recorded):
    log = []
    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, async_spec, deadline=60)
    for index, part in enumerate(parts):
        manager.register(plugin_of(part, f"p{index}", log), f"p{index}")
    plain = [impl.plugin for impl in reversed(manager.hook.hook.get_hookimpls())]

    async def main():
        total = step_through(limited_by_hand(plain), None, error)[1]
        for suspension in range(total + 1):
            for _ in range(2):
                log.clear()
                expected = step_through(limited_by_hand(plain), suspension, error)
                expected_log = log.copy()
                log.clear()
                assert step_through(manager.hook.hook(arg=1), suspension, error) == expected
                assert log == expected_log

    asyncio.run(main())


def gather_warnings(act):
    """Return what is left un-awaited."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        act()
        gc.collect()
    return [str(each.message) for each in caught]


@pytest.mark.parametrize("planned", [False, True])
@pytest.mark.parametrize("options", [{}, {"deadline": 60}, {"firstresult": True}])
@pytest.mark.parametrize("failing", [0, 1, 2])
def test_no_coroutine_is_left_over_when_one_fails(planned, options, failing):
    armed = []

    def make(index):
        async def hook(arg):
            if armed and index == failing:
                raise ValueError

        return plugin(hook)

    manager = manager_of(*map(make, range(3)), **options)
    if planned:
        drive(manager.hook.hook(arg=1))
    armed.append(True)

    def act():
        with pytest.raises(ValueError):  # noqa: PT011
            drive(manager.hook.hook(arg=1))

    assert gather_warnings(act) == []


@pytest.mark.parametrize("planned", [False, True])
def test_a_call_that_nobody_awaits_is_warned_about_and_calls_nothing(planned):
    called = []

    async def hook(arg):
        called.append(arg)

    manager = manager_of(plugin(hook))
    if planned:
        drive(manager.hook.hook(arg=1))
    called.clear()

    assert len(gather_warnings(lambda: manager.hook.hook(arg=1))) == 1
    assert called == []
    if planned:
        (message,) = gather_warnings(lambda: manager.hook.hook(arg=1))
        assert message == "coroutine 'hook.__call__' was never awaited"


# What an implementation may be


class Awaitable:
    def __init__(self, value):
        self.value = value

    def __await__(self):
        yield
        return self.value


class CallableObject:
    async def __call__(self, arg):
        await pause()
        return "object"


def decorated(function):
    @functools.wraps(function)
    async def inner(*args, **kwargs):
        return "decorated", await function(*args, **kwargs)

    return inner


def decorated_sync(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)

    return inner


async def coroutine_function(arg):
    await pause()
    return "coroutine"


async def keyword_only(arg, *, option="option"):
    await pause()
    return option


async def with_default(arg="default"):
    return arg


async def without_arguments():
    return "bare"


VARIANTS = {
    "coroutine function": (coroutine_function, "coroutine"),
    "sync": (lambda arg: "sync", "sync"),
    "awaitable": (lambda arg: Awaitable("awaited"), "awaited"),
    "keyword only": (keyword_only, "option"),
    "decorated": (decorated(coroutine_function), ("decorated", "coroutine")),
    "decorated by a sync function": (decorated_sync(coroutine_function), "coroutine"),
    "decorated, with a default": (decorated(with_default), ("decorated", 1)),
    "with a default": (with_default, 1),
    "without arguments": (without_arguments, "bare"),
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("options", [{}, {"firstresult": True}, {"on_error": "isolate"}])
def test_an_implementation_may_be_anything_that_gives_a_value_or_an_awaitable(
    variant, count, recorded, options
):
    function, expected = VARIANTS[variant]
    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, async_spec, **options)
    for _ in range(count):
        manager.register(Plugin(hook=hookimpl(function)))

    for _ in range(3):
        result = drive(manager.hook.hook(arg=1))
        assert result == (expected if "firstresult" in options else [expected] * count)


@pytest.mark.parametrize("variant", VARIANTS)
def test_any_implementation_may_have_a_deadline(variant):
    function, expected = VARIANTS[variant]
    manager = manager_of(
        Plugin(hook=hookimpl(function)), Plugin(hook=hookimpl(function)), deadline=60
    )

    async def main():
        return [await manager.hook.hook(arg=1) for _ in range(3)]

    assert asyncio.run(main()) == [[expected] * 2] * 3


def test_a_callable_object_may_be_an_extra_method():
    manager = manager_of(plugin(coroutine_function))

    for _ in range(2):
        result = drive(manager.hook.hook.call_extra([CallableObject()], {"arg": 1}))
        assert result == ["object", "coroutine"]


# Deadlines of planned calls


async def slow(arg):
    await asyncio.sleep(60)


async def quick(arg):
    return "quick"


@pytest.mark.parametrize("recorded", [False, True])
@pytest.mark.parametrize("policy", ["raise", "isolate", "group"])
@pytest.mark.parametrize(
    "functions", [[slow], [quick, slow], [slow, quick], [slow, lambda arg: "sync"]]
)
@pytest.mark.parametrize("firstresult", [False, True])
def test_a_deadline_passes_in_a_plan_of_any_shape(recorded, policy, functions, firstresult):
    reports = []
    manager = HookManager(
        "dispatch", on_error=reports.append, recorder=Tallies() if recorded else None
    )
    specify(manager, async_spec, deadline=0.002, on_error=policy, firstresult=firstresult)
    for index, function in enumerate(functions):
        manager.register(Plugin(hook=hookimpl(function)), f"p{index}")
    late = f"p{functions.index(slow)}"
    reached = not firstresult or functions[-1] is slow
    answer = "quick" if quick in functions else "sync"

    async def main():
        for _ in range(2):
            reports.clear()
            if policy == "raise" and reached:
                with pytest.raises(HookError, match="deadline") as caught:
                    await manager.hook.hook(arg=1)
                assert caught.value.plugin == late
                continue
            if policy == "group" and reached:
                with pytest.raises(ExceptionGroup):
                    await manager.hook.hook(arg=1)
            else:
                answers = [answer] if len(functions) > 1 else []
                expected = (answers or [None])[0] if firstresult else answers
                assert await manager.hook.hook(arg=1) == expected
            assert [each.plugin_name for each in reports] == [late] * reached

    asyncio.run(main())
