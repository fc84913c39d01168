"""Schedules that Hypothesis draws: they find races, and shrink to what a race needs."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aitbc_hooks.testing.loop import DetLoop, Schedule
from aitbc_hooks.testing.strategies import schedules


class WithoutInternals:
    """What `st.data()` gives, as a future Hypothesis may: nothing but what is documented."""

    def __init__(self, data):
        self._data = data

    def draw(self, strategy, label=None):
        return self._data.draw(strategy, label)


BOTH = pytest.mark.parametrize("seen", [lambda data: data, WithoutInternals])


async def race():
    """Lose an update where the second task comes between the first one's two steps."""
    balance = {"cents": 0}

    async def add(cents, pauses):
        for _ in range(pauses):
            await asyncio.sleep(0)
        before = balance["cents"]
        await asyncio.sleep(0)
        balance["cents"] = before + cents

    async with asyncio.TaskGroup() as group:
        group.create_task(add(1, pauses=0))
        group.create_task(add(2, pauses=4))
    return balance["cents"]


def run(loop):
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(race())


def test_the_race_needs_a_schedule():
    assert run(DetLoop()) == 3


class LostError(Exception):
    """Says under which schedule."""


def least_schedule(seen, is_wrong):
    """Let Hypothesis shrink a schedule for which `is_wrong` of the sum is true."""

    @settings(database=None, max_examples=500, phases=[Phase.generate, Phase.shrink])
    @given(st.data())
    def transfers_keep_the_sum(data):
        loop = DetLoop(schedules.drawn(seen(data)))
        if is_wrong(run(loop)):
            raise LostError(loop.schedule())

    with pytest.raises(LostError) as caught:
        transfers_keep_the_sum()
    return caught.value.args[0]


@BOTH
def test_a_race_is_found_and_shrinks_to_the_choices_that_it_needs(seen):
    schedule = least_schedule(seen, lambda cents: cents != 3)
    assert run(DetLoop(schedule)) != 3
    assert len(schedule.deviations) == 4


@BOTH
def test_a_test_that_always_fails_shrinks_to_first_come_first_served(seen):
    assert least_schedule(seen, lambda cents: True) == Schedule()


@BOTH
def test_every_index_is_drawn_and_no_other(seen):
    drawn = set()

    @settings(database=None)
    @given(st.data())
    def draws(data):
        choose = schedules.drawn(seen(data))
        drawn.update((ready, choose(ready)) for ready in (2, 3, 5) for _ in range(20))

    draws()
    assert drawn == {(ready, index) for ready in (2, 3, 5) for index in range(ready)}


def test_choices_are_no_lines_of_the_report():
    @settings(database=None)
    @given(st.data())
    def fails(data):
        run(DetLoop(schedules.drawn(data)))
        raise ValueError

    with pytest.raises(ValueError) as caught:  # noqa: PT011 - it has no message
        fails()
    assert not [line for line in caught.value.__notes__ if line.startswith("Draw ")]
