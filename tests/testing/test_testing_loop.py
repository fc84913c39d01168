"""`DetLoop`: the clock, the choices, the verdicts."""

from __future__ import annotations

import asyncio
import gc
import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testing_loop_reference import run, trace

from aitbc_hooks.testing.loop import Deadlock, DetLoop, Livelock, Schedule, Waiting
from aitbc_hooks.testing.loop_tasks import task_of

STEPS = 200


def loop_of(choose=None, **settings):
    loop = DetLoop(choose)
    for name, value in settings.items():
        setattr(loop, name, value)
    return loop


# The clock


def test_a_year_of_sleep_takes_no_time():
    async def program():
        await asyncio.sleep(365 * 86400)

    assert run(DetLoop, program) == (None, 365 * 86400)


def test_the_clock_starts_at_zero_on_each_loop():
    async def program():
        return asyncio.get_running_loop().time()

    assert [run(DetLoop, program), run(DetLoop, program)] == [(0.0, 0.0)] * 2


def test_timers_of_one_time_ring_in_the_order_in_which_they_were_set():
    async def program(log):
        loop = asyncio.get_running_loop()
        for name in range(50):
            loop.call_at(1.0, log, name)
        await asyncio.sleep(2)

    assert trace(DetLoop(), program) == list(range(50))


def test_a_timer_rings_at_its_time_even_where_the_clock_is_too_coarse_to_move():
    async def program(log):
        loop = asyncio.get_running_loop()
        loop.advance(1e9)
        await asyncio.sleep(1e-9)
        log(loop.time())

    assert trace(DetLoop(), program) == [1e9]


@given(st.lists(st.floats(0, 1e12), min_size=1, max_size=8))
def test_a_sleep_ends_exactly_where_it_should(delays):
    async def program(log):
        loop = asyncio.get_running_loop()
        for delay in delays:
            due = loop.time() + delay
            await asyncio.sleep(delay)
            log(loop.time() == due)

    assert trace(DetLoop(), program) == [True] * len(delays)


def test_advance_moves_the_clock_and_makes_timers_due():
    async def program(log):
        loop = asyncio.get_running_loop()
        loop.call_later(5, log, "timer")
        loop.advance(7)
        log(loop.time())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        log("task")
        log(loop.time())

    assert trace(DetLoop(), program) == [7.0, "timer", "task", 7.0]


def test_the_clock_does_not_go_back_for_a_timer_that_is_overdue():
    async def program(log):
        loop = asyncio.get_running_loop()
        loop.call_later(5, lambda: log(loop.time()))
        loop.advance(7)
        await asyncio.sleep(1)
        log(loop.time())

    assert trace(DetLoop(), program) == [7.0, 8.0]


def test_a_deadline_passes_while_the_clock_is_advanced():
    async def program():
        async with asyncio.timeout(3):
            asyncio.get_running_loop().advance(4)
            await asyncio.sleep(10)

    with pytest.raises(TimeoutError):
        run(DetLoop, program)


@pytest.mark.parametrize("seconds", [-1, math.inf, math.nan])
def test_the_clock_goes_forward_by_a_number_of_seconds_only(seconds):
    loop = DetLoop()
    with pytest.raises(ValueError, match="clock cannot be moved"):
        loop.advance(seconds)
    assert loop.time() == 0.0
    loop.close()


def test_a_cancelled_timer_does_not_ring_and_does_not_move_the_clock():
    async def program():
        loop = asyncio.get_running_loop()
        rung = []
        timer = loop.call_later(5, rung.append, 1)
        loop.call_later(2, timer.cancel)
        await asyncio.sleep(3)
        assert timer.when() == 5.0
        return rung

    assert run(DetLoop, program) == ([], 3.0)


def count_of_timers():
    return sum(type(thing) is asyncio.TimerHandle for thing in gc.get_objects())


def test_cancelled_timers_are_not_kept():
    loop = DetLoop()
    before = count_of_timers()
    waiting = [loop.call_later(at, print) for at in range(50)]
    for _ in range(1000):
        loop.call_later(1e6, print).cancel()
    assert count_of_timers() - before < 200
    assert len(waiting) == 50
    loop.close()


