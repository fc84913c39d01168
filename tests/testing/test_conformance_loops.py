"""The checks of how a plugin shares the event loop."""

from __future__ import annotations

import asyncio
import time

import pytest
from conformance_trying import fails, passes, plans_of, replayed, steps_of, tried

from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound


def line_of(function, offset=1):
    """Return the number of a line of a function; by default its first one."""
    return function.__code__.co_firstlineno + offset


@pytest.mark.parametrize("check", ["LOOP-01", "SCHED-01"])
def test_a_sound_plugin_passes(check):
    passes(check, Sound, examples=3)


# LOOP-01


async def block(self):
    time.sleep(0.5)
    return True


async def block_in_health(self):
    time.sleep(0.5)
    return {"status": self.status.value}


async def block_in_event(self, event_type, data):
    time.sleep(0.5)


@pytest.mark.parametrize(
    ("method", "function"),
    [
        ("initialize", block),
        ("start", block),
        ("stop", block),
        ("cleanup", block),
        ("health_check", block_in_health),
        ("handle_event", block_in_event),
    ],
)
def test_no_method_blocks_the_loop(method, function):
    fails(
        "LOOP-01",
        type("Sleeper", (Sound,), {method: function}),
        "expected that the loop is never blocked: time.sleep(0.5) at "
        f"test_conformance_loops.py:{line_of(function)} in {function.__name__}().",
    )


def test_no_timer_blocks_the_loop():
    class Ringing(Sound):
        async def start(self):
            asyncio.get_running_loop().call_later(50, self.ring)
            return True

        def ring(self):
            time.sleep(0.5)

    fails(
        "LOOP-01",
        Ringing,
        "expected that the loop is never blocked: time.sleep(0.5) at "
        f"test_conformance_loops.py:{line_of(Ringing.ring)} in ring().",
    )


def test_the_health_is_asked_for_while_it_is_active_and_while_it_is_not():
    for status in ("LOADED", "ACTIVE"):

        class Sleeper(Sound):
            slow = status

            async def health_check(self):
                if self.status.name == self.slow:
                    time.sleep(0.5)
                return {"status": self.status.value}

        assert tried("LOOP-01", Sleeper).outcome is Outcome.FAIL


def test_a_program_lives_as_the_check_does():
    class Sleeper(Sound):
        start = block

    life = ["load()", "look_at_health()", "start()", "idle(60)", "look_at_health()", "stop()"]
    assert steps_of(tried("LOOP-01", Sleeper).program) == [
        "watch_for_stalls()",
        *life,
        "unload()",
        "expect_no_blocking()",
    ]


def test_a_program_has_no_more_events_than_it_takes():
    class Sleeper(Sound):
        handle_event = block_in_event

    program = tried("LOOP-01", Sleeper).program
    assert [step.partition("(")[0] for step in steps_of(program)] == [
        "watch_for_stalls",
        "load",
        "start",
        "send",
        "unload",
        "expect_no_blocking",
    ]


def warming_up(*turns):
    """Return a plugin that does something else in each `start()`, and nothing after the last."""

    left = [*turns]

    class Warming(Sound):
        async def start(self):
            turn = left.pop(0) if left else "start"
            if turn == "block":
                time.sleep(0.5)
            return turn != "fail"

    return Warming


def test_what_is_only_slow_once_is_warming_up():
    passes("LOOP-01", warming_up("block", "block"), examples=3)
    assert tried("LOOP-01", warming_up(*["block"] * 3)).outcome is Outcome.FAIL


def test_a_failure_is_no_block():
    passes("LOOP-01", warming_up("fail", "fail", "block"), examples=3)
    passes("LOOP-01", warming_up("block", "block", "fail"), examples=3)


# SCHED-01


class Hopeful(Sound):
    """Can count on it that a task has run after one turn of the loop."""

    async def hope(self):
        self.ready = False
        task = asyncio.create_task(self.prepare())
        await asyncio.sleep(0)
        ready = self.ready
        await task
        return ready

    async def prepare(self):
        self.ready = True


REFUSED = "[AITBC-L03] plugin 'plugin' in start(): expected True, got False."


