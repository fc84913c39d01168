"""A `DetLoop` waits really for threads, child processes and sockets."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import multiprocessing
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import weakref

import pytest
from testing_loop_outside import A_WHILE, WatchedLoop, greets_later, run

# None of these may end in a TimeoutError or a Deadlock.


async def of_a_child(*arguments):
    child = await asyncio.create_subprocess_exec(*arguments, stdin=-1, stdout=-1)
    out, _ = await child.communicate(b"hello\n")
    return out, child.returncode


async def of_a_child_that_is_slow():
    return await of_a_child("sh", "-c", "sleep 0.3; cat; exit 3")


async def of_a_job():
    return await asyncio.to_thread(lambda: time.sleep(A_WHILE) or "done")


async def of_many_jobs():
    loop = asyncio.get_running_loop()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        jobs = [loop.run_in_executor(pool, time.sleep, A_WHILE / 10) for _ in range(8)]
        return await asyncio.gather(*jobs)


async def of_a_process_pool():
    # What it starts with fork is refused by Python 3.12 in a process that has threads.
    context = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(1, mp_context=context) as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, pow, 2, 10)


async def of_a_thread():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def work():
        time.sleep(A_WHILE)
        loop.call_soon_threadsafe(future.set_result, "from a thread")

    threading.Thread(target=work).start()
    return await future


async def of_a_timer_thread():
    loop = asyncio.get_running_loop()
    event = asyncio.Event()
    threading.Timer(A_WHILE, loop.call_soon_threadsafe, [event.set]).start()
    return await event.wait()


async def of_a_coroutine_that_a_thread_runs_here():
    async def answer():
        await asyncio.sleep(10)
        return 42

    loop = asyncio.get_running_loop()
    return await asyncio.to_thread(
        lambda: asyncio.run_coroutine_threadsafe(answer(), loop).result()
    )


async def of_a_server_in_a_thread():
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        peer, _ = listener.accept()
        with listener, peer:
            time.sleep(A_WHILE)
            peer.sendall(b"hello\n")

    threading.Thread(target=serve).start()
    reader, writer = await asyncio.open_connection(*listener.getsockname())
    line = await reader.readline()
    writer.close()
    return line


async def of_a_child_that_writes_to_a_socket():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.setblocking(False)  # noqa: FBT003 - socket's own signature
        with greets_later(theirs):
            return await asyncio.get_running_loop().sock_recv(ours, 100)


async def of_a_child_that_writes_to_a_pipe():
    loop = asyncio.get_running_loop()
    read, write = os.pipe()
    arrived = asyncio.Event()
    loop.add_reader(read, arrived.set)
    with greets_later(write):
        await arrived.wait()
    loop.remove_reader(read)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        return pipe.read()


SERVER = """
import socket, sys, time
server = socket.socket(getattr(socket, sys.argv[1]))
server.bind(sys.argv[2] if sys.argv[1] == "AF_UNIX" else ("127.0.0.1", 0))
server.listen()
print(server.getsockname() if sys.argv[1] == "AF_UNIX" else server.getsockname()[1], flush=True)
peer, _ = server.accept()
time.sleep(0.2)
peer.sendall(b"hello\\n")
"""


async def of_a_server_in_a_child(family, connect, *address):
    command = [sys.executable, "-c", SERVER, family, *address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        where = server.stdout.readline().strip()
        reader, writer = await connect(where)
        line = await reader.readline()
        writer.close()
        return line


async def over_tcp_to_a_child():
    return await of_a_server_in_a_child(
        "AF_INET", lambda port: asyncio.open_connection("127.0.0.1", port)
    )


async def over_a_unix_socket_to_a_child():
    with tempfile.TemporaryDirectory() as folder:
        return await of_a_server_in_a_child("AF_UNIX", asyncio.open_unix_connection, f"{folder}/s")


async def of_an_acknowledgement():
    """Send two short messages: the second waits until the first is acknowledged (RFC 896)."""
    loop = asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.setblocking(False)  # noqa: FBT003 - socket's own signature
        await loop.sock_connect(client, server.getsockname())
        peer, _ = server.accept()
        with peer:
            peer.setblocking(False)  # noqa: FBT003
            peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
            loop.add_reader(client, int)
            await loop.sock_sendall(client, b"a" * 10)
            await loop.sock_sendall(client, b"b" * 10)
            received = b""
            while len(received) < 20:
                received += await loop.sock_recv(peer, 100)
            loop.remove_reader(client)
            return received


async def of_a_name():
    return bool(await asyncio.get_running_loop().getaddrinfo("127.0.0.1", 80))


async def of_a_connection_that_is_refused():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with contextlib.suppress(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
    return "refused"


@pytest.mark.parametrize(
    ("work", "result"),
    [
        (of_a_child_that_is_slow, (b"hello\n", 3)),
        (of_a_job, "done"),
        (of_many_jobs, [None] * 8),
        (of_a_process_pool, 1024),
        (of_a_thread, "from a thread"),
        (of_a_timer_thread, True),
        (of_a_coroutine_that_a_thread_runs_here, 42),
        (of_a_server_in_a_thread, b"hello\n"),
        (of_a_child_that_writes_to_a_socket, b"hello\n"),
        (of_a_child_that_writes_to_a_pipe, b"hello\n"),
        (over_tcp_to_a_child, b"hello\n"),
        (over_a_unix_socket_to_a_child, b"hello\n"),
        (of_an_acknowledgement, b"a" * 10 + b"b" * 10),
        (of_a_name, True),
        (of_a_connection_that_is_refused, "refused"),
    ],
)
@pytest.mark.parametrize("timeout", [30, None])
def test_a_deadline_does_not_pass_and_nothing_is_a_deadlock_on_account(work, result, timeout):
    async def program():
        async with asyncio.timeout(timeout):
            return await work()

    returned, loop = run(program)
    assert returned == result
    assert loop.time() in {0.0, 10.0}  # ten: what the coroutine above sleeps


def test_children_jobs_and_timers_go_together():
    async def program():
        async def tick():
            for _ in range(1000):
                await asyncio.sleep(1)
                ticks.append(1)

        ticks = []
        async with asyncio.timeout(2000), asyncio.TaskGroup() as group:
            group.create_task(tick())
            child = group.create_task(of_a_child("cat"))
            job = group.create_task(asyncio.to_thread(sum, [1, 2]))
        return len(ticks), child.result(), job.result()

    assert run(program)[0] == (1000, (b"hello\n", 0), 3)


def test_a_child_that_is_killed_is_reaped():
    async def program():
        child = await asyncio.create_subprocess_exec("sleep", "1000")
        child.kill()
        return await child.wait()

    assert run(program)[0] == -signal.SIGKILL


def test_a_program_that_cannot_be_started_is_an_error_at_once():
    async def program():
        await asyncio.create_subprocess_exec("/nonexistent/program")

    with pytest.raises(FileNotFoundError):
        run(program)


def test_a_job_that_is_left_behind_is_waited_for_at_the_end():
    done = []

    async def program():
        asyncio.get_running_loop().run_in_executor(
            None, lambda: time.sleep(A_WHILE) or done.append(1)
        )

    run(program, patience=A_WHILE / 3)
    assert done == [1]


def test_a_worker_of_an_executor_that_is_older_than_the_loop_is_waited_for():
    async def program():
        async with asyncio.timeout(30):
            return await asyncio.get_running_loop().run_in_executor(
                pool, lambda: time.sleep(A_WHILE) or "done"
            )

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        assert run(program)[0] == "done"


def compute(seconds=0.3):
    began = time.thread_time()
    while time.thread_time() - began < seconds:
        sum(range(1000))
    return "computed"


def compute_and_sleep():
    compute()
    time.sleep(0.05)
    return "slept"


async def compute_in_a_child():
    program = "i=0; while [ $i -lt 400000 ]; do i=$((i+1)); done; echo $i"
    child = await asyncio.create_subprocess_exec("sh", "-c", program, stdout=-1)
    return (await child.communicate())[0]


async def compute_in_a_grandchild():
    child = await asyncio.create_subprocess_exec(
        "sh", "-c", "i=0; (while [ $i -lt 400000 ]; do i=$((i+1)); done; echo $i); :", stdout=-1
    )
    return (await child.communicate())[0]


async def compute_in_a_thread():
    loop = asyncio.get_running_loop()
    future = loop.create_future()

    def work():
        loop.call_soon_threadsafe(future.set_result, compute())

    threading.Thread(target=work).start()
    return await future


@pytest.mark.parametrize(
    ("work", "result"),
    [
        (lambda: asyncio.to_thread(compute), "computed"),
        (lambda: asyncio.to_thread(compute_and_sleep), "slept"),
        (compute_in_a_thread, "computed"),
        (compute_in_a_child, b"400000\n"),
        (compute_in_a_grandchild, b"400000\n"),
    ],
)
def test_who_works_is_not_silent(work, result):
    async def program():
        async with asyncio.timeout(1000):
            return await work()

    assert run(program, patience=0.2)[0] == result


# Robustness


def test_a_descriptor_that_was_closed_while_registered_does_no_harm():
    async def program():
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        loop.add_reader(ours.fileno(), int)
        number = ours.fileno()
        ours.close()
        theirs.close()
        await asyncio.sleep(1000)
        loop.remove_reader(number)
        return "slept"

    assert run(program)[0] == "slept"


def test_a_loop_that_is_never_idle_hears_its_descriptors():
    async def program():
        ours, theirs = socket.socketpair()
        with ours, theirs:
            heard = []
            loop = asyncio.get_running_loop()
            loop.add_reader(ours, heard.append, 1)
            theirs.send(b"x")
            for _ in range(10):
                await asyncio.sleep(0)
            loop.remove_reader(ours)
            return bool(heard)

    assert run(program)[0] is True


def test_threads_that_call_all_the_time_disturb_no_choice():
    async def program():
        loop = asyncio.get_running_loop()

        def call():
            for _ in range(2000):
                loop.call_soon_threadsafe(calls.append, 1)

        async def turn():
            for _ in range(500):
                await asyncio.sleep(0)

        jobs = [loop.run_in_executor(None, call) for _ in range(2)]
        await asyncio.gather(*(turn() for _ in range(4)), *jobs)
        await asyncio.sleep(0)
        return len(calls)

    calls = []
    loop = WatchedLoop(lambda ready: ready - 1)
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        assert runner.run(program()) == 4000


def test_a_loop_in_a_thread_of_its_own_works_as_in_the_main_thread():
    async def program():
        await asyncio.sleep(1000)
        return await asyncio.to_thread(threading.get_ident)

    async def main():
        return await asyncio.to_thread(lambda: run(program)[0])

    assert run(main)[0] not in {None, threading.get_ident()}


def test_a_loop_names_its_own_descriptors_and_those_of_the_program():
    async def program():
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            loop.add_reader(ours, int)
            registered = [key.fd for key in loop.registered()]
            loop.remove_reader(ours)
            return registered == [ours.fileno()], len(loop.own_descriptors())

    (only_ours, own), loop = run(program)
    assert (only_ours, own) == (True, 3)
    assert loop.own_descriptors() == frozenset()
    assert sys.platform == "linux"


@pytest.mark.usefixtures("only_counting_references")
def test_what_a_job_has_had_in_hand_is_gone_with_it():
    weak = []

    def work():
        in_hand = {"something"}
        weak.append(weakref.ref(in_hand))
        time.sleep(A_WHILE)

    async def program():
        await asyncio.to_thread(work)
        return weak[0]()

    assert run(program)[0] is None