def test_a_closed_loop_keeps_no_timers():
    loop = DetLoop()
    before = count_of_timers()
    for _ in range(50):
        loop.call_later(1, print)
    loop.close()
    assert count_of_timers() == before


def test_after_many_cancellations_the_others_still_ring_in_order():
    async def program(log):
        loop = asyncio.get_running_loop()
        timers = [loop.call_later(at % 7, log, at) for at in range(700)]
        for timer in timers[:650]:
            timer.cancel()
        await asyncio.sleep(10)

    assert trace(DetLoop(), program) == sorted(range(650, 700), key=lambda at: (at % 7, at))


# The order of steps


async def three_tasks(log):
    async def task(name):
        log(name)
        await asyncio.sleep(0)
        log(name)

    async with asyncio.TaskGroup() as group:
        for name in "abc":
            group.create_task(task(name))


def test_without_a_chooser_steps_run_first_come_first_served_and_are_not_recorded():
    loop = DetLoop()
    assert trace(loop, three_tasks) == list("abcabc")
    assert loop.choices == []


def test_choosing_the_first_each_time_is_first_come_first_served():
    loop = DetLoop(lambda ready: 0)
    assert trace(loop, three_tasks) == list("abcabc")
    assert loop.choices[:2] == [(3, 0), (3, 0)]
    assert loop.schedule() == Schedule()


def test_the_chosen_step_runs_next():
    loop = DetLoop(lambda ready: ready - 1)
    assert trace(loop, three_tasks) == list("ccbbaa")
    assert loop.choices[:2] == [(3, 2), (3, 2)]


def test_a_recorded_schedule_prints_its_deviations_and_replays():
    def third_is_last(ready, count=itertools.count()):  # noqa: B008 - counts on
        return ready - 1 if next(count) == 2 else 0

    loop = DetLoop(third_is_last)
    log = trace(loop, three_tasks)
    schedule = loop.schedule()
    assert log != list("abcabc")
    assert str(schedule) == "first come, first served, except choice 2 -> 2"
    assert repr(schedule) == "Schedule({2: 2})"
    replay = DetLoop(schedule)
    assert trace(replay, three_tasks) == log
    assert replay.choices == loop.choices


@given(st.lists(st.integers(0, 5), max_size=30))
def test_any_schedule_replays_from_what_it_printed(picks):
    pick = iter(picks)
    loop = DetLoop(lambda ready: next(pick, 0) % ready)
    log = trace(loop, three_tasks)
    copy = eval(repr(loop.schedule()), {"Schedule": Schedule})
    assert copy == loop.schedule()
    assert trace(DetLoop(copy), three_tasks) == log


def test_a_schedule_can_be_used_for_several_loops():
    schedule = Schedule({0: 2})
    assert trace(DetLoop(schedule), three_tasks) == trace(DetLoop(schedule), three_tasks)
    assert str(Schedule()) == "first come, first served"


def test_a_schedule_of_a_program_that_has_fewer_tasks_now_still_runs():
    assert trace(DetLoop(Schedule({0: 99})), three_tasks)[0] == "c"


def test_callbacks_keep_their_order_whatever_is_chosen():
    async def program(log):
        loop = asyncio.get_running_loop()

        async def task(name):
            for number in range(3):
                loop.call_soon(log, (name, number))
                await asyncio.sleep(0)

        await asyncio.gather(*map(task, "ab"))

    for choose in (None, lambda ready: ready - 1):
        log = trace(DetLoop(choose), program)
        for name in "ab":
            assert [number for who, number in log if who == name] == [0, 1, 2]


def test_a_callback_whose_turn_has_come_is_not_overtaken():
    async def program(log):
        loop = asyncio.get_running_loop()
        loop.call_soon(log, "callback")
        await asyncio.gather(*(note(log, name) for name in "abc"))

    async def note(log, name):
        log(name)

    assert trace(DetLoop(lambda ready: ready - 1), program) == ["callback", *"cba"]


