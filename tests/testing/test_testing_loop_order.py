"""Two runs of one program on a `DetLoop` are the same, whatever else the process does."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import weakref

import pytest
import testing_loop_order
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.testing.loop import DetLoop

SCRIPT = testing_loop_order.__file__


def printed(hash_seed):
    path = os.pathsep.join(sys.path)
    environment = os.environ | {"PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": path}
    done = subprocess.run(
        [sys.executable, SCRIPT], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_a_trace_is_the_same_in_each_process():
    traces = [printed(hash_seed) for hash_seed in (0, 1, 42)]
    here = testing_loop_order.trace(choose=lambda ready: ready // 2)
    assert traces == [[str(line) for line in here]] * 3


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_trace_is_the_same_whatever_tasks_other_loops_have(seed, others):
    before = testing_loop_order.trace(seed=seed)
    other = asyncio.SelectorEventLoop()
    tasks = [other.create_task(asyncio.sleep(0)) for _ in range(others)]
    between = testing_loop_order.trace(seed=seed)
    other.run_until_complete(asyncio.wait(tasks) if tasks else asyncio.sleep(0))
    other.close()
    tasks.clear()
    assert between == before
    assert testing_loop_order.trace(seed=seed) == before


def test_the_trace_looks_into_sets_of_tasks_in_their_order():
    assert testing_loop_order.trace()[0] == list(range(20))
    assert testing_loop_order.trace()[1] == [f"n{at}" for at in range(20)]


def test_asyncio_keeps_its_tasks_as_before_once_the_last_loop_is_closed():
    kept = getattr(asyncio.tasks, "_all_tasks", None)
    kept = asyncio.tasks._scheduled_tasks if kept is None else kept
    assert type(kept) is weakref.WeakSet
    first, second = DetLoop(), DetLoop()
    first.close()
    assert type(kept) is not weakref.WeakSet
    second.close()
    second.close()
    assert type(kept) is weakref.WeakSet


def test_all_tasks_are_those_of_the_loop():
    loop, other = DetLoop(), DetLoop()
    task = loop.create_task(asyncio.sleep(0))
    assert asyncio.all_tasks(loop) == {task}
    assert asyncio.all_tasks(other) == set()
    loop.run_until_complete(task)
    assert asyncio.all_tasks(loop) == set()
    loop.close()
    other.close()


def test_tasks_without_a_name_are_numbered_for_each_loop():
    async def names():
        tasks = [asyncio.create_task(asyncio.sleep(0)) for _ in range(3)]
        tasks.insert(1, asyncio.create_task(asyncio.sleep(0), name="given"))
        await asyncio.wait(tasks)
        return [task.get_name() for task in tasks]

    for _ in range(2):
        with asyncio.Runner(loop_factory=DetLoop) as runner:
            assert runner.run(names()) == ["Task-2", "given", "Task-3", "Task-4"]


@pytest.mark.parametrize("make", ["create_future", "create_task"])
def test_futures_and_tasks_are_hashed_by_a_number_that_does_not_change(make):
    loop = DetLoop()
    things = [
        loop.create_future() if make == "create_future" else loop.create_task(asyncio.sleep(0))
        for _ in range(5)
    ]
    hashes = [hash(thing) for thing in things]
    assert hashes == [1, 2, 3, 4, 5]
    assert [hash(thing) for thing in reversed(things)] == hashes[::-1]
    if make == "create_task":
        loop.run_until_complete(asyncio.wait(things))
    loop.close()


if sys.version_info >= (3, 12):

    def test_eager_tasks_are_numbered_too():
        async def hashes():
            return [hash(asyncio.create_task(asyncio.sleep(1))) for _ in range(3)]

        loop = DetLoop()
        loop.set_task_factory(asyncio.eager_task_factory)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            numbers = runner.run(hashes())
        assert numbers == sorted(numbers)
        assert max(numbers) < 20
