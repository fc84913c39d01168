"""What the kit watches a plugin with: activity, contacts, holdings, sayings, stalls and others."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import itertools
import logging
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aitbc_hooks
from aitbc_hooks.testing import loop
from aitbc_hooks.testing.kit import Trial, Violation
from aitbc_hooks.testing.kit.sound import Sound
from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.kit.watching import holdings, stalling
from aitbc_hooks.testing.kit.watching.activity import activity_on
from aitbc_hooks.testing.kit.watching.contacts import AnsweringClient, contacts, note_contact
from aitbc_hooks.testing.kit.watching.holdings import Holdings, children_of, running_tasks
from aitbc_hooks.testing.kit.watching.saying import Listener, _in_base64, places_of
from aitbc_hooks.testing.kit.watching.stalling import watch_for_stalls
from aitbc_hooks.testing.kit.watching.surroundings import Surroundings, preserved
from aitbc_hooks.testing.kit.watching.witness import place_of

# Contacts


def test_a_contact_is_noted_by_who_collects_contacts_then():
    note_contact("early")
    with contacts() as outer:
        note_contact("first")
        with contextlib.suppress(LookupError), contacts() as inner:
            note_contact("inside")
            raise LookupError
        note_contact("last")
    note_contact("late")
    assert (outer, inner) == (["first", "last"], ["inside"])


@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_a_request_of_the_platform_is_answered_and_is_a_contact(method):
    with contacts() as found:
        answer = asyncio.run(getattr(AnsweringClient(), method)("/jobs", json={"model": "x"}))
    assert answer == {}
    assert found == ["request of /jobs to the platform"]


# Activity


def activity(work):
    """Return what lasts, and what is seen at all, on a loop on which some work is begun first."""
    before = set(threading.enumerate())
    running = HaltingLoop()

    async def main():
        begun = await work()
        try:
            return await activity_on(running, beside=before, subscriptions=list)
        finally:
            begun.cancel()

    try:
        return running.run_until_complete(main())
    finally:
        running.close()


async def pause_for(seconds):
    for _ in itertools.count():
        await asyncio.sleep(seconds)


@pytest.mark.parametrize("seconds", [0.001, 0.1, 0.25, 1, 5, 60, 3600])
def test_who_sleeps_again_and_again_has_a_task_and_a_timer_at_each_look(seconds):
    async def work():
        return asyncio.create_task(pause_for(seconds))

    expected = {"the task pause_for", "a timer"}
    assert activity(work) == (expected, expected)


def test_what_comes_or_goes_meanwhile_is_seen_and_does_not_last():
    async def wait_first():
        await asyncio.Event().wait()

    async def come():
        return asyncio.get_running_loop().call_later(5, lambda: tasks.append(begin()))

    async def go():
        return asyncio.get_running_loop().call_later(5, begin().cancel)

    def begin():
        return asyncio.create_task(wait_first())

    tasks = []
    name = "the task " + wait_first.__qualname__
    assert activity(come) == (set(), {"a timer", name})
    assert activity(go) == (set(), {"a timer", name})


def test_what_is_the_hosts_or_asyncios_is_no_activity():
    async def work():
        loop = asyncio.get_running_loop()
        await asyncio.to_thread(time.sleep, 0)
        task = asyncio.create_task(asyncio.Event().wait())
        own = asyncio.create_task(pause_for(3600), name="aitbc-hooks:watch")
        loop.call_later(3600, print).cancel()
        task.add_done_callback(lambda _: own.cancel())
        return task

    lasting, _ = activity(work)
    assert lasting == {"a timer"}  # of the host's own


def test_a_coroutine_that_is_not_pythons_own_is_a_task_like_others():
    class Compiled(Coroutine):
        def __await__(self):
            return self

        def send(self, value):
            return next(asyncio.get_running_loop().create_future().__await__())

        def throw(self, *error):
            raise StopIteration

    async def work():
        return asyncio.create_task(Compiled())

    seen = {"the task Compiled"}
    assert activity(work) == (seen, seen)


@pytest.mark.parametrize(("seconds", "lasts"), [(0.02, False), (None, True)])
def test_a_thread_lasts_that_is_there_after_a_while(seconds, lasts):
    done = threading.Event()

    async def work():
        threading.Thread(target=done.wait, args=(seconds,)).start()
        return asyncio.get_running_loop().create_future()

    try:
        expected = {"a thread of its own"} if lasts else set()
        assert activity(work) == (expected, expected)
    finally:
        done.set()


# Holdings

NOTHING = Holdings(frozenset(), {}, {})


def holding(*threads, descriptors=None, children=None):
    return Holdings(frozenset(threads), descriptors or {}, children or {})


@contextlib.contextmanager
def waiting(*names):
    """Let threads wait during the body of the ``with`` statement."""
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, name=name) for name in names]
    for thread in threads:
        thread.start()
    try:
        yield threads
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_what_is_held_is_told_by_kind_and_by_name():
    descriptors = {7: "/var/log/z", 8: "socket:[815]", 9: "/var/log/a", 10: "pipe:[4711]"}
    with waiting("zeta", "alpha") as threads:
        now = holding(*threads, descriptors=descriptors, children={3: "sleep", 2: "cat"})
        assert now.beyond(NOTHING) == [
            "thread alpha",
            "thread zeta",
            "file descriptor on /var/log/a",
            "file descriptor on /var/log/z",
            "file descriptor on a pipe",
            "file descriptor on a socket",
            "child process cat",
            "child process sleep",
        ]
        assert now.beyond(now) == []


def test_a_number_that_is_open_on_something_else_is_held():
    before, now = holding(descriptors={5: "/a", 6: "/b"}), holding(descriptors={5: "/a", 6: "/c"})
    assert now.beyond(before) == ["file descriptor on /c"]
    assert now.beyond(before, but=[6]) == []


def test_threads_of_the_host_are_not_held_nor_those_that_have_ended():
    names = ["asyncio_0", "aitbc-hooks-stalls", "waitpid-0", "asyncio-waitpid-0", "my-asyncio_0"]
    with waiting(*names) as threads:
        assert holding(*threads).beyond(NOTHING) == ["thread my-asyncio_0"]
    assert holding(*threads).beyond(NOTHING) == []


def test_a_descriptor_with_a_high_number_is_seen():
    before = Holdings.now()
    null = os.open(os.devnull, os.O_RDONLY)
    try:
        os.dup2(null, 200)
        os.close(null)
        assert Holdings.now().beyond(before) == [f"file descriptor on {os.devnull}"]
    finally:
        os.close(200)
    assert Holdings.now().beyond(before) == []


def test_no_descriptors_are_known_where_the_system_does_not_tell(monkeypatch):
    monkeypatch.setattr(holdings, "_FDS", "/nowhere")
    assert Holdings.now().descriptors == {}


@contextlib.contextmanager
def child(*command, **options):
    """Have a child process that ends when its input does."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
    try:
        yield process
    finally:
        process.communicate()


