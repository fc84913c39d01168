"""A program whose trace depends on the order of sets of tasks. Run as a script it prints it."""

from __future__ import annotations

import asyncio
import random
import sys

from aitbc_hooks.testing.loop import DetLoop


async def program(log):
    tasks = []
    await _wait_for_many(log)
    await _fail_in_a_group(log)
    for number in range(60):
        tasks.append(asyncio.create_task(_nap(log, number)))
        await asyncio.sleep(0)
        if random.random() < 0.8:  # leave tasks of far-apart numbers, which collide in a set
            await _end(tasks.pop(random.randrange(len(tasks))))
    log("inside")
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        log(task.get_name())
    generators = [_count(log, number) for number in range(5)]
    for generator in generators:
        await anext(generator)
    log("outside")
    return generators


async def _wait_for_many(log):
    loop = asyncio.get_running_loop()
    futures = [loop.create_future() for _ in range(20)]
    for number, future in enumerate(futures):
        future.set_result(number)
    done, _ = await asyncio.wait(set(futures))
    log([future.result() for future in done])
    named = {asyncio.create_task(asyncio.sleep(0), name=f"n{at}") for at in range(20)}
    done, _ = await asyncio.wait(named)
    log([task.get_name() for task in done])


async def _fail_in_a_group(log):
    async def fail():
        raise ValueError

    try:
        async with asyncio.TaskGroup() as group:
            for number in range(9):
                group.create_task(_nap(log, number))
            await asyncio.sleep(0)
            group.create_task(fail())
    except ExceptionGroup:
        log("failed")


async def _nap(log, number):
    try:
        await asyncio.sleep(1000)
    except asyncio.CancelledError:
        log(number)
        raise


async def _end(task):
    task.cancel()
    await asyncio.wait([task])


async def _count(log, number):
    try:
        yield number
    finally:
        log(f"closed {number}")


def trace(*, seed=0, choose=None):
    """Return what the program logs, to the last of its tasks and generators."""
    log = []
    random.seed(seed)
    with asyncio.Runner(loop_factory=lambda: DetLoop(choose)) as runner:
        generators = runner.run(program(log.append))
    del generators
    return log


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in trace(choose=lambda ready: ready // 2))
