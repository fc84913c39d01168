"""A loop that stands still while a function runs."""

from __future__ import annotations

import asyncio
import contextvars

import pytest

from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.loop import Deadlock


@pytest.fixture
def loop():
    made = HaltingLoop()
    yield made
    made.close()


def is_running():
    return asyncio._get_running_loop() is not None


def test_a_function_runs_while_no_loop_does(loop):
    async def main():
        return is_running(), await loop.at_rest(is_running), is_running()

    assert loop.run_until_complete(main()) == (True, False, True)


def test_a_function_may_run_a_loop_of_its_own(loop):
    async def inner():
        await asyncio.sleep(0)
        return 42

    async def main():
        return await loop.at_rest(lambda: asyncio.run(inner()))

    assert loop.run_until_complete(main()) == 42


def test_other_tasks_stand_still_meanwhile(loop):
    beats = []

    async def beat():
        while True:
            beats.append(loop.time())
            await asyncio.sleep(1)

    def count():
        return len(beats), len(beats)

    async def main():
        task = asyncio.create_task(beat())
        await asyncio.sleep(2.5)
        before, after = await loop.at_rest(count)
        await asyncio.sleep(1)
        task.cancel()
        return before, after

    assert loop.run_until_complete(main()) == (3, 3)
    assert beats == [0, 1, 2, 3]


def test_what_the_function_raises_is_raised_where_it_was_waited_for(loop):
    async def main():
        with pytest.raises(ZeroDivisionError):
            await loop.at_rest(lambda: 1 / 0)
        return "on"

    assert loop.run_until_complete(main()) == "on"


def test_an_interrupt_of_the_function_ends_the_run(loop):
    class Rang(BaseException):
        pass

    def ring():
        raise Rang

    async def main():
        await loop.at_rest(ring)

    task = loop.create_task(main())
    with pytest.raises(Rang):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)


def test_several_functions_run_in_the_order_in_which_they_were_asked_for(loop):
    async def main():
        return await asyncio.gather(*(loop.at_rest(lambda n=n: order.append(n)) for n in range(3)))

    order = []
    loop.run_until_complete(main())
    assert order == [0, 1, 2]


def test_who_stops_the_loop_otherwise_is_told(loop):
    async def main():
        loop.stop()
        await asyncio.sleep(1)

    task = loop.create_task(main())
    with pytest.raises(RuntimeError, match="stopped before Future completed"):
        loop.run_until_complete(task)
    loop.run_until_complete(task)


def test_a_runtime_error_of_the_coroutine_is_its_own(loop):
    async def main():
        await loop.at_rest(is_running)
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        loop.run_until_complete(main())


def test_a_deadlock_is_one(loop):
    async def main():
        await loop.at_rest(is_running)
        await asyncio.Event().wait()

    task = loop.create_task(main())
    with pytest.raises(Deadlock):
        loop.run_until_complete(task)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(task)


def test_a_function_in_a_thread_has_the_context_of_its_caller(loop):
    variable = contextvars.ContextVar("variable", default="nobody")

    async def main():
        variable.set("caller")
        return await loop.run_in_executor(None, variable.get)

    assert loop.run_until_complete(main()) == "caller"
    loop.run_until_complete(loop.shutdown_default_executor())