@pytest.mark.parametrize(
    ("name", "told"), [(b"cat", "cat"), (b"a) S (b", "a) S (b"), (b"\xffcat", "\ufffdcat")]
)
def test_a_child_process_is_told_by_its_command(name, told, tmp_path):
    link = os.path.join(os.fsencode(tmp_path), name)  # noqa: PTH118 - in bytes
    os.symlink(os.fsencode(shutil.which("cat")), link)  # noqa: PTH211 - in bytes
    before = Holdings.now()
    with child(link) as process:
        assert children_of()[process.pid] == told
        assert f"child process {told}" in Holdings.now().beyond(before)


def test_a_child_process_that_has_ended_is_told_as_one():
    before = Holdings.now()
    ended = os.posix_spawn(shutil.which("true"), ["true"], {})
    os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)
    assert Holdings.now().beyond(before) == ["child process true (ended, never waited for)"]
    os.waitpid(ended, 0)
    assert ended not in children_of()


def test_the_children_of_another_process_are_known():
    with child(shutil.which("sh"), "-c", "sleep 60 & echo $!; wait") as process:
        grandchild = int(process.stdout.readline())
        assert children_of(process.pid).keys() == {grandchild}
        assert grandchild not in children_of()
        os.kill(grandchild, signal.SIGTERM)
    assert children_of(process.pid) == {}


