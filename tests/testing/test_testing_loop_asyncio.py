"""The private names of the standard library on which `DetLoop` stands are what it takes them for.

When a new Python moves one of them, a test here says which; the behaviour that is built on it is
tested elsewhere.
"""

from __future__ import annotations

import asyncio
import collections
import inspect
import selectors
import sys
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor, process, thread

import pytest

from aitbc_hooks.testing.loop import DetLoop
from aitbc_hooks.testing.loop_tasks import task_of

STOCK = asyncio.SelectorEventLoop


@pytest.fixture
def stock():
    loop = STOCK()
    yield loop
    loop.close()


def test_this_python_is_one_on_which_the_names_were_looked_at():
    assert sys.version_info[:2] in {(3, 11), (3, 12), (3, 13)}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("_ready", collections.deque),
        ("_scheduled", list),
        ("_timer_cancelled_count", int),
        ("_stopping", bool),
        ("_closed", bool),
        ("_debug", bool),
        ("_task_factory", type(None)),
        ("_current_handle", type(None)),
        ("_asyncgens", weakref.WeakSet),
        ("_signal_handlers", dict),
        ("_selector", selectors.BaseSelector),
        ("_ssock", object),
        ("_csock", object),
    ],
)
def test_asyncios_loop_has_the_attribute(stock, name, kind):
    assert isinstance(vars(stock)[name], kind)


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("_run_once", ["self"]),
        ("_process_events", ["self", "event_list"]),
        ("_timer_handle_cancelled", ["self", "handle"]),
        ("_make_self_pipe", ["self"]),
        ("_close_self_pipe", ["self"]),
        ("_check_closed", ["self"]),
        ("call_at", ["self", "when", "callback", "args", "context"]),
        ("call_soon_threadsafe", ["self", "callback", "args", "context"]),
    ],
)
def test_asyncios_loop_has_the_method(name, parameters):
    assert list(inspect.signature(getattr(STOCK, name)).parameters) == parameters


def test_every_private_method_that_is_overridden_exists():
    overridden = [
        name
        for cls in DetLoop.__mro__[: DetLoop.__mro__.index(STOCK)]
        for name in vars(cls)
        if name.startswith("_") and not name.startswith("__") and hasattr(STOCK, name)
    ]
    assert set(overridden) >= {"_run_once", "_make_self_pipe", "_timer_handle_cancelled"}


def test_a_timer_says_by_its_flag_whether_it_is_in_the_heap(stock):
    timer = stock.call_later(1000, print)
    assert timer._scheduled is True
    assert stock._scheduled == [timer]
    timer.cancel()
    assert stock._timer_cancelled_count == 1


@pytest.mark.parametrize("make", [STOCK, DetLoop])
def test_the_steps_of_a_task_are_told_from_all_other_callbacks(make):
    async def program():
        future = loop.create_future()
        task = asyncio.create_task(wait(future), name="task")
        found = []
        for _ in range(2):  # its first step, and the one after it has been woken
            found.append([task_of(handle) for handle in loop._ready])
            await asyncio.sleep(0)
            if not future.done():
                future.set_result(None)
        calls = [task.cancel, task.set_name, future.done, print]
        for call in calls:
            found.append([task_of(loop.call_soon(call))])
            loop._ready.pop()
        await task
        return found == [[task], [task], [None], [None], [None], [None]]

    async def wait(future):
        await future

    loop = make()
    assert loop.run_until_complete(program())
    loop.close()


def test_a_task_is_kept_in_a_weak_set_that_its_hash_is_asked_for():
    hashed = []

    class Hashed(asyncio.Task):
        def __hash__(self):
            hashed.append(self.get_loop())
            return 7

    loop = STOCK()
    task = Hashed(asyncio.sleep(0), loop=loop)
    assert hashed[0] is loop  # before the constructor returned
    assert asyncio.all_tasks(loop) == {task}
    loop.run_until_complete(task)
    loop.close()


def frame_of(thread):
    return sys._current_frames()[thread.ident]


def until(condition):
    while not condition():
        pass


def test_a_thread_that_waits_is_in_the_frame_and_on_the_list_that_are_looked_at():
    event = threading.Event()
    waiter = threading.Thread(target=event.wait, args=[1000])
    waiter.start()
    wait = threading.Condition.wait.__code__
    until(lambda: frame_of(waiter).f_code is wait and "waiter" in frame_of(waiter).f_locals)
    local = frame_of(waiter).f_locals
    condition, lock = local["self"], local["waiter"]
    assert local["timeout"] == 1000
    until(lambda: lock in condition._waiters)
    event.set()
    assert lock not in condition._waiters
    waiter.join()


def test_an_idle_worker_of_a_pool_is_in_the_frame_with_the_queue_that_are_looked_at():
    event = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        pool.submit(int).result()
        (worker,) = pool._threads
        until(lambda: frame_of(worker).f_code is thread._worker.__code__)
        local = frame_of(worker).f_locals
        assert local["work_queue"] is pool._work_queue
        assert local["work_queue"].empty()
        assert local.get("work_item") is None
        assert local["executor_reference"]() is pool
        until(lambda: pool._idle_semaphore._value == 1)
        pool.submit(until, event.is_set)
        assert pool._idle_semaphore._value == 0
        event.set()


def test_the_manager_of_a_process_pool_has_the_jobs_and_processes_that_are_looked_at():
    source = inspect.getsource(process._ExecutorManagerThread.__init__)
    assert "self.pending_work_items = executor._pending_work_items" in source
    assert "self.processes = executor._processes" in source


def test_asyncios_own_threads_run_the_methods_that_are_looked_for():
    assert asyncio.BaseEventLoop._do_shutdown.__code__.co_name == "_do_shutdown"
    watcher = vars(asyncio.unix_events)["ThreadedChildWatcher"]
    assert watcher._do_waitpid.__code__.co_name == "_do_waitpid"
    assert "expected_pid" in inspect.signature(watcher._do_waitpid).parameters
