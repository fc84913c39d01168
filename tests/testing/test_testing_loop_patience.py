"""A `DetLoop` waits for what is outside for no longer than it must."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
import os
import queue
import subprocess
import sys
import threading
import time

import pytest
import testing_loop_outside
from testing_loop_outside import A_WHILE, WatchedLoop, greets_later, polls, run, sleeps

from aitbc_hooks.testing.loop import Deadlock, DetLoop
from aitbc_hooks.testing.loop_threads import AtWork, Kind, thread_at_work

threads = testing_loop_outside.threads  # the fixture


def test_a_program_on_its_own_makes_no_selector_and_waits_for_nothing():
    async def program():
        await asyncio.sleep(1000)

    _, loop = run(program)
    assert loop.waited == 0.0
    assert loop.own_descriptors() == frozenset()


async def exchange(server, connect, rounds=50):
    """Send something to and fro, with pauses."""
    async with server:
        for _ in range(rounds):
            reader, writer = await connect()
            writer.write(b"hello\n")
            assert await reader.readline() == b"hello\n"
            await asyncio.sleep(10)
            writer.write(b"again\n")
            assert await reader.readline() == b"again\n"
            writer.close()
            await writer.wait_closed()
            await asyncio.sleep(10)


async def echo(reader, writer):
    async for line in reader:
        writer.write(line)
    writer.close()


async def over_tcp(_):
    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    await exchange(server, lambda: asyncio.open_connection(*address))


async def over_a_unix_socket(folder):
    path = str(folder / "s")
    await exchange(
        await asyncio.start_unix_server(echo, path), lambda: asyncio.open_unix_connection(path)
    )


async def over_a_pipe(_):
    loop = asyncio.get_running_loop()
    read, write = os.pipe()
    reader = asyncio.StreamReader()
    await loop.connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader),
        os.fdopen(read, "rb", 0),
    )
    transport, _ = await loop.connect_write_pipe(
        asyncio.BaseProtocol,
        os.fdopen(write, "wb", 0),
    )
    for _ in range(50):
        await asyncio.sleep(10)
        transport.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
    transport.close()
    assert await reader.read() == b""


@pytest.mark.parametrize("talk", [over_tcp, over_a_unix_socket, over_a_pipe])
def test_peers_on_one_loop_are_not_waited_for(talk, tmp_path):
    async def program():
        async with asyncio.timeout(20_000):
            await talk(tmp_path)

    # TCP may take a moment to acknowledge what has arrived.
    assert run(program)[1].waited <= (5 if talk is over_tcp else 0.01)


def test_a_server_that_nobody_calls_is_a_deadlock_at_once():
    async def program():
        server = await asyncio.start_server(echo, "127.0.0.1", 0)
        async with server:
            await server.serve_forever()

    loop = WatchedLoop()
    with (
        pytest.raises(Deadlock, match=r"for Server\.serve_forever"),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        runner.run(program())
    assert loop.waited <= 0.01


@pytest.mark.parametrize("target", [sleeps, polls])
def test_a_thread_that_only_lives_on_costs_its_patience_once(threads, target):
    async def program():
        threads(target)
        for _ in range(300):
            await asyncio.sleep(1000)

    _, loop = run(program, patience=0.1)
    # More than once only for what the thread has run, or would have on a machine that is idle.
    assert 0.1 <= loop.waited < 1.5
    assert {kind.code for kind in loop.quiet} == {target.__code__}


def test_a_loop_that_knows_of_quiet_threads_hardly_waits_for_their_like(threads):
    async def program():
        threads(sleeps)
        await asyncio.sleep(1000)

    _, first = run(program, patience=0.5)
    _, second = run(program, patience=0.5, quiet=first.quiet)
    assert first.waited >= 0.5
    assert second.waited < 0.5


def test_a_thread_that_was_there_before_the_loop_is_hardly_waited_for(threads):
    async def program():
        await asyncio.sleep(1000)

    threads(sleeps)
    _, loop = run(program, patience=0.5)
    assert 0 < loop.waited < 0.5


@pytest.mark.parametrize("talks", [False, True])
def test_a_thread_that_has_just_begun_is_waited_for_whatever_its_like_have_used_up(threads, talks):
    async def program():
        loop = asyncio.get_running_loop()
        begins = asyncio.Event()
        first = threading.Event()

        def speak_soon(stop):
            if first.is_set():
                time.sleep(0.01)  # asleep, as if it had nothing to do
                loop.call_soon_threadsafe(begins.set)
            else:
                first.set()
                while talks and not over:
                    time.sleep(0.001)
                    loop.call_soon_threadsafe(int)
            sleeps(stop)

        over = []
        threads(speak_soon)
        await asyncio.sleep(1000)
        over.append(True)
        threads(speak_soon)
        await asyncio.wait_for(begins.wait(), 30)
        return loop.time()

    assert run(program, patience=0.05)[0] < 1030


def test_a_thread_that_has_just_begun_is_hardly_waited_for_if_its_like_keep_silent(threads):
    async def program():
        loop = asyncio.get_running_loop()
        threads(sleeps)
        await asyncio.sleep(1000)
        before = loop.waited
        for _ in range(3):
            threads(sleeps)
            await asyncio.sleep(1000)
        return loop.waited - before

    assert 0 < run(program, patience=0.5)[0] < 0.5


def test_a_thread_that_speaks_is_waited_for_again(threads):
    async def program():
        loop = asyncio.get_running_loop()
        spoken = asyncio.Event()
        threads(lambda stop: speak_later(stop, loop, spoken))
        await spoken.wait()
        before = loop.waited
        await asyncio.sleep(1000)
        return loop.waited - before

    def speak_later(stop, loop, spoken):
        time.sleep(A_WHILE)
        loop.call_soon_threadsafe(spoken.set)
        sleeps(stop)

    assert run(program, patience=A_WHILE * 2)[0] >= A_WHILE * 2


def speaks(stop, loop):
    while not stop.is_set() and not loop.is_closed():
        time.sleep(0.001)
        with contextlib.suppress(RuntimeError):  # it is closed meanwhile
            loop.call_soon_threadsafe(int)


def naps_and_speaks(stop, loop):
    while not stop.wait(0.001) and not loop.is_closed():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(int)


@pytest.mark.parametrize(("target", "times"), [(speaks, 12), (naps_and_speaks, 5)])
def test_a_thread_that_speaks_all_the_time_does_not_stop_the_clock(threads, target, times):
    async def program():
        loop = asyncio.get_running_loop()
        threads(lambda stop: target(stop, loop))
        await asyncio.sleep(1_000_000)

    _, loop = run(program, patience=0.1)
    assert loop.time() == 1_000_000
    assert loop.waited < 0.1 * times


def test_a_child_that_writes_all_the_time_does_not_stop_the_clock_for_longer_than_it_takes():
    async def program():
        child = await asyncio.create_subprocess_exec("yes", stdout=-1)
        reading = asyncio.create_task(read_all(child.stdout))
        await asyncio.sleep(0.5)
        child.kill()
        await child.wait()
        return await reading

    async def read_all(stream):
        return sum([len(chunk) async for chunk in stream])

    read, loop = run(program, max_steps=10**9)
    assert read > 0
    assert loop.time() == 0.5


def test_each_job_of_a_worker_has_a_patience_of_its_own():
    async def program():
        loop = asyncio.get_running_loop()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            for _ in range(5):
                pool.submit(time.sleep, 0.06)  # nobody hears of its end
                await asyncio.sleep(1000)
        return loop.waited

    assert run(program, patience=0.1)[0] > 0.2


def test_a_child_that_writes_now_and_then_is_waited_for():
    async def program():
        script = "for i in 1 2 3 4 5; do sleep 0.06; echo $i; done"
        child = await asyncio.create_subprocess_exec("sh", "-c", script, stdout=-1)
        async with asyncio.timeout(1000):
            return (await child.communicate())[0]

    assert run(program, patience=0.15)[0] == b"1\n2\n3\n4\n5\n"


def test_a_descriptor_that_is_used_again_has_a_patience_of_its_own():
    async def program():
        loop = asyncio.get_running_loop()
        silent, write = os.pipe()
        loop.add_reader(silent, int)
        await asyncio.sleep(1000)
        loop.remove_reader(silent)
        os.close(silent)
        again, other = os.pipe()
        assert again == silent
        arrived = asyncio.Event()
        loop.add_reader(again, arrived.set)
        with greets_later(other):
            async with asyncio.timeout(1000):
                await arrived.wait()
        loop.remove_reader(again)
        for descriptor in (write, again, other):
            os.close(descriptor)

    assert run(program, patience=2 * A_WHILE)[1].time() == 1000


def test_what_is_waited_for_between_two_pauses_counts_for_each_alone():
    async def program():
        for _ in range(10):
            async with asyncio.timeout(0.3):
                await asyncio.to_thread(time.sleep, 0.05)
            await asyncio.sleep(1)

    assert run(program)[1].time() == 10


def serve(stop, requests, seconds):
    while (request := requests.get()) is not None:
        loop, future = request
        time.sleep(seconds.pop())
        loop.call_soon_threadsafe(future.set_result, "served")


async def ask(requests):
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    requests.put((loop, future))
    async with asyncio.timeout(1000):
        return await future


def test_an_older_thread_is_waited_for_in_full_once_it_has_spoken_to_the_loop(threads):
    async def program():
        return [await ask(requests), await ask(requests)]

    requests, seconds = queue.Queue(), [0.3, 0.0]
    threads(lambda stop: serve(stop, requests, seconds))
    try:
        assert run(program, patience=0.6)[0] == ["served"] * 2
    finally:
        requests.put(None)


def test_a_quiet_kind_that_speaks_is_no_longer_quiet(threads):
    async def program():
        threads(target)
        return [await ask(requests), await ask(requests)]

    def target(stop):
        serve(stop, requests, seconds)

    requests, seconds = queue.Queue(), [0.3, 0.0]
    kind = Kind(target.__code__, naps=False)
    quiet = {kind}
    try:
        assert run(program, patience=0.6, quiet=quiet)[0] == ["served"] * 2
    finally:
        requests.put(None)
    assert kind not in quiet


def test_the_threads_of_who_runs_the_tests_are_not_waited_for():
    script = """