def test_the_tasks_that_go_on_are_those_of_the_plugin():
    async def main():
        names = ["b", "a", "aitbc-hooks:call", "ending"]
        tasks = [asyncio.create_task(asyncio.sleep(60), name=name) for name in names]
        done = asyncio.create_task(asyncio.sleep(0), name="done")
        await done
        tasks[-1].cancel()
        told = [task.get_name() for task in running_tasks(asyncio.get_running_loop())]
        for task in tasks:
            task.cancel()
        return told

    assert asyncio.run(main()) == ["a", "b"]


def test_the_tasks_of_a_loop_that_stands_still_are_known():
    loop = asyncio.new_event_loop()
    task = loop.create_task(asyncio.sleep(60), name="poller")
    assert running_tasks(loop) == [task]
    task.cancel()
    loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
    loop.close()


# What it says


@pytest.fixture
def logger():
    return logging.getLogger("aitbc.plugins.heard")


def test_a_listener_keeps_what_is_logged_and_printed_and_passes_it_on(logger, capsys):
    listener = Listener()
    logger.debug("too early")
    with listener.listening(logger):
        logger.debug("a %s", "detail")
        logging.getLogger().info("at the root")
        print("to all", end="")  # noqa: T201 - it is listened to
        assert sys.stderr.write("of it") == 5
    logger.debug("too late")
    assert dict.fromkeys(listener.said) == dict.fromkeys(
        [
            ("a log record (DEBUG)", "a detail"),
            ("a log record (INFO)", "at the root"),
            ("what it prints", "to all"),
            ("what it prints", ""),
            ("what it prints", "of it"),
        ]
    )
    assert capsys.readouterr() == ("to all", "of it")


def test_a_record_that_cannot_be_written_is_nobodys_trouble(logger):
    listener = Listener()
    listener.emit(logger.makeRecord("x", logging.INFO, "x.py", 1, "%d of them", ("many",), None))
    assert listener.said == []


def test_a_stream_that_is_listened_to_is_the_stream_otherwise(logger):
    before = sys.stdout, sys.stderr
    with Listener().listening(logger):
        assert sys.stdout.encoding == before[0].encoding
        assert (sys.stdout.fileno, sys.stderr.fileno) == (before[0].fileno, before[1].fileno)


def test_afterwards_nobody_listens(logger):
    root = logging.getLogger()
    logger.setLevel(logging.ERROR)

    def state():
        loggers = (logger, root)
        return [(each.level, list(each.handlers)) for each in loggers], sys.stdout, sys.stderr

    before = state()
    with contextlib.suppress(LookupError), Listener().listening(logger):
        assert logger.isEnabledFor(logging.DEBUG)
        assert state() != before
        raise LookupError
    assert state() == before
    logger.setLevel(logging.NOTSET)


class Telling(Sound):
    """Says everything everywhere."""

    def get_metadata(self):
        made = super().get_metadata()
        made.description = "s3cret metadata"
        return made

    async def start(self):
        self.context.logger.error("s3cret log")
        await self.context.event_bus.publish("telling.s3cret", {})
        return True

    async def health_check(self):
        return {"status": "s3cret health"}

    def __repr__(self):
        return "<s3cret repr>"

    async def stop(self):
        raise LookupError("s3cret failure")


def heard(plugin, *steps):
    """Return where a plugin has said a secret after some steps."""

    async def main(trial):
        listener = Listener()
        with listener.listening(trial.context.logger):
            for step in steps:
                with contextlib.suppress(Violation):
                    await getattr(trial, step)()
            return list(dict.fromkeys(await places_of(trial, "s3cret", listener)))

    return Trial.run(plugin, main)


def test_all_places_where_it_has_said_something_are_known():
    assert heard(Telling) == []
    assert heard(Telling, "load") == ["health_check()", "its repr()", "its metadata"]
    assert heard(Telling, "load", "start") == [
        "a log record (ERROR)",
        "health_check()",
        "its repr()",
        "its metadata",
        "an event",
    ]
    assert heard(Telling, "load", "start", "stop", "unload") == [
        "a log record (ERROR)",
        "an event",
        "a failure",
    ]


def test_who_has_said_nothing_has_said_it_nowhere():
    assert heard(Sound, "load", "start") == []


# Stalls


