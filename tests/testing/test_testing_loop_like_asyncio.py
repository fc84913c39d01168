"""`DetLoop` does as asyncio's own loop in everything but time and order."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc
import logging
import os
import signal
import sys
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testing_loop_reference import ReferenceLoop, trace

from aitbc_hooks.testing.loop import DetLoop

EACH_LOOP = pytest.mark.parametrize("factory", [ReferenceLoop, DetLoop])


@pytest.fixture(params=[asyncio.SelectorEventLoop, DetLoop])
def loop(request):
    loop = request.param()
    yield loop
    if not loop.is_closed():
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


# Running and stopping


def test_stop_before_run_forever_runs_what_is_ready_once(loop):
    ran = []
    loop.call_soon(lambda: (ran.append(1), loop.call_soon(ran.append, 2)))
    loop.stop()
    loop.run_forever()
    assert ran == [1]
    loop.stop()
    loop.run_forever()
    assert ran == [1, 2]


def test_stop_lets_the_callbacks_of_this_turn_run(loop):
    ran = []
    loop.call_soon(loop.stop)
    loop.call_soon(lambda: (ran.append("same turn"), loop.call_soon(ran.append, "next turn")))
    loop.run_forever()
    assert ran == ["same turn"]


def test_stop_with_nothing_ready_returns(loop):
    loop.stop()
    loop.run_forever()
    assert not loop.is_running()


def test_a_loop_that_is_stopped_before_its_future_is_done_says_so(loop):
    loop.call_soon(loop.stop)
    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(loop.create_future())


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_passes_through_and_leaves_the_loop_usable(loop, error):
    ran = []

    def end():
        raise error

    loop.call_soon(end)
    loop.call_soon(ran.append, "later")
    with pytest.raises(error):
        loop.run_forever()
    assert ran == []
    loop.stop()
    loop.run_forever()
    assert ran == ["later"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_program_passes_through_a_task(loop, error):
    async def end():
        raise error

    task = loop.create_task(end())
    with pytest.raises(error):
        loop.run_until_complete(task)
    with pytest.raises(error):
        task.result()


def test_an_error_of_a_callback_goes_to_the_exception_handler(loop):
    contexts = []
    loop.set_exception_handler(lambda loop, context: contexts.append(context["exception"]))
    loop.call_soon(lambda: 1 / 0)
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert [type(error) for error in contexts] == [ZeroDivisionError]


def test_a_callback_that_was_cancelled_is_not_run(loop):
    contexts, ran = [], []
    loop.set_exception_handler(lambda loop, context: contexts.append(context))
    loop.call_soon(lambda: soon.cancel())  # noqa: PLW0108 - it is made below  # noqa: PLW0108 - it is made in the next line
    soon = loop.call_soon(ran.append, "soon")
    loop.call_later(0, lambda: later.cancel())  # noqa: PLW0108 - the same  # noqa: PLW0108 - the same
    later = loop.call_later(0, ran.append, "later")
    loop.call_later(0.001, loop.stop)
    loop.run_forever()
    assert (contexts, ran) == ([], [])


def test_a_closed_loop_refuses_work(loop):
    loop.close()
    loop.close()
    coroutine = asyncio.sleep(0)
    for refuse in (
        lambda: loop.call_soon(print),
        lambda: loop.call_later(1, print),
        lambda: loop.call_at(1, print),
        lambda: loop.create_task(coroutine),
        lambda: loop.add_reader(0, print),
        loop.run_forever,
    ):
        with pytest.raises(RuntimeError, match="closed"):
            refuse()
    coroutine.close()


def test_a_running_loop_cannot_be_run_or_closed(loop):
    async def main():
        with pytest.raises(RuntimeError, match="running"):
            loop.close()
        with pytest.raises(RuntimeError, match="running"):
            loop.run_forever()

    loop.run_until_complete(main())
    assert not loop.is_closed()


@pytest.mark.parametrize("factory", [asyncio.SelectorEventLoop, DetLoop])
def test_a_closed_loop_goes_with_its_last_reference(factory):
    gc.collect()
    gc.disable()
    try:
        loop = factory()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
        gone = weakref.ref(loop)
        del loop
        assert gone() is None
    finally:
        gc.enable()


def test_a_loop_that_is_not_closed_warns_when_it_goes():
    def forget():
        DetLoop()
        gc.collect()

    with pytest.warns(ResourceWarning, match="unclosed event loop"):
        forget()


# Timers


def test_a_timer_runs_in_the_context_it_was_given(loop):
    variable = contextvars.ContextVar("variable", default="outer")
    seen = []
    context = contextvars.copy_context()
    context.run(variable.set, "inner")
    loop.call_later(0.001, lambda: seen.append(variable.get()))
    loop.call_later(0.002, lambda: seen.append(variable.get()), context=context)
    loop.call_later(0.003, loop.stop)
    loop.run_forever()
    assert seen == ["outer", "inner"]


def test_each_task_has_a_context_of_its_own(loop):
    variable = contextvars.ContextVar("variable", default=0)

    async def inner():
        variable.set(variable.get() + 1)
        await asyncio.sleep(0)
        return variable.get()

    async def outer():
        variable.set(10)
        results = await asyncio.gather(inner(), inner())
        return [*results, variable.get()]

    assert loop.run_until_complete(outer()) == [11, 11, 10]
    given = contextvars.copy_context()
    assert loop.run_until_complete(loop.create_task(inner(), context=given)) == 1
    assert given[variable] == 1


def test_a_timer_knows_when_and_whether_it_was_cancelled(loop):
    when = loop.time() + 5
    timer = loop.call_at(when, print)
    assert (timer.when(), timer.cancelled()) == (when, False)
    timer.cancel()
    timer.cancel()
    assert timer.cancelled()


@pytest.mark.parametrize("call", ["call_at", "call_later"])
def test_a_timer_without_a_time_is_refused(loop, call):
    with pytest.raises(TypeError):
        getattr(loop, call)(None, print)


def test_timers_whose_time_has_passed_ring_at_once(loop):
    rung = []
    loop.call_at(loop.time() - 5, rung.append, 1)
    loop.call_later(-1, rung.append, 2)
    loop.call_soon(rung.append, 3)
    loop.call_later(0.001, loop.stop)
    loop.run_forever()
    assert sorted(rung) == [1, 2, 3]


# Tasks and futures


def test_a_task_factory_is_used_and_given_back(loop):
    made = []

    def factory(loop, coro, **options):
        made.append(coro.__name__)
        return asyncio.Task(coro, loop=loop, **options)

    async def main():
        return await asyncio.create_task(named(), name="child")

    async def named():
        return asyncio.current_task().get_name()

    assert loop.get_task_factory() is None
    loop.set_task_factory(factory)
    assert loop.get_task_factory() is factory
    assert loop.run_until_complete(main()) == "child"
    assert made == ["main", "named"]
    loop.set_task_factory(None)
    loop.run_until_complete(main())
    assert made == ["main", "named"]


def test_tasks_and_futures_look_as_ever(loop):
    async def main():
        await asyncio.sleep(0)

    task = loop.create_task(main(), name="main")
    future = loop.create_future()
    assert asyncio.isfuture(task)
    assert asyncio.isfuture(future)
    assert isinstance(task, asyncio.Task)
    assert isinstance(future, asyncio.Future)
    assert repr(task).startswith("<Task pending name='main' coro=<")
    assert repr(future) == "<Future pending>"
    assert task != future
    assert task.get_loop() is future.get_loop() is loop
    loop.run_until_complete(task)


if sys.version_info >= (3, 12):

    def test_an_eager_task_runs_until_it_first_waits(loop):
        log = []

        async def child():
            log.append("begun")
            await asyncio.sleep(0)
            log.append("ended")

        async def main():
            task = asyncio.create_task(child(), name="child")
            log.append(task.get_name())
            await task

        loop.set_task_factory(asyncio.eager_task_factory)
        assert loop.get_task_factory() is asyncio.eager_task_factory
        loop.run_until_complete(main())
        assert log == ["begun", "child", "ended"]


# Asynchronous generators, executors, signals


def test_asynchronous_generators_are_closed_at_the_end(loop):
    log = []

    async def numbers(name):
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            log.append(name)

    async def main():
        left = [numbers("a"), numbers("b")]
        for generator in left:
            await anext(generator)
        done = numbers("c")
        async for _ in done:
            pass
        return left

    left = loop.run_until_complete(main())
    assert log == ["c"]
    loop.run_until_complete(loop.shutdown_asyncgens())
    assert sorted(log) == ["a", "b", "c"]
    del left


def test_a_generator_that_is_begun_after_the_shutdown_is_warned_about(loop):
    async def numbers():
        yield 1

    async def main():
        await anext(numbers())

    loop.run_until_complete(loop.shutdown_asyncgens())
    with pytest.warns(ResourceWarning, match="was scheduled after"):
        loop.run_until_complete(main())


def test_the_default_executor_is_shut_down_once(loop):
    async def main():
        assert await asyncio.to_thread(sum, [1, 2]) == 3
        await loop.shutdown_default_executor()
        with pytest.raises(RuntimeError, match="shutdown"):
            await asyncio.to_thread(print)

    loop.run_until_complete(main())


def test_a_signal_calls_its_handler(loop):
    seen = []

    async def main():
        event = asyncio.Event()
        loop.add_signal_handler(signal.SIGUSR1, lambda: (seen.append("USR1"), event.set()))
        loop.call_later(0.01, os.kill, os.getpid(), signal.SIGUSR1)
        await event.wait()
        return loop.remove_signal_handler(signal.SIGUSR1)

    before = signal.getsignal(signal.SIGUSR1)
    assert loop.run_until_complete(main()) is True
    assert seen == ["USR1"]
    assert signal.getsignal(signal.SIGUSR1) is before


@pytest.mark.usefixtures("sigint_is_heard")
def test_ctrl_c_cancels_the_main_task_of_a_runner(loop):
    log = []

    async def main():
        asyncio.get_running_loop().call_later(0.01, os.kill, os.getpid(), signal.SIGINT)
        try:
            await asyncio.sleep(0.05)
            await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise

    with (
        pytest.raises(KeyboardInterrupt),
        asyncio.Runner(loop_factory=type(loop)) as runner,
    ):
        runner.run(main())
    assert log == ["cancelled"]


# Debug mode


def test_debug_mode_reports_a_slow_callback(loop, caplog):
    def slow():
        if isinstance(loop, DetLoop):
            loop.advance(0.5)
        else:
            loop.slow_callback_duration = -1

    loop.set_debug(True)
    loop.slow_callback_duration = 0.4
    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.call_soon(slow)
        loop.call_soon(loop.stop)
        loop.run_forever()
    messages = [record.getMessage() for record in caplog.records]
    assert any("Executing <Handle" in each and "slow" in each for each in messages)


def test_debug_mode_does_not_report_a_quick_callback(loop, caplog):
    loop.set_debug(True)
    if isinstance(loop, DetLoop):
        loop.advance(1000)
    with caplog.at_level(logging.WARNING, "asyncio"):
        loop.call_soon(loop.stop)
        loop.run_forever()
    assert caplog.records == []


def test_debug_mode_says_where_the_callback_was_made_that_failed(loop, caplog):
    loop.set_debug(True)
    loop.call_soon(lambda: loop.call_exception_handler({"message": "trouble"}))
    loop.call_soon(loop.stop)
    loop.run_forever()
    assert "Handle created at (most recent call last)" in caplog.text


def test_debug_mode_remembers_where_things_were_made(loop):
    async def main():
        timer = loop.call_later(0, print)
        at = loop.call_at(0, print)
        timer.cancel()
        at.cancel()
        return [made._source_traceback[-1].name for made in (timer, at, asyncio.current_task())]

    def run_here():
        return loop.run_until_complete(loop.create_task(main()))

    loop.set_debug(True)
    assert run_here() == ["main", "main", "run_here"]


def test_debug_mode_refuses_coroutines_and_other_threads(loop):
    async def main():
        with pytest.raises(TypeError, match="coroutines cannot be used"):
            loop.call_at(0, main)
        with pytest.raises(RuntimeError, match="Non-thread-safe"):
            await asyncio.to_thread(loop.call_at, 0, print)

    loop.set_debug(True)
    loop.run_until_complete(main())


# Whole programs, drawn at random


class Program:
    """A program of tasks that use one event, one queue, one lock, and cancel each other.

    Each sleep has a length of its own whose binary fraction no sum of others has: no two things
    happen at the same time, about which asyncio's own loop promises nothing.
    """

    def __init__(self, tasks):
        self.tasks = tasks

    async def __call__(self, log):
        self.log = log
        self.event, self.queue = asyncio.Event(), asyncio.Queue()
        self.lock, self.running = asyncio.Lock(), []
        try:
            async with asyncio.timeout(1000), asyncio.TaskGroup() as group:
                for number, steps in enumerate(self.tasks):
                    self.running.append(group.create_task(self.task(number, steps)))
        except (TimeoutError, ExceptionGroup) as error:
            log(type(error).__name__)

    async def task(self, number, steps):
        try:
            for at, (name, value) in enumerate(steps):
                self.log(f"{number}.{at} {name}")
                await getattr(self, name)(value)
            self.log(f"{number} ends")
        except asyncio.CancelledError:
            self.log(f"{number} is cancelled")
            raise

    async def sleep(self, length):
        await asyncio.sleep(length)

    async def turn(self, _):
        await asyncio.sleep(0)

    async def wait_for_event(self, length):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.event.wait(), length)

    async def set_event(self, _):
        self.event.set()

    async def clear_event(self, _):
        self.event.clear()

    async def put(self, value):
        await self.queue.put(value)

    async def get(self, length):
        async with asyncio.timeout(length):
            self.log(await self.queue.get())

    async def hold_lock(self, length):
        async with self.lock:
            await asyncio.sleep(length)

    async def cancel(self, value):
        victim = self.running[int(value) % len(self.running)]
        victim.cancel()

    async def gather(self, length):
        await asyncio.gather(self.sleep(length), self.turn(0), return_exceptions=True)

    async def first(self, length):
        tasks = [asyncio.create_task(self.sleep(length)), asyncio.create_task(self.turn(0))]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        tasks[0].cancel()

    async def shield(self, length):
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.shield(self.turn(0)), length)

    async def group(self, length):
        async with asyncio.TaskGroup() as group:
            group.create_task(self.sleep(length))
            group.create_task(self.turn(0))

    async def fail(self, _):
        raise ValueError

    async def call_soon(self, value):
        asyncio.get_running_loop().call_soon(self.log, f"called {value}")


STEPS = sorted(
    name for name in vars(Program) if not name.startswith("_") and name not in {"task", "log"}
)


@st.composite
def programs(draw):
    count = iter(range(1000))
    step = st.tuples(st.sampled_from(STEPS), st.integers(0, 3)).map(
        lambda step: (step[0], step[1] + 2.0 ** -(next(count) + 1))
    )
    return Program(draw(st.lists(st.lists(step, max_size=5), min_size=1, max_size=4)))


@given(programs())
def test_a_program_runs_as_on_asyncios_own_loop(program):
    expected = trace(ReferenceLoop(), program)
    assert trace(DetLoop(), program) == expected
    assert trace(DetLoop(lambda ready: 0), program) == expected


@given(programs(), st.data())
def test_a_program_runs_the_same_way_under_the_same_schedule(program, data):
    loop = DetLoop(lambda ready: data.draw(st.integers(0, ready - 1)))
    first = trace(loop, program)
    replay = DetLoop(loop.schedule())
    assert trace(replay, program) == first
    assert replay.choices == loop.choices


@EACH_LOOP
def test_the_drawn_programs_can_do_everything(factory):
    steps = ["put", "set_event", *(name for name in STEPS if name not in {"cancel", "fail"})]
    program = Program([[(name, 0.5) for name in steps]])
    assert trace(factory(), program)[-1] == "0 ends"
