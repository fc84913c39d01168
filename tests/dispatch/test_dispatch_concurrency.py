"""``concurrent=N``: bounded, in order, and nothing left running when the caller goes on."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import sys

import pytest
from dispatch_plugins import async_spec, manager_of, plugin, specify, sync_spec
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.errors import ContractError, HookError

LOOPS = {"asyncio": None}
with contextlib.suppress(ImportError):  # it is among the packages for development
    import uvloop

    LOOPS["uvloop"] = uvloop.new_event_loop
if sys.version_info >= (3, 12):

    def _eager():
        loop = asyncio.new_event_loop()
        loop.set_task_factory(asyncio.eager_task_factory)
        return loop

    LOOPS["eager tasks"] = _eager

everywhere = pytest.mark.parametrize("loop", LOOPS)


def run(main, loop="asyncio"):
    """Run a coroutine function, and see that it leaves no task behind."""

    async def checked():
        result = await main()
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    with asyncio.Runner(loop_factory=LOOPS[loop]) as runner:
        return runner.run(checked())


def call(manager, loop="asyncio"):
    return run(lambda: manager.hook.hook(arg=1), loop)


class Crowd:
    """Implementations that write down how many of them are under way."""

    def __init__(self):
        self.inside = 0
        self.most = 0
        self.log = []

    def member(self, name, *, pauses=2, error=None, cleanup=0):
        """Return a plugin; it takes `cleanup` steps to end when it is cancelled."""

        async def hook(arg):
            self.inside += 1
            self.most = max(self.most, self.inside)
            self.log.append(f"{name} begins")
            try:
                for _ in range(pauses):
                    await asyncio.sleep(0)
                if error is not None:
                    raise error
            except asyncio.CancelledError:
                for _ in range(cleanup):
                    await asyncio.sleep(0)
                self.log.append(f"{name} is cancelled")
                raise
            finally:
                self.inside -= 1
            self.log.append(f"{name} ends")
            return name

        return plugin(hook)


@given(
    limit=st.integers(1, 6), pauses=st.lists(st.integers(0, 4), max_size=8), recorded=st.booleans()
)
def test_no_more_than_the_limit_run_at_once_and_results_are_in_order(limit, pauses, recorded):
    from aitbc_hooks.dispatch.recording import Tallies

    crowd = Crowd()
    members = [crowd.member(index, pauses=count) for index, count in enumerate(pauses)]
    manager = HookManager("dispatch", recorder=Tallies() if recorded else None)
    specify(manager, async_spec, concurrent=limit)
    for member in members:
        manager.register(member)

    for _ in range(2):
        crowd.most = 0
        assert call(manager) == list(reversed(range(len(pauses))))
        waiting = min(limit, sum(count > 0 for count in pauses))
        assert waiting <= crowd.most <= max(limit, 0) or not pauses


@everywhere
def test_the_limit_is_reached(loop):
    crowd = Crowd()
    manager = manager_of(*(crowd.member(index) for index in range(5)), concurrent=3)

    assert call(manager, loop) == [4, 3, 2, 1, 0]
    assert crowd.most == 3


@everywhere
@pytest.mark.parametrize("error", [ValueError, SystemExit, KeyboardInterrupt])
def test_the_first_failure_reaches_the_caller_when_its_siblings_have_ended(loop, error):
    crowd = Crowd()
    failure = error("broken")
    manager = manager_of(
        crowd.member("never begun"),
        crowd.member("slow", pauses=50, cleanup=3),
        crowd.member("failing", pauses=1, error=failure),
        concurrent=2,
    )

    async def main():
        with pytest.raises(error) as caught:
            await manager.hook.hook(arg=1)
        assert caught.value is failure
        assert crowd.inside == 0
        return "the loop lives"

    assert run(main, loop) == "the loop lives"
    assert crowd.log == ["failing begins", "slow begins", "slow is cancelled"]


@everywhere
def test_none_begins_after_one_has_failed_at_once(loop):
    crowd = Crowd()
    manager = manager_of(
        crowd.member("second"), crowd.member("first", pauses=0, error=ValueError("x")), concurrent=2
    )

    with pytest.raises(ValueError, match="x"):
        call(manager, loop)
    assert crowd.log == ["first begins"]


def test_another_failure_is_noted_on_the_first():
    async def stubborn(arg):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise KeyError("while ending") from None

    manager = manager_of(
        plugin(stubborn), Crowd().member("x", error=ValueError("first")), concurrent=2
    )

    with pytest.raises(ValueError, match="first") as caught:
        call(manager)
    assert caught.value.__notes__ == ["another implementation then raised KeyError: 'while ending'"]


@everywhere
def test_a_cancelled_caller_waits_until_all_have_ended(loop):
    crowd = Crowd()
    manager = manager_of(
        *(crowd.member(index, pauses=50, cleanup=index) for index in range(4)), concurrent=2
    )

    async def main():
        task = asyncio.get_running_loop().create_task(manager.hook.hook(arg=1))
        for _ in range(4):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert task.cancelled()
        assert crowd.inside == 0

    run(main, loop)
    assert crowd.log == [
        "3 begins",
        "2 begins",
        "2 is cancelled",
        "3 is cancelled",
    ]


@everywhere
def test_a_caller_that_is_cancelled_again_and_again_waits_all_the_same(loop):
    crowd = Crowd()
    manager = manager_of(crowd.member("a", pauses=50, cleanup=6), concurrent=2)

    async def main():
        task = asyncio.get_running_loop().create_task(manager.hook.hook(arg=1))
        for _ in range(3):
            await asyncio.sleep(0)
        for _ in range(3):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert crowd.inside == 0

    run(main, loop)
    assert crowd.log == ["a begins", "a is cancelled"]


@everywhere
def test_a_caller_that_is_cancelled_while_a_failed_call_ends_is_cancelled(loop):
    async def main():
        ending, released = asyncio.Event(), asyncio.Event()

        async def slow(arg):
            try:
                await asyncio.sleep(60)
            finally:
                ending.set()
                await released.wait()

        failing = Crowd().member("failing", pauses=1, error=ValueError("broken"))
        manager = manager_of(plugin(slow), failing, concurrent=2)
        task = asyncio.get_running_loop().create_task(manager.hook.hook(arg=1))
        await ending.wait()
        task.cancel()
        released.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main, loop)


@everywhere
def test_none_begins_after_the_caller_was_cancelled_though_one_ignores_it(loop):
    log = []

    async def stubborn(arg):
        log.append("stubborn begins")
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            log.append("stubborn ends")
            return "as if nothing had happened"

    async def hook(arg):
        log.append("second")

    manager = manager_of(plugin(hook), plugin(stubborn), concurrent=1)

    async def main():
        task = asyncio.get_running_loop().create_task(manager.hook.hook(arg=1))
        for _ in range(3):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main, loop)
    assert log == ["stubborn begins", "stubborn ends"]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_a_call_that_is_closed_cancels_what_it_began():
    crowd = Crowd()
    manager = manager_of(crowd.member("a", pauses=50), crowd.member("b", pauses=50), concurrent=2)

    async def main():
        coroutine = manager.hook.hook(arg=1)
        coroutine.send(None)
        await asyncio.sleep(0)
        coroutine.close()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert crowd.inside == 0

    run(main)
    gc.collect()
    assert crowd.log == ["b begins", "a begins", "b is cancelled", "a is cancelled"]


def test_isolated_failures_leave_the_others_alone():
    reports = []
    crowd = Crowd()
    manager = manager_of(
        crowd.member("a"),
        crowd.member("b", pauses=1, error=SystemExit(1)),
        crowd.member("c", pauses=0, error=ValueError("c")),
        report=reports.append,
        concurrent=3,
        on_error="isolate",
    )

    assert call(manager) == ["a"]
    assert [(each.plugin_name, type(each.exception)) for each in reports] == [
        ("p2", ValueError),
        ("p1", SystemExit),
    ]


def test_a_group_has_all_failures_when_all_have_run():
    crowd = Crowd()
    manager = manager_of(
        crowd.member("a"),
        crowd.member("b", error=KeyError("b")),
        crowd.member("c", pauses=0, error=ValueError("c")),
        report=lambda _: None,
        concurrent=2,
        on_error="group",
    )

    with pytest.raises(ExceptionGroup) as caught:
        call(manager)
    assert [type(error) for error in caught.value.exceptions] == [ValueError, KeyError]
    assert "a ends" in crowd.log


def test_each_has_its_own_deadline():
    async def slow(arg):
        await asyncio.sleep(60)

    crowd = Crowd()
    reports = []
    manager = manager_of(
        plugin(slow),
        crowd.member("quick"),
        plugin(slow),
        report=reports.append,
        concurrent=3,
        deadline=0.01,
        on_error="isolate",
    )

    assert call(manager) == ["quick"]
    assert {each.plugin_name for each in reports} == {"p0", "p2"}
    assert {each.exception.code for each in reports} == {"AITBC-H05"}


def test_a_deadline_that_passes_ends_the_others():
    async def slow(arg):
        await asyncio.sleep(60)

    crowd = Crowd()
    manager = manager_of(
        crowd.member("sibling", pauses=10**6), plugin(slow), concurrent=2, deadline=0.01
    )

    with pytest.raises(HookError, match="within its deadline"):
        call(manager)
    assert crowd.inside == 0


def test_wrappers_lie_around_all_of_them():
    crowd = Crowd()

    async def wrapper(arg):
        crowd.log.append("enter")
        result = yield
        crowd.log.append("leave")
        yield [*result, "wrapped"]

    manager = manager_of(
        plugin(wrapper, wrapper=True), crowd.member("a"), crowd.member("b"), concurrent=2
    )

    assert call(manager) == ["b", "a", "wrapped"]
    assert crowd.log == ["enter", "b begins", "a begins", "b ends", "a ends", "leave"]


def test_sync_implementations_take_part():
    manager = manager_of(plugin(lambda arg: "sync"), Crowd().member("async"), concurrent=2)

    assert call(manager) == ["async", "sync"]


def test_a_context_is_each_implementations_own():
    import contextvars

    variable = contextvars.ContextVar("variable", default="untouched")

    async def hook(arg):
        seen = variable.get()
        variable.set("changed")
        return seen

    manager = manager_of(plugin(hook), plugin(lambda arg: variable.get()), concurrent=1)

    async def main():
        return await manager.hook.hook(arg=1), variable.get()

    assert run(main)[1] == "untouched"


def test_the_error_is_freed_with_the_call_that_raised_it():
    import weakref

    class BrokenError(Exception):
        pass

    async def hook(arg):
        await asyncio.sleep(0)
        raise BrokenError

    manager = manager_of(plugin(hook), concurrent=2)

    async def main():
        try:
            await manager.hook.hook(arg=1)
        except BrokenError as error:
            return weakref.ref(error)

    gc.collect()
    gc.disable()
    try:
        assert run(main)() is None
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("spec", "options", "match"),
    [
        (sync_spec, {"concurrent": 2}, "only an async"),
        (async_spec, {"concurrent": 0}, "positive whole number"),
        (async_spec, {"concurrent": True}, "positive whole number"),
        (async_spec, {"concurrent": 1.5}, "positive whole number"),
        (async_spec, {"concurrent": 2, "firstresult": True}, "both concurrent and firstresult"),
    ],
)
def test_contradictions_are_refused(spec, options, match):
    with pytest.raises(ContractError, match=match) as caught:
        manager_of(spec=spec, **options)
    assert caught.value.code == "AITBC-P12"
