"""LOOP and SCHED: how a plugin shares the event loop."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import events, one_event, try_telling_events
from aitbc_hooks.testing.kit.outcomes import Level, Violation
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aitbc_hooks.testing.kit.generating import Event
    from aitbc_hooks.testing.kit.specimen import Specimen

_HEALTH: Final = Step("look_at_health")
_IDLE: Final = Step("idle", (60,))
#: For who turns so often that a minute of it is not to be told from turning for ever.
_SHORTLY_IDLE: Final = Step("idle", (1,))

#: Lives that are looked at, at the least, and in place of how many others: blocking takes real time.
_LIVES: Final = 5
#: How often a plugin must block the loop to be believed: what is only slow once has warmed up then.
_TIMES: Final = 3

#: In how many of its choices a life without events does not run the first task that is ready.
_ONE_BY_ONE: Final = 20
#: In how many choices of a life with events that is so at most, and in which ones, counted round
#: the choices that there are: the first ones are its own, later ones those of an idle hour.
_DEVIATIONS: Final = 6
_AT: Final = st.integers(0, 15) | st.integers(0, 999)


@check(
    "LOOP-01",
    Level.MUST,
    "It does not block the event loop.",
    sentence="Async/await for non-blocking operations",
    source="SPEC.md, Plugin Performance",
    needs=["LIFE-01"],
    fix="`await asyncio.sleep(...)` instead of `time.sleep(...)`; asyncio's own connections and "
    "subprocesses; `await asyncio.to_thread(...)` for what only blocks.",
    example="""
    class Sleeper(Sound):
        async def start(self):
            time.sleep(0.5)
            return True
    """,
)
def lets_the_loop_run(specimen: Specimen) -> None:
    """While it blocks, no other plugin runs, no deadline passes and nobody can stop it."""
    life = [LOAD, _HEALTH, START, _IDLE, _HEALTH, STOP, UNLOAD]
    _repeatedly(specimen, life)

    def try_one(case: list[Any]) -> None:
        _repeatedly(specimen, [LOAD, START, *(Step("send", event) for event in case), UNLOAD])

    specimen.for_all(events(specimen), try_one, examples=max(_LIVES, specimen.examples // _LIVES))
    try_telling_events(specimen, try_one)


def _repeatedly(specimen: Specimen, steps: list[Step]) -> None:
    """Expect that steps do not block the loop; believe it when they do so every time."""
    watched = [Step("watch_for_stalls"), *steps, Step("expect_no_blocking")]
    for _ in range(_TIMES - 1):
        try:
            specimen.play(watched, kinds={"blocked"})
        except Violation:
            continue
        return
    specimen.play(watched, kinds={"blocked"})


@check(
    "SCHED-01",
    Level.SHOULD,
    "It holds whatever the order in which its tasks wake up.",
    sentence="Async/await for non-blocking operations",
    source="SPEC.md, Plugin Performance; asyncio promises no order between tasks",
    needs=["LIFE-06", "RES-01"],
    fix="Wait for the other task (`await event.wait()`, `await task`) instead of counting on that "
    "it has run. The schedule in the program shows which task ran late.",
    example="""
    class Hopeful(Sound):
        async def start(self):
            self.ready = False
            self.task = asyncio.create_task(self.prepare())
            await asyncio.sleep(0)
            return self.ready

        async def prepare(self):
            self.ready = True

        async def stop(self):
            await self.task
            return True
    """,
)
def holds_under_any_order(specimen: Specimen) -> None:
    """Today's order is an accident of one loop, on one day, with one set of plugins."""
    idle = _IDLE if _choices_in(specimen, _life([], _IDLE)) else _SHORTLY_IDLE
    alone = _life([], idle)
    for at in range(min(_choices_in(specimen, alone), specimen.affordable(_ONE_BY_ONE))):
        specimen.clock.check()
        specimen.play(alone, schedule={at: 1})

    def try_one(case: tuple[dict[int, int], list[Any]]) -> None:
        drawn, received = case
        life = _life(received, idle)
        if choices := _choices_in(specimen, life):
            specimen.play(life, schedule={at % choices: index for at, index in drawn.items()})

    schedules = st.dictionaries(_AT, st.integers(1, 3), min_size=1, max_size=_DEVIATIONS)
    received = st.lists(one_event(specimen), min_size=1, max_size=3)
    specimen.for_all(st.tuples(schedules, received), try_one, examples=2 * specimen.examples)


def _life(received: Sequence[Event], idle: Step) -> list[Step]:
    listening = (Step("event", event) for event in received)
    rest = (Step("expect_no_tasks_left"), Step("expect_nothing_unheard"))
    return [LOAD, START, *listening, idle, STOP, START, UNLOAD, *rest]


def _choices_in(specimen: Specimen, steps: list[Step]) -> int:
    """Return how often several tasks are ready, first come, first served.

    None counts of what fails in that order: another check says what is wrong.
    """
    choices = itertools.count()

    def first(_ready: int) -> int:
        next(choices)
        return 0

    try:
        specimen.play(steps, schedule=first)
    except Violation:
        return 0
    return next(choices)