def stalls(*callbacks):
    """Run callbacks on a loop that is watched, each with the places that are known by then."""
    loop = HaltingLoop()

    async def main():
        with watch_for_stalls(loop) as places:
            assert loop.watched
            for callback in callbacks:
                await asyncio.sleep(0)
                callback(places)
        assert not loop.watched
        return places

    try:
        return loop.run_until_complete(main())
    finally:
        loop.close()


def wait(places):
    never = threading.Event()
    for _ in range(50):
        never.wait(0.2)
        if places:
            return


def compute(places):
    end = time.thread_time() + 5
    while not places and time.thread_time() < end:
        pass


def compute_a_little(places):
    end = time.thread_time() + 0.01
    while time.thread_time() < end:
        pass


def wait_a_little(places):
    threading.Event().wait(0.01)


@pytest.mark.parametrize(
    ("hold_up", "told"), [(wait, "it waits for more than 50 ms"), (compute, "it computes for more")]
)
def test_what_holds_up_the_loop_is_told_with_its_place(hold_up, told):
    place, *_ = stalls(hold_up)
    assert place.startswith(told)
    assert place.partition(" at ")[2].startswith("test_conformance_watching.py:")
    assert place.endswith(f" in {hold_up.__name__}()")


@pytest.mark.parametrize("module", [aitbc_hooks, loop, asyncio, stalling])
def test_the_place_is_that_of_the_plugins_own_code(module):
    """Not of what it calls: the host, the loop, the kit, the standard library."""
    inside = eval(compile("sys._getframe()", module.__file__, "eval"))
    file, _, where = place_of(inside).partition(":")
    assert file == "test_conformance_watching.py"
    assert where.endswith(" in test_the_place_is_that_of_the_plugins_own_code()")


@pytest.mark.parametrize("work", [compute_a_little, wait_a_little])
def test_many_short_callbacks_hold_up_nothing(work):
    assert stalls(*[work] * 20) == []


def test_who_looks_is_none_of_the_plugins_threads():
    before = Holdings.now()
    with contextlib.closing(HaltingLoop()) as loop, watch_for_stalls(loop):
        assert Holdings.now().beyond(before, but=range(1000)) == []


class Looking:
    """Looks by hand at what this thread does, as if the system told of it."""

    def __init__(self, tmp_path):
        self.loop = HaltingLoop()
        self.loop.callback = 1
        self.state = tmp_path / "stat"
        self.sampler = stalling._Sampler(self.loop)
        self.sampler._state = self.state

    def look(self, states):
        """Look once for each letter, which is the state of the thread then; return what is said."""
        for state in states:
            self.state.write_bytes(b"4711 (py\xff) S) %s 1 2 3" % state.encode())
            self.sampler._look()
        return [place.partition(" at ")[0] for place in self.sampler.places]


@pytest.fixture
def looking(tmp_path):
    looking = Looking(tmp_path)
    yield looking
    looking.loop.close()


WAITS = "it waits for more than 50 ms"


@pytest.mark.parametrize("states", ["SSSSS", "RSSSSRSSSS", "RRRRRRRR", "DDDDDDDD"])
def test_a_sleep_of_a_few_looks_is_no_stall(looking, states):
    assert looking.look(states) == []


@pytest.mark.parametrize("states", ["SSSSSS", "RSSSSRSSSSS"])
def test_a_longer_sleep_is_a_stall_which_is_told_once(looking, states):
    assert looking.look(states) == [WAITS]
    assert looking.look("SSSSS") == [WAITS]


def test_a_sleep_between_two_callbacks_is_no_stall(looking):
    looking.loop.callback = 2
    assert looking.look("SSSSSSSS") == []


def test_each_callback_may_sleep_for_a_few_looks(looking):
    looking.look("SSSSS")
    looking.loop.callback = 3
    assert looking.look("SSSSS") == []


def test_nobody_sleeps_where_the_system_does_not_tell(looking, tmp_path):
    looking.sampler._state = tmp_path / "nowhere"
    assert looking.look("SSSSSSSS") == []


def test_a_callback_that_has_ended_meanwhile_is_not_blamed(looking):
    class Ending:
        callbacks = iter([1, 1, 1, 1, 1, 1, 2])

        @property
        def callback(self):
            return next(self.callbacks)

    looking.sampler._loop = Ending()
    assert looking.look("SSSSSS") == []