def test_a_step_that_is_chosen_runs_after_the_callbacks_that_were_ready_before():
    async def program(log):
        loop = asyncio.get_running_loop()

        async def note(name):
            log(name)

        tasks = []
        for name in "abc":
            tasks.append(asyncio.create_task(note(name)))
            loop.call_soon(log, f"after {name}")
        await asyncio.gather(*tasks)

    def trace_of(deviations):
        return trace(DetLoop(Schedule(deviations)), program)

    assert trace_of({}) == ["a", "after a", "b", "after b", "c", "after c"]
    assert trace_of({0: 1}) == ["after a", "b", "a", "after b", "c", "after c"]
    assert trace_of({0: 2}) == ["after a", "after b", "c", "a", "b", "after c"]
    assert trace_of({0: 2, 1: 1}) == ["after a", "after b", "c", "b", "a", "after c"]
    assert trace_of({1: 1}) == ["a", "after a", "after b", "c", "b", "after c"]


def test_a_step_that_was_chosen_is_not_asked_about_again():
    async def program(log):
        loop = asyncio.get_running_loop()

        async def end():
            pass

        tasks = [asyncio.create_task(end()), asyncio.create_task(end())]
        loop.call_soon(log, "callback")
        tasks.append(asyncio.create_task(end()))
        await asyncio.gather(*tasks)

    asked = []

    def last(ready):
        asked.append(ready)
        return ready - 1

    trace(DetLoop(last), program)
    assert asked == [3, 2]


def test_the_chooser_is_asked_about_the_steps_that_are_ready_and_no_others():
    """Count them anew for each choice, in a program that mixes steps and callbacks."""

    def choose(ready):
        steps = [handle for handle in loop._ready if task_of(handle) is not None]
        assert len(steps) == ready
        rest[:] = steps
        return pick(ready)

    async def program(log):
        async def task(number):
            for at in range(20):
                if (number + at) % 3 == 0:
                    loop.call_soon(log, at)
                loop.call_later(at % 2, log, at)
                await asyncio.sleep(0 if (number * at) % 4 else 1)

        await asyncio.gather(*map(task, range(5)))

    rest = []
    pick = random.Random(0).randrange
    loop = DetLoop(choose)
    trace(loop, program)
    assert len(loop.choices) > 64
    assert loop.choices[-20:] != [(ready, 0) for ready, _ in loop.choices[-20:]]


def test_a_call_of_a_method_of_a_task_is_not_a_step():
    async def program(log):
        loop = asyncio.get_running_loop()
        task = asyncio.create_task(asyncio.sleep(100), name="victim")
        await asyncio.sleep(1)
        loop.call_soon(task.cancel)
        loop.call_soon(log, "called")
        while not task.done():
            log(task.cancelling())
            await asyncio.sleep(0)

    # Were `cancel` a step, the main task's next one would be chosen before it.
    assert trace(DetLoop(lambda ready: ready - 1), program) == [0, "called"]


def test_a_step_that_is_always_overtaken_runs_in_the_end():
    async def program(log):
        async def spin():
            while not done:  # noqa: ASYNC110 - it is to be in the way
                await asyncio.sleep(0)

        async def end():
            done.append(log("end"))

        done = []
        async with asyncio.TaskGroup() as group:
            group.create_task(end())
            group.create_task(spin())

    assert trace(loop_of(lambda ready: ready - 1, max_steps=5000), program) == ["end"]


@pytest.mark.parametrize("index", [-1, 3])
def test_an_index_that_is_none_is_refused(index):
    loop = DetLoop(lambda ready: index)
    with pytest.raises(IndexError, match=rf"choose\(3\) returned {index}"):
        trace(loop, three_tasks)


class Overrun(BaseException):
    """What Hypothesis raises to end an example is no Exception either."""


