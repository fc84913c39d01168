"""LOOP and SCHED: how a plugin shares the event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import events, one_event
from aitbc_hooks.testing.kit.outcomes import Level, Violation
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen

_HEALTH: Final = Step("look_at_health")
_IDLE: Final = Step("idle", (60,))

#: How often a plugin must block the loop to be believed: what is only slow once has warmed up then.
_TIMES: Final = 3

#: Schedules that are tried: where not the first task that is ready runs.
_CHOICES: Final = 60
_DEVIATIONS: Final = 6


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

    specimen.for_all(events(specimen), try_one, examples=5)


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

    def try_one(case: tuple[dict[int, int], list[Any]]) -> None:
        deviations, received = case
        steps = [LOAD, START, *(Step("event", event) for event in received), _IDLE]
        steps += [STOP, START, UNLOAD, Step("expect_no_tasks_left")]
        try:
            specimen.play(steps, schedule=deviations)
        except Violation:
            if _holds_in_order(specimen, steps):
                raise

    schedules = st.dictionaries(st.integers(0, _CHOICES), st.integers(1, 3), max_size=_DEVIATIONS)
    received = st.lists(one_event(specimen), max_size=2)
    specimen.for_all(st.tuples(schedules, received), try_one, examples=2 * specimen.examples)


def _holds_in_order(specimen: Specimen, steps: list[Step]) -> bool:
    """Whether the same succeeds first come, first served; else another check says what is wrong."""
    try:
        specimen.play(steps)
    except Violation:
        return False
    return True