def test_what_is_none_of_the_plugins_code_is_not_blamed(tmp_path):
    with ThreadPoolExecutor(1) as pool:  # its thread waits for work in the standard library
        looking = pool.submit(Looking, tmp_path).result()
        assert looking.look("SSSSSS") == []
    looking.loop.close()


def test_computing_counts_from_the_first_look_at_a_callback(looking):
    compute_a_little([])
    looking.look("R")
    compute_a_little([])
    assert looking.look("R") == []
    for _ in range(5):
        compute_a_little([])
    assert looking.look("R") == ["it computes for more than 50 ms"]


# Surroundings


def at(owner, name, value):
    return lambda: setattr(owner, name, value)


CHANGES = {
    "sys.meta_path": lambda: sys.meta_path.append(object()),
    "sys.path": lambda: sys.path.insert(0, "/nowhere"),
    "sys.stdin": at(sys, "stdin", None),
    "sys.stdout": at(sys, "stdout", None),
    "sys.stderr": at(sys, "stderr", None),
    "sys.excepthook": at(sys, "excepthook", print),
    "threading.excepthook": at(threading, "excepthook", print),
    "the root logger": lambda: logging.getLogger().setLevel(1),
    "the umask": lambda: os.umask(0o027),
    "the seed of random": lambda: random.seed(8),
    "signal handlers: SIGUSR1, SIGUSR2": lambda: [
        signal.signal(number, signal.SIG_IGN) for number in (signal.SIGUSR2, signal.SIGUSR1)
    ],
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_change_of_the_process_is_named_and_put_back(what):
    with preserved() as before:
        assert before.changes() == []
        CHANGES[what]()
        told = before.changes()
    assert told == [what]
    assert before.changes() == []


BLOCK = 624  # words that the generator makes at once


@pytest.mark.parametrize("words", [0, 1, BLOCK - 1, BLOCK, 10 * BLOCK, 2999 * BLOCK])
@pytest.mark.parametrize("first", [0, 1, BLOCK])
def test_to_draw_numbers_is_no_change(words, first):
    with preserved():
        random.seed(8)
        for _ in range(first):
            random.getrandbits(32)
        before = Surroundings()
        random.getrandbits(32 * words)
        assert before.changes() == []
        random.seed(8)
        assert before.changes() == ["the seed of random"][: first > 0]


def test_who_seeds_as_it_was_seeded_changes_nothing():
    with preserved():
        random.seed(8)
        before = Surroundings()
        random.random()
        random.seed(8)
        assert before.changes() == []


@pytest.mark.parametrize(
    "again", [random.seed, lambda: random.setstate(random.Random(9).getstate())]
)
def test_another_seed_is_a_change_whatever_is_drawn_afterwards(again):
    with preserved():
        before = Surroundings()
        again()
        random.getrandbits(32 * BLOCK)
        assert before.changes() == ["the seed of random"]


def test_logging_is_as_it_was():
    root = logging.getLogger()
    with preserved():
        root.setLevel(logging.ERROR)
        before = Surroundings()
        logging.disable(logging.CRITICAL)
        root.setLevel(logging.INFO)
        assert before.changes() == ["the root logger"]
        before.restore()
        assert (root.level, root.manager.disable) == (logging.ERROR, logging.NOTSET)


def test_the_environment_is_as_it_was(monkeypatch):
    monkeypatch.setenv("AITBC_KEPT", "1")
    monkeypatch.setenv("AITBC_GONE", "1")
    monkeypatch.setenv("AITBC_CHANGED", "1")
    before, environment = Surroundings(), dict(os.environ)
    del os.environ["AITBC_GONE"]
    os.environ.update(AITBC_CHANGED="2", AITBC_NEW="1")
    told = before.changes()
    before.restore()
    assert told == ["the environment (os.environ): AITBC_CHANGED, AITBC_GONE, AITBC_NEW"]
    assert dict(os.environ) == environment


def test_what_pytest_says_of_its_own_test_is_none_of_the_plugins(monkeypatch):
    monkeypatch.delenv("PYTEST_CURRENT_TEST")
    before = Surroundings()
    monkeypatch.setenv("PYTEST_CURRENT_TEST", "another")
    monkeypatch.setenv("AITBC_NEW", "1")
    before.restore()
    assert before.changes() == []
    assert os.environ["PYTEST_CURRENT_TEST"] == "another"
    assert "AITBC_NEW" not in os.environ


def test_all_that_was_changed_is_put_back_after_an_error(tmp_path):
    path, folder = list(sys.path), os.getcwd()  # noqa: PTH109 - as it is compared
    with contextlib.suppress(LookupError), preserved():
        sys.path[:] = []
        os.chdir(tmp_path)
        raise LookupError
    assert sys.path == path
    assert os.getcwd() == folder  # noqa: PTH109 - as it is compared


def test_a_list_that_was_changed_is_the_same_list_again():
    before, path = Surroundings(), sys.path
    path.append("/nowhere")
    before.restore()
    assert sys.path is path
    assert "/nowhere" not in path


def test_a_working_directory_that_is_gone_is_none(tmp_path):
    with preserved():
        folder = tmp_path / "gone"
        folder.mkdir()
        os.chdir(folder)
        folder.rmdir()
        before = Surroundings()
        os.chdir(tmp_path)
        assert before.changes() == ["the working directory"]
        before.restore()
        assert os.getcwd() == str(tmp_path)  # noqa: PTH109 - as it is compared


def test_a_look_changes_nothing():
    mask = os.umask(0o027)
    try:
        Surroundings().changes()
        assert os.umask(0o027) == 0o027
    finally:
        os.umask(mask)


def test_signal_handlers_that_cannot_be_set_are_left_alone():
    with preserved():
        before = Surroundings()
        signal.signal(signal.SIGUSR1, signal.SIG_IGN)
        with ThreadPoolExecutor(1) as pool:  # only the main thread can set them
            pool.submit(before.restore).result()
        assert before.changes() == ["signal handlers: SIGUSR1"]
    assert before.changes() == []


# Base64


@given(before=st.binary(max_size=7), after=st.binary(max_size=7), secret=st.text(min_size=3))
def test_a_text_is_found_in_base64_wherever_it_begins(before, after, secret):
    encoded = base64.b64encode(before + secret.encode() + after).decode()
    assert any(form in encoded for form in _in_base64(secret))


def test_what_is_looked_for_in_base64_is_all_that_the_text_alone_decides():
    assert _in_base64("s3cret") == ["czNjcmV0", "MzY3Jld", "zM2NyZX"]


# Twins


def beside(plugin, **options):
    """Return how an instance is disturbed by another; None if it is not."""

    async def main(trial):
        await trial.live_beside_another()

    try:
        Trial.run(plugin, main, **options)
    except Violation as violation:
        return violation.message
    return None


SAME = "expected that an instance is the same beside another as it is alone; "


class Shared(Sound):
    """Has a table that all instances share."""

    async def start(self):
        TABLE.append(self)
        return True

    async def stop(self):
        TABLE.remove(self)
        return True


TABLE: list[object] = []


async def rooms(self):
    return {"status": self.status.value, "rooms": len(TABLE)}


async def publish_rooms(self, event_type, data):
    if event_type == "user_login":
        await self.context.event_bus.publish("rooms", data | {"rooms": len(TABLE)})


async def publish_rooms_later(self, event_type, data):
    if event_type == "user_login":
        self.timer = asyncio.create_task(self.publish_after(0.5))


async def publish_after(self, seconds):
    await asyncio.sleep(seconds)
    await self.context.event_bus.publish("rooms", {"rooms": len(TABLE)})


async def write_rooms(self, event_type, data):
    for number in range(len(TABLE)):
        with open(f"{self.context.data_dir}/room-{number}", "w"):  # noqa: PTH123 - as authors write
            pass


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"health_check": rooms}, "health['rooms'] was 2, alone 1."),
        (
            {"handle_event": publish_rooms},
            (
                "what it published was [('rooms', {'user': 'alice', 'rooms': 2})], alone "
                "[('rooms', {'user': 'alice', 'rooms': 1})]."
            ),
        ),
        (
            {"handle_event": publish_rooms_later, "publish_after": publish_after},
            "what it published was [('rooms', {'rooms': 2})], alone [('rooms', {'rooms': 1})].",
        ),
        (
            {"handle_event": write_rooms},
            "its data_dir was ['room-0', 'room-1'], alone ['room-0'].",
        ),
    ],
)
def test_an_instance_is_the_same_beside_another(methods, message):
    assert beside(type("Rooms", (Shared,), methods)) == SAME + message