def test_an_error_of_the_chooser_ends_the_run_and_the_rest_can_be_drained():
    def choose(ready):
        raise Overrun

    async def program(log):
        try:
            await asyncio.gather(asyncio.sleep(1), asyncio.sleep(1))
        finally:
            log("cleaned up")

    log = []
    loop = DetLoop(choose)
    with (
        pytest.raises(Overrun),
        asyncio.Runner(loop_factory=lambda: loop) as runner,
    ):
        runner.run(program(log.append))
    assert (log, loop.choose, loop.is_closed()) == (["cleaned up"], None, True)


def test_a_chooser_can_be_taken_away_and_given_while_the_loop_runs():
    def last(ready):
        assert ready == sum(task_of(handle) is not None for handle in loop._ready)
        return ready - 1

    async def program(log):
        for choose, names in ((None, "abc"), (last, "ab"), (None, "abcd"), (last, "abc")):
            tasks = [asyncio.create_task(note(log, name)) for name in names]
            await asyncio.sleep(0)
            loop.choose = choose
            await asyncio.wait(tasks)

    async def note(log, name):
        await asyncio.sleep(0)
        log(name)

    loop = DetLoop(last)
    assert "".join(trace(loop, program)) == "abcbaabcdcba"


class WatchingLoop(DetLoop):
    watched = True

    def __init__(self):
        self.seen = []
        super().__init__()

    def _run_watched(self, handle):
        self.seen.append(handle)
        super()._run_watched(handle)


def test_a_watched_loop_shows_each_callback_to_its_subclass():
    loop = WatchingLoop()
    assert trace(loop, three_tasks) == list("abcabc")
    assert len(loop.seen) >= 8  # six steps of the three, and the main task's


# Deadlock


class Stuck:
    async def wait_for_event(self):
        await asyncio.Event().wait()


def test_a_program_that_can_never_go_on_is_a_deadlock_that_says_who_waits_where():
    async def program():
        task = asyncio.create_task(Stuck().wait_for_event(), name="waiter")
        await task

    with pytest.raises(Deadlock) as caught:
        run(DetLoop, program)
    line = Stuck.wait_for_event.__code__.co_firstlineno + 1
    main, waiter = caught.value.waiting
    assert waiter == Waiting("waiter", "Stuck.wait_for_event", __file__, line, "Event.wait")
    assert (main.task, main.awaits) == ("Task-1", "")
    head, first, second = str(caught.value).splitlines()
    assert head == "Deadlock at 0 s: nothing will ever wake 2 tasks."
    assert first.startswith("  Task-1 waits in test_a_program_that_can_never_go_on")
    assert second == (
        f"  waiter waits in Stuck.wait_for_event (test_testing_loop.py:{line}) for Event.wait"
    )


@pytest.mark.parametrize(
    ("awaited", "place"),
    [
        (lambda: asyncio.get_running_loop().create_future(), "program"),
        (lambda: asyncio.Queue().get(), "program"),
        (lambda: stuck_generator().__anext__(), "stuck_generator"),
        (lambda: anext(stuck_generator(), None), "stuck_generator"),
        (lambda: Awaitable(), "Awaitable.__await__"),  # noqa: PLW0108 - the class is below
        (lambda: asyncio.sleep(math.inf), "program"),
        (lambda: a_timer_without_a_time(), "a_timer_without_a_time"),  # noqa: PLW0108 - it is below
    ],
)
def test_a_deadlock_names_the_innermost_function_of_the_author(awaited, place):
    async def program():
        await awaited()

    with pytest.raises(Deadlock) as caught:
        run(DetLoop, program)
    (waiting,) = caught.value.waiting
    assert waiting.function.endswith(place)
    assert waiting.path == __file__


async def stuck_generator():
    await asyncio.Event().wait()
    yield


async def a_timer_without_a_time():
    loop = asyncio.get_running_loop()
    future = loop.create_future()
    loop.call_later(math.nan, future.set_result, None)
    await future


class Awaitable:
    def __await__(self):
        yield from asyncio.get_running_loop().create_future()