def test_a_plugin_that_counts_on_an_order_fails():
    class Starting(Hopeful):
        async def start(self):
            return await self.hope()

    fails("SCHED-01", Starting, REFUSED)
    program = tried("SCHED-01", Starting).program
    assert program.endswith("Trial.run(Starting, main, schedule={0: 1})\n")
    assert steps_of(program) == ["load()", "start()"]


def test_a_life_is_tried_in_other_orders_to_its_end():
    assert plans_of("SCHED-01", Hopeful)[0] == [
        "load()",
        "start()",
        "idle(60)",
        "stop()",
        "start()",
        "unload()",
        "expect_no_tasks_left()",
        "expect_nothing_unheard()",
    ]


def test_an_event_may_come_in_any_order_too(monkeypatch):
    monkeypatch.setattr("aitbc_hooks.testing.kit.searching._SHRINKS", 5)

    class Listening(Hopeful):
        async def handle_event(self, event_type, data):
            if not all([await self.hope() for _ in range(40)]):
                raise LookupError("not ready")

    result = tried("SCHED-01", Listening)
    assert result.outcome is Outcome.FAIL
    assert result.detail.endswith(" raised LookupError: not ready")
    assert replayed(result.program, Listening) == result.detail


def test_a_second_start_may_come_in_any_order_too():
    class Again(Hopeful):
        starts = 0

        async def start(self):
            self.starts += 1
            return self.starts == 1 or await self.hope()

    fails("SCHED-01", Again, REFUSED)


def test_a_task_that_is_left_in_one_order_only_is_found():
    class Forgetful(Hopeful):
        async def stop(self):
            if not await self.hope():
                self.task = asyncio.create_task(asyncio.sleep(3600))
            return True

    fails("SCHED-01", Forgetful, "expected no tasks after cleanup(); left: task sleep.")


def test_a_task_that_fails_in_one_order_only_is_found():
    class Hasty(Hopeful):
        async def stop(self):
            if not await self.hope():
                self.task = asyncio.create_task(self.fail())
                await asyncio.wait({self.task})
            return True

        async def fail(self):
            raise LookupError("not ready")

    result = tried("SCHED-01", Hasty)
    assert "LookupError: not ready" in result.detail
    fails("SCHED-01", Hasty, result.detail)


def test_what_happens_while_it_is_idle_may_come_in_any_order():
    class Later(Hopeful):
        was_ready = True

        async def start(self):
            self.task = asyncio.create_task(self.hope_later())
            return True

        async def hope_later(self):
            await asyncio.sleep(50)
            self.was_ready = await self.hope()

        async def stop(self):
            self.task.cancel()
            await asyncio.wait({self.task})
            return self.was_ready

    result = tried("SCHED-01", Later)
    assert "in stop(): expected True, got False." in result.detail
    fails("SCHED-01", Later, result.detail)


def test_who_turns_too_often_for_an_idle_minute_is_tried_for_a_second():
    class Polling(Hopeful):
        async def start(self):
            self.task = asyncio.create_task(self.poll())
            return await self.hope()

        async def poll(self):
            while True:  # noqa: ASYNC110 - a poll is meant
                await asyncio.sleep(0.001)

        async def stop(self):
            self.task.cancel()
            await asyncio.wait({self.task})
            return True

    fails("SCHED-01", Polling, REFUSED)
    assert any("idle(1)" in plan for plan in plans_of("SCHED-01", Polling))


@pytest.mark.parametrize("seconds", [0, 0.5])
def test_what_fails_in_order_is_the_business_of_others_however_slow(seconds):
    class Broken(Sound):
        async def start(self):
            await asyncio.to_thread(time.sleep, seconds)
            return False

    passes("SCHED-01", Broken, examples=1)


@pytest.mark.parametrize("late", [1, 12])
def test_each_choice_of_a_life_is_tried(late):
    class Late(Hopeful):
        async def start(self):
            await self.hope()
            for _ in range(late - 1):
                if not await self.hope():
                    await self.hope()
            return await self.hope()

    result = tried("SCHED-01", Late, examples=1)
    assert result.detail == REFUSED
    assert result.program.endswith(f"Trial.run(Late, main, schedule={{{late}: 1}})\n")