def test_what_differs_from_life_to_life_is_not_compared():
    class Dated(Sound):
        numbers = itertools.count()

        async def health_check(self):
            return {"status": "fine", "since": next(self.numbers)}

    assert beside(Dated) is None
    assert beside(type("Dated", (Dated,), {"handle_event": publish_number})) is None


async def publish_number(self, event_type, data):
    if event_type == "user_login":
        await self.context.event_bus.publish("number", {"number": next(self.numbers)})


class Ticking(Shared):
    """Does something every second, or every three, as long as it lives."""

    seconds = 1
    ticks = 0

    async def start(self):
        self.task = asyncio.create_task(self.tick())
        return await super().start()

    async def tick(self):
        while True:
            await asyncio.sleep(self.seconds)
            self.ticks += 1
            await self.tell()

    async def tell(self):
        pass

    async def stop(self):
        self.task.cancel()
        await asyncio.wait({self.task})
        return await super().stop()


async def show_ticks(self):
    return {"status": "fine", "ticks": self.ticks}


async def show_ticks_and_rooms(self):
    return {"status": "fine", "rooms": len(TABLE), "ticks": self.ticks}


async def publish_tick(self):
    await self.context.event_bus.publish("tick", {"number": self.ticks})


async def write_tick(self):
    with open(f"{self.context.data_dir}/{self.ticks}", "w"):  # noqa: PTH123 - as above
        pass