def test_a_deadlock_names_tasks_in_the_order_in_which_they_were_made():
    async def program():
        tasks = [asyncio.create_task(asyncio.Event().wait(), name=f"{at}") for at in range(40)]
        for task in tasks:
            if task.get_name() not in {"2", "29", "33"}:  # in a set of three the last comes first
                task.cancel()
        await asyncio.wait(tasks)

    with pytest.raises(Deadlock) as caught:
        run(DetLoop, program)
    assert [waiting.task for waiting in caught.value.waiting] == ["Task-1", "2", "29", "33"]


def test_a_deadlock_after_a_while_says_when():
    async def program():
        await asyncio.sleep(2.5)
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match=r"at 2.5 s: nothing will ever wake 1 task\."):
        run(DetLoop, program)


def test_a_deadlock_of_many_tasks_names_ten_and_counts_the_rest():
    async def program():
        await asyncio.gather(*(asyncio.Event().wait() for _ in range(20)))

    with pytest.raises(Deadlock, match="wake 21 tasks") as caught:
        run(DetLoop, program)
    assert len(caught.value.waiting) == 21
    assert str(caught.value).splitlines()[-1] == "  and 11 more"
    assert len(str(caught.value).splitlines()) == 12


def test_a_loop_without_a_task_that_waits_for_ever_is_a_deadlock_too():
    loop = DetLoop()
    with pytest.raises(Deadlock, match="ever wake the loop, which has no task"):
        loop.run_forever()
    loop.close()


def test_after_a_deadlock_the_tasks_can_be_cancelled_and_the_loop_used_again():
    loop = DetLoop(lambda ready: ready - 1)
    event = asyncio.Event()
    task = loop.create_task(event.wait())
    with pytest.raises(Deadlock):
        loop.run_until_complete(task)
    assert not task.done()
    assert loop.choose is None
    event.set()
    assert loop.run_until_complete(task) is True
    loop.close()


def test_a_deadlock_of_tasks_of_a_foreign_factory_is_reported_as_well():
    loop = DetLoop()
    loop.set_task_factory(lambda loop, coro, **options: asyncio.Task(coro, loop=loop, **options))
    task = loop.create_task(asyncio.Event().wait(), name="foreign")
    with pytest.raises(Deadlock, match=r"foreign waits in Event\.wait"):
        loop.run_until_complete(task)
    task.cancel()
    loop.run_until_complete(asyncio.wait([task]))
    loop.close()


# Livelock


def test_a_program_without_an_end_is_a_livelock_that_says_who_is_busy_and_who_waits():
    async def spin():
        while True:  # noqa: ASYNC110 - the fault
            await asyncio.sleep(0)

    async def program():
        asyncio.create_task(spin(), name="spinner")  # noqa: RUF006 - it never ends
        await Stuck().wait_for_event()

    with pytest.raises(Livelock) as caught:
        run(lambda: loop_of(max_steps=STEPS), program)
    assert caught.value.busy == ("spinner",)
    assert [waiting.task for waiting in caught.value.waiting] == ["Task-1"]
    assert "spinner ran 100 times among the last" in str(caught.value)
    assert "Task-1 waits in Stuck.wait_for_event" in str(caught.value)
    assert f"no end after {STEPS + 1} callbacks (see max_steps)" in str(caught.value)


def test_a_heartbeat_beside_a_task_that_waits_for_ever_is_a_livelock():
    async def beat():
        while True:  # noqa: ASYNC110 - as plugins do
            await asyncio.sleep(1)

    async def program():
        asyncio.create_task(beat(), name="heart")  # noqa: RUF006 - it never ends
        await asyncio.Event().wait()

    with pytest.raises(Livelock) as caught:
        run(lambda: loop_of(max_steps=STEPS), program)
    assert caught.value.busy == ("heart",)


def test_after_a_livelock_the_tasks_can_be_cancelled_and_each_run_counts_for_itself():
    async def program(turns):
        for _ in range(turns):
            await asyncio.sleep(0)

    loop = loop_of(lambda ready: 0, max_steps=STEPS)
    endless = loop.create_task(program(10**9))
    with pytest.raises(Livelock):
        loop.run_until_complete(endless)
    assert loop.choose is None
    endless.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(endless)
    for _ in range(3):
        loop.run_until_complete(program(STEPS - 50))
    loop.close()
