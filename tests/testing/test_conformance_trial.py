"""`Trial`: one instance in a small host, step by step."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
import weakref
from pathlib import Path

import pytest

from aitbc.plugins import PluginStatus
from aitbc_hooks.testing.kit import Trial, Violation
from aitbc_hooks.testing.kit.sound import Sound


def trial_of(plugin, *steps, **options):
    """Run steps, each a name or a tuple of a name and arguments; return the trial."""
    kept = []

    async def main(trial):
        kept.append(trial)
        for step in steps:
            name, *arguments = (step,) if isinstance(step, str) else step
            await getattr(trial, name)(*arguments)

    Trial.run(plugin, main, **options)
    return kept[0]


LIFE = ("load", "start", "stop", "unload")


class Waiting(Sound):
    """Waits twice in start(), and remembers how far it came."""

    came = 0

    async def start(self):
        for _ in range(2):
            await asyncio.sleep(1)
            type(self).came += 1
        return True


def test_a_whole_life_enters_each_method_once_and_ends_unloaded():
    trial = trial_of(Sound, *LIFE)
    assert trial.entered == ["initialize", "start", "stop", "cleanup"]
    assert trial.status is PluginStatus.UNLOADED


def test_what_is_still_loaded_is_unloaded_in_the_end():
    assert trial_of(Sound, "load", "start").entered == ["initialize", "start", "stop", "cleanup"]


def test_time_is_virtual():
    began = time.monotonic()
    trial_of(Sound, "load", ("idle", 10_000), "unload")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("result", [None, False, 1, "ok"])
def test_a_method_that_does_not_return_true_is_a_violation_that_quotes_it(result):
    class Wrong(Sound):
        async def start(self):
            return result

    with pytest.raises(Violation, match=rf"expected True, got {result!r}"):
        trial_of(Wrong, "load", "start")


def test_an_order_that_the_table_forbids_is_a_violation():
    with pytest.raises(Violation, match="cannot start in status UNLOADED"):
        trial_of(Sound, "start")


@pytest.mark.parametrize("at", [1, 2])
def test_a_cancellation_comes_at_the_await_point_that_was_named(at):
    Waiting.came = 0
    trial = trial_of(Waiting, "load", ("cancel", "start", at))
    assert Waiting.came == at - 1
    assert trial.entered == ["initialize", "start", "cleanup"]


def test_an_operation_that_ends_before_its_cancellation_has_succeeded():
    trial = trial_of(Waiting, "load", ("cancel", "start", 3), "stop", "unload")
    assert trial.suspensions["start"] == 2


def test_a_method_that_ignores_its_cancellation_is_a_violation():
    class Deaf(Sound):
        async def start(self):
            while True:
                try:
                    await asyncio.sleep(1)
                except asyncio.CancelledError:
                    continue

    with pytest.raises(Violation, match="expected that it ends when it is cancelled"):
        trial_of(Deaf, "load", ("cancel", "start", 1))


def test_a_cancellation_that_is_swallowed_is_seen():
    class Calm(Sound):
        async def start(self):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                await asyncio.sleep(0)
            return True

    with pytest.raises(Violation, match="start\\(\\) was cancelled, and returned all the same"):
        trial_of(Calm, "load", ("cancel", "start", 1), ("expect_cancelled", "start"))


def test_a_plugin_that_writes_its_own_status_is_seen():
    class Proud(Sound):
        async def start(self):
            self.status = PluginStatus.ERROR
            return True

    with pytest.raises(Violation, match=r"at the end of start\(\) it was .*ERROR"):
        trial_of(Proud, *LIFE, "expect_honest_status")


def test_a_task_that_goes_on_is_seen_and_ended():
    ended = []

    class Restless(Sound):
        async def start(self):
            self.task = asyncio.create_task(self.beat())
            return True

        async def beat(self):
            try:
                await asyncio.sleep(10_000)
            finally:
                ended.append(True)

    with pytest.raises(Violation, match=r"left: task .*Restless\.beat"):
        trial_of(Restless, *LIFE, "expect_no_tasks_left")
    assert ended


def test_a_timer_that_is_still_to_ring_is_seen():
    class Late(Sound):
        async def start(self):
            asyncio.get_running_loop().call_later(60, self.ring)
            return True

        def ring(self):
            raise AssertionError("it is seen before it rings")

    with pytest.raises(Violation, match=r"left: timer of .*Late\.ring"):
        trial_of(Late, *LIFE, "expect_no_tasks_left")


def test_an_error_that_nobody_retrieves_is_heard():
    class Unheard(Sound):
        async def start(self):
            self.task = asyncio.create_task(self.fail())
            await asyncio.sleep(0)
            return True

        async def fail(self):
            raise ValueError("nobody listens")

    with pytest.raises(Violation, match="ValueError: nobody listens"):
        trial_of(Unheard, *LIFE, "expect_nothing_unheard")


def test_a_coroutine_that_is_never_awaited_is_heard():
    class Forgets(Sound):
        async def start(self):
            self.stop()
            asyncio.sleep(1)
            return True

    with pytest.raises(Violation, match="was never awaited"):
        trial_of(Forgets, *LIFE, "expect_nothing_unheard")


@pytest.mark.parametrize(
    ("take", "told"),
    [
        (lambda self: self.open_file(), "file descriptor on /dev/null"),
        (lambda self: self.begin(), "thread the-poller"),
    ],
)
def test_what_is_held_after_cleanup_is_seen(take, told):
    done = threading.Event()

    class Holds(Sound):
        async def start(self):
            take(self)
            return True

        def open_file(self):
            self.file = Path(os.devnull).open()  # noqa: SIM115 - it is held

        def begin(self):
            threading.Thread(target=done.wait, name="the-poller").start()

    with pytest.raises(Violation, match=told):
        trial_of(Holds, *LIFE, "expect_nothing_held")
    done.set()
    gc.collect()


def test_what_is_changed_in_the_process_is_seen(monkeypatch):
    monkeypatch.delenv("SETTLED", raising=False)

    class Settler(Sound):
        async def start(self):
            monkeypatch.setenv("SETTLED", "1")
            return True

    with pytest.raises(Violation, match=r"os\.environ\): SETTLED"):
        trial_of(Settler, *LIFE, "expect_surroundings")


def test_what_is_written_outside_is_seen(tmp_path):
    class Sprawling(Sound):
        async def start(self):
            (tmp_path / "mine.txt").write_text("here")
            return True

    with pytest.raises(Violation, match=r"it wrote .*mine\.txt"):
        trial_of(Sprawling, *LIFE, "expect_writes_inside")


def test_what_is_written_inside_is_its_own_business():
    class Tidy(Sound):
        async def start(self):
            for folder in (self.context.data_dir, self.context.temp_dir):
                Path(folder, "state.json").write_text("{}")
            return True

    assert trial_of(Tidy, *LIFE, "expect_writes_inside").witness.writes == []


def test_a_sleep_that_blocks_the_loop_is_seen_and_costs_no_time():
    class Sleeper(Sound):
        async def start(self):
            time.sleep(3600)
            return True

    with pytest.raises(Violation, match=r"time\.sleep\(3600\) at test_conformance_trial\.py:\d+"):
        trial_of(Sleeper, *LIFE, "expect_no_blocking")


def test_an_event_reaches_the_handler_and_a_changed_payload_is_seen():
    class Greedy(Sound):
        async def handle_event(self, event_type, data):
            data.pop("user", None)

    event = ("event", "user_login", {"user": "alice"})
    with pytest.raises(Violation, match=r"\{'user': 'alice'\} became \{\}"):
        trial_of(Greedy, "load", "start", event)


def test_what_a_handler_raises_is_told_with_the_event():
    class Trusting(Sound):
        async def handle_event(self, event_type, data):
            data["user"]

    with pytest.raises(Violation, match=r"handle_event\('x', \{\}\) raised KeyError: 'user'"):
        trial_of(Trusting, "load", "start", ("event", "x", {}))


def test_a_handler_that_never_ends_is_a_violation():
    class Stuck(Sound):
        async def handle_event(self, event_type, data):
            await asyncio.get_running_loop().create_future()

    with pytest.raises(Violation, match="handle_event"):
        trial_of(Stuck, "load", "start", ("event", "x", {}))


@pytest.mark.parametrize(
    ("health", "told"),
    [
        (None, "expected a dict, got None"),
        ({"status": "fine", "since": {1, 2}}, "expected JSON values"),
        ({"status": 1}, "expected a text under 'status'"),
        ({"status": "fine", "load": float("nan")}, "expected JSON values"),
    ],
)
def test_a_health_that_is_none_is_a_violation(health, told):
    class Vague(Sound):
        async def health_check(self):
            return health

    with pytest.raises(Violation, match=told):
        trial_of(Vague, "load", "health")


def test_an_instance_that_shares_state_with_another_is_disturbed():
    class Shared(Sound):
        rooms: list[object] = []  # noqa: RUF012 - the fault

        async def start(self):
            self.rooms.append(self)
            return True

        async def stop(self):
            self.rooms.clear()
            return True

        async def health_check(self):
            return {"status": "active", "rooms": len(self.rooms)}

    with pytest.raises(Violation, match=r"health\['rooms'\] was 2, alone 1"):
        trial_of(Shared, "live_beside_another")


def test_a_secret_that_is_logged_is_heard():
    class Chatty(Sound):
        async def start(self):
            self.context.logger.debug("key %s", self.context.config["key"])
            return True

    steps = ("watch_what_it_says", "load", "start", ("expect_unsaid", "s3cret"))
    with pytest.raises(Violation, match=r"it stands in a log record \(DEBUG\)"):
        trial_of(Chatty, *steps, config={"key": "s3cret"})


def test_a_plugin_that_holds_on_to_the_thread_is_ended(monkeypatch):
    monkeypatch.setattr("aitbc_hooks.testing.kit.trials.alarm.PATIENCE", 0.3)

    class Spins(Sound):
        async def start(self):
            while True:
                pass

    with pytest.raises(
        Violation, match=r"it held on to it at test_conformance_trial\.py:\d+ in start"
    ):
        trial_of(Spins, "load", "start")


def test_a_trial_keeps_no_plugin_alive_and_no_folder():
    seen = []

    class Seen(Sound):
        async def initialize(self):
            seen.append(weakref.ref(self))
            seen.append(self.context.data_dir)
            return True

    trial_of(Seen, *LIFE)
    gc.collect()
    plugin, folder = seen
    assert plugin() is None
    assert not os.path.exists(folder)  # noqa: PTH110 - the plugin has it as text


def test_a_schedule_decides_which_task_is_first():
    order = []

    class Racing(Sound):
        async def start(self):
            await asyncio.gather(self.run("a"), self.run("b"))
            return True

        async def run(self, name):
            await asyncio.sleep(0)
            order.append(name)

    trial_of(Racing, *LIFE)
    first, order[:] = list(order), []
    for at in range(12):
        trial_of(Racing, *LIFE, schedule={at: 1})
        if order != first:
            break
        order.clear()
    assert first == ["a", "b"]
    assert order == ["b", "a"]