@pytest.mark.parametrize("seconds", [1, 3])
@pytest.mark.parametrize(
    "methods", [{"health_check": show_ticks}, {"tell": publish_tick}, {"tell": write_tick}]
)
def test_what_comes_with_the_time_is_not_compared(methods, seconds):
    assert beside(type("Ticking", (Ticking,), {"seconds": seconds, **methods})) is None


def test_the_rest_is_compared_where_something_comes_with_the_time():
    rest = {"health_check": show_ticks_and_rooms, "tell": publish_tick}
    assert beside(type("Ticking", (Ticking,), rest)) == SAME + "health['rooms'] was 2, alone 1."


def test_the_rest_is_compared_where_something_differs_from_life_to_life():
    class Dated(Shared):
        numbers = itertools.count()

        async def health_check(self):
            return {"status": "fine", "since": next(self.numbers), "rooms": len(TABLE)}

    assert beside(Dated) == SAME + "health['rooms'] was 2, alone 1."


@pytest.mark.parametrize(
    ("method", "told"),
    [
        ("initialize", "plugin 'fourth' in initialize(): expected True, got False."),
        ("start", "plugin 'fourth' in start(): expected True, got False."),
    ],
)
def test_an_instance_may_not_fail_beside_another(method, told):
    places = []

    async def take(self):
        places.append(self)
        return len(places) == 1

    async def leave(self):
        if self in places:
            places.remove(self)
        return True

    plugin = type("Single", (Sound,), {method: take, "cleanup": leave})
    assert beside(plugin) == f"beside another instance: [AITBC-L03] {told}"


@pytest.mark.parametrize("method", ["stop", "cleanup"])
def test_an_instance_goes_on_when_another_ends(method):
    cache = {}

    class Caching(Sound):
        async def initialize(self):
            cache["model"] = "small"
            return True

        async def health_check(self):
            return {"status": cache["model"]}

    async def clear(self):
        cache.clear()
        return True

    plugin = type("Caching", (Caching,), {method: clear})
    assert beside(plugin) == ("beside another instance: health_check() raised KeyError: 'model'")


@pytest.mark.parametrize(
    ("at", "told"),
    [
        (1, "[AITBC-L03] plugin 'first' in"),
        (2, "[AITBC-L03] plugin 'second' in"),
        (3, "beside another instance: [AITBC-L03] plugin 'third' in"),
        (4, "beside another instance: [AITBC-L03] plugin 'fourth' in"),
    ],
)
def test_no_instance_may_fail_alone_or_beside_another(at, told):
    starts = itertools.count(1)

    class Broken(Sound):
        async def start(self):
            return next(starts) != at

    assert beside(Broken) == f"{told} start(): expected True, got False."


def test_a_sound_plugin_is_disturbed_by_nobody():
    assert beside(Sound) is None