import asyncio, threading, time
thread = threading.Thread(target=time.sleep, args=[1000], daemon=True)
thread.start()
from aitbc_hooks.testing.loop import DetLoop
polled = []
class Loop(DetLoop):
    def poll(self, timeout):
        polled.append(timeout)
        return super().poll(timeout)
with asyncio.Runner(loop_factory=Loop) as runner:
    runner.run(asyncio.sleep(1000))
print(sum(polled))
"""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", script]
    assert subprocess.check_output(command, env=environment, text=True) == "0\n"


def test_a_thread_that_has_not_begun_is_at_work():
    thread = threading.Thread(target=int)
    assert thread_at_work(thread, {}) == AtWork(thread)


def test_a_loop_that_has_something_to_run_does_not_wait_for_more():
    loop = DetLoop()
    loop.call_soon(int)
    assert loop.poll(3600) == []
    loop.close()


def test_threads_that_wait_for_work_are_not_waited_for(threads):
    def consume(work):
        work.get()

    async def program():
        await asyncio.to_thread(int)  # leaves a worker of the default executor
        threads(lambda stop: consume(work))
        threads(lambda stop: stop.wait())
        for _ in range(300):
            await asyncio.sleep(1000)
        waited = asyncio.get_running_loop().waited
        work.put(None)
        return waited

    # They need a moment until they wait.
    work = queue.Queue()
    waited, _ = run(program)
    assert waited < 0.5


def test_processes_that_wait_for_work_are_not_waited_for():
    async def program():
        loop = asyncio.get_running_loop()
        context = multiprocessing.get_context("spawn")
        with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
            await loop.run_in_executor(pool, int)
            before = loop.waited
            for _ in range(30):
                await asyncio.sleep(1000)
            return loop.waited - before

    assert run(program)[0] < 0.5


@pytest.mark.parametrize("timeout", [None, 0.001, 100])
def test_a_thread_that_is_given_work_is_waited_for_from_then_on(threads, timeout):
    async def program():
        loop = asyncio.get_running_loop()

        def serve(stop):
            while not stop.is_set():
                with contextlib.suppress(queue.Empty):
                    future = requests.get(timeout=timeout)
                    if future is None:
                        break
                    time.sleep(0.02)
                    loop.call_soon_threadsafe(future.set_result, "served")

        threads(serve)
        try:
            for _ in range(20):
                async with asyncio.timeout(1):
                    future = loop.create_future()
                    requests.put(future)
                    assert await future == "served"
                await asyncio.sleep(100)
        finally:
            requests.put(None)
        return loop.time()

    requests = queue.Queue()
    assert run(program, patience=0.2)[0] == 2000


def test_the_clock_jumps_over_a_silent_child_when_patience_is_over():
    async def program():
        child = await asyncio.create_subprocess_exec("sleep", "1000")
        try:
            async with asyncio.timeout(30):
                await child.wait()
        except TimeoutError:
            child.kill()
            await child.wait()
            return "timed out"

    returned, loop = run(program, patience=0.1)
    assert returned == "timed out"
    assert loop.time() == 30
    assert loop.waited < 1.5


def test_who_works_for_ever_does_not_stop_the_clock(threads):
    def work(stop):
        while not stop.is_set():
            sum(range(1000))

    async def program():
        threads(work)
        child = await asyncio.create_subprocess_exec("sh", "-c", "while :; do :; done")
        await asyncio.sleep(1_000_000)
        child.kill()
        await child.wait()

    assert run(program, patience=0.05)[1].time() == 1_000_000


def test_a_timer_is_not_kept_waiting_for_longer_than_on_asyncios_own_loop(threads):
    async def program():
        threads(sleeps)
        await asyncio.sleep(0.05)
        return asyncio.get_running_loop().waited

    waited, loop = run(program, patience=60)
    assert 0 < waited <= 0.051
    assert loop.time() == 0.05


def test_a_thread_that_keeps_silent_for_ever_is_a_deadlock_in_the_end(threads):
    async def program():
        threads(sleeps)
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="wake 1 task"):
        run(program, patience=0.05)
