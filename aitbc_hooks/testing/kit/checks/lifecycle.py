"""LIFE: the four methods of the lifecycle, in every order that the transition table allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, TABLE
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import one_event
from aitbc_hooks.testing.kit.outcomes import Level, NotApplicable
from aitbc_hooks.testing.kit.trials.steps import CYCLE, LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.testing.kit.specimen import Specimen

#: Await points of one method that are tried; more than that are thinned out.
_MOST_POINTS: Final = 40
_LONGEST_WALK: Final = 12

#: Lifecycle method -> the steps that lead to its call.
_WAY_TO: Final = {"initialize": (), "start": (LOAD,), "stop": (LOAD, START)}


@check(
    "LIFE-01",
    Level.MUST,
    "initialize(), start(), stop() and cleanup() return True for every configuration that the "
    "schema allows.",
    sentence="Success is `True` and nothing else.",
    source="SPEC.md, Lifecycle Methods; DESIGN.md, 3",
    needs=["META-01", "HOOK-01", "CFG-01"],
    fix="End each method with `return True`. If a configuration cannot work, forbid it in the "
    "schema: then the operator is told before anything runs.",
    example="""
    class Silent(Sound):
        async def start(self):
            self.running = True
    """,
)
def lives_a_whole_life(specimen: Specimen) -> None:
    """Anything but True is a failure, and a plugin that fails to start serves nobody."""
    specimen.play(CYCLE)

    def try_one(config: dict[str, Any]) -> None:
        specimen.play(CYCLE, config=config)

    specimen.for_all(specimen.configs, try_one)
    for config in specimen.each_affordable(specimen.covering_configs):
        try_one(config)


@check(
    "LIFE-02",
    Level.MUST,
    "It can be started again after it was stopped, and loaded again after it was unloaded.",
    sentence="LOADED, INACTIVE | start | ACTIVE",
    source="DESIGN.md, 3",
    needs=["LIFE-01"],
    fix="Make in `start()` what `stop()` ends: a closed queue or a cancelled task cannot be used "
    "again.",
    example="""
    class Once(Sound):
        started = False

        async def start(self):
            if self.started:
                raise RuntimeError("started already")
            self.started = True
            return True
    """,
)
def starts_again(specimen: Specimen) -> None:
    """Operators stop and start plugins without unloading them, and hosts reload them."""
    specimen.play([LOAD, START, STOP, START, STOP, UNLOAD, *CYCLE])


@check(
    "LIFE-03",
    Level.MUST,
    "cleanup() succeeds after initialize() alone.",
    sentence="`cleanup()` is owed once for each instance whose `initialize()` was entered, "
    "whatever happened since",
    source="DESIGN.md, 3; SPEC.md, Best Practices, 3",
    needs=["LIFE-01"],
    fix="Give every attribute that `cleanup()` looks at a value in `__init__`, and look whether "
    "there is something to release.",
    example="""
    class Presuming(Sound):
        async def start(self):
            self.log = []
            return True

        async def cleanup(self):
            self.log.clear()
            return True
    """,
)
def cleans_up_unstarted(specimen: Specimen) -> None:
    """A plugin whose dependency fails is loaded, never started, and unloaded."""
    specimen.play([LOAD, UNLOAD])


@check(
    "LIFE-04",
    Level.SHOULD,
    "A second cleanup() does no harm.",
    sentence="Clean up resources in cleanup method",
    source="SPEC.md, Best Practices, 3",
    needs=["LIFE-01"],
    fix="Forget what was released: `connection, self.connection = self.connection, None`.",
    example="""
    class Brittle(Sound):
        async def initialize(self):
            self.table = {"open": True}
            return True

        async def cleanup(self):
            del self.table["open"]
            return True
    """,
)
def cleans_up_twice(specimen: Specimen) -> None:
    """The host calls it once, but authors' own tests and other hosts may not."""
    specimen.play([*CYCLE, Step("clean_up_again")])


@check(
    "LIFE-05",
    Level.MUST,
    "Cancelled at any await point of initialize(), start() or stop(), it ends within the grace "
    "period; then cleanup() returns True and nothing is left.",
    sentence="inside `initialize`/`start`/`stop`, the method is cancelled and its actual result "
    "is the truth",
    source="DESIGN.md, 3",
    needs=["LIFE-01", "LIFE-03"],
    fix="Assume at each `await` that it may raise CancelledError: keep what was acquired in an "
    "attribute at once, release it in `cleanup()`, and never loop over `except CancelledError`. "
    "`asyncio.start_server` awaits once more when it already listens: pass `start_serving=False`, "
    "keep the server, then await its `start_serving()`.",
    example="""
    class Careless(Sound):
        async def start(self):
            task = asyncio.create_task(asyncio.sleep(3600))
            await asyncio.sleep(0.1)
            self.task = task
            return True

        async def stop(self):
            self.task.cancel()
            return True
    """,
)
def ends_when_cancelled(specimen: Specimen) -> None:
    """Deadlines, Ctrl-C and a host that stops all arrive as a cancellation, at any await."""
    for method, at in _await_points(specimen):
        specimen.clock.check()
        specimen.play(
            [
                *_WAY_TO[method],
                Step("cancel", (OPERATION_OF[method].value,), {"at": at}),
                UNLOAD,
                Step("expect_no_tasks_left"),
                Step("expect_nothing_held"),
            ]
        )


@check(
    "LIFE-06",
    Level.MUST,
    "Along random walks over the transition table every operation succeeds, and the status is the "
    "driver's.",
    sentence="a plugin that assigns its own status or a look-alike enum changes nothing for the "
    "host (the conformance kit reports it)",
    source="SPEC.md, State Transitions; DESIGN.md, 3",
    needs=["LIFE-01", "LIFE-02"],
    fix="Never assign `self.status`: the host does. The message says which operation failed after "
    "which others.",
    example="""
    class Proud(Sound):
        async def start(self):
            self.status = PluginStatus.ACTIVE
            return True
    """,
)
def walks_the_table(specimen: Specimen) -> None:
    """What works once, in order, may not work the third time, or after something else."""

    def try_one(case: tuple[dict[str, Any], list[Step]]) -> None:
        config, walk = case
        steps = [*walk, UNLOAD, Step("expect_honest_status")]
        specimen.play(steps, config=config, kinds={"failed", "refused", "status"})

    between = st.sampled_from([Step("idle", (1,)), Step("look_at_health")])
    between |= one_event(specimen).map(lambda event: Step("send", event))
    specimen.for_all(st.tuples(specimen.configs, walks(between)), try_one)


@check(
    "LIFE-07",
    Level.SHOULD,
    "A cancellation is not swallowed.",
    sentence="then `CancelledError` is raised",
    source="DESIGN.md, 3",
    needs=["LIFE-05"],
    fix="After `except asyncio.CancelledError`, tidy up and `raise`. To wait for a task of your "
    "own that you have cancelled, use `await asyncio.wait({task})`: that swallows nothing.",
    example="""
    class Calm(Sound):
        async def start(self):
            try:
                await asyncio.sleep(0.1)
            except asyncio.CancelledError:
                pass
            return True
    """,
)
def passes_cancellation_on(specimen: Specimen) -> None:
    """Who is cancelled and goes on costs the host its grace period, or its patience."""
    for method, at in _await_points(specimen):
        specimen.clock.check()
        operation = OPERATION_OF[method].value
        cancel = Step("cancel", (operation,), {"at": at})
        specimen.play([*_WAY_TO[method], cancel, Step("expect_cancelled", (method,))])


@check(
    "LIFE-08",
    Level.SHOULD,
    "Started again, it goes on with what it did before.",
    sentence="LOADED, INACTIVE | start | ACTIVE",
    source="DESIGN.md, 3",
    needs=["LIFE-02"],
    fix="Begin in `start()` what goes on of itself, and take back there what `stop()` has set: "
    "`self.stopping = False`, or `self.stopping.clear()` of an event.",
    example="""
    class Stopped(Sound):
        stopping = False

        async def start(self):
            self.task = asyncio.create_task(self.poll())
            return True

        async def poll(self):
            while not self.stopping:
                await asyncio.sleep(0.1)

        async def stop(self):
            self.stopping = True
            await self.task
            return True
    """,
)
def goes_on_as_before(specimen: Specimen) -> None:
    """An ACTIVE plugin that does nothing any more is a failure that nobody is told of."""
    note, expect = Step("note_activity"), Step("expect_noted_activity")
    again = [START, expect, STOP]
    specimen.play([LOAD, START, note, STOP, *again, UNLOAD, LOAD, *again, UNLOAD], kinds={"idle"})


def _is_one(specimen: Specimen) -> str | None:
    return None if specimen.makes_instances else "it is one object, and cannot be beside itself."


@check(
    "LIFE-09",
    Level.SHOULD,
    "A new instance can take over from one that was stopped.",
    sentence="Stopping: Graceful shutdown and cleanup",
    source="SPEC.md, Lifecycle Methods, 5",
    needs=["LIFE-02"],
    concern=_is_one,
    fix="Take ports, locks and connections in `start()` and give them back in `stop()`; remove in "
    "`cleanup()` what this instance alone has made. At a reload `initialize()` of the new instance "
    "comes before `cleanup()` of the old one, and both have the same `context.data_dir`.",
    example="""
    class Locked(Sound):
        async def initialize(self):
            self.lock = os.path.join(self.context.data_dir, "lock")
            os.close(os.open(self.lock, os.O_CREAT | os.O_EXCL))
            return True

        async def cleanup(self):
            if self.lock is not None:
                os.remove(self.lock)
                self.lock = None
            return True
    """,
)
def is_succeeded(specimen: Specimen) -> None:
    """A reload keeps the old instance until the new one runs, so that there is a way back."""
    specimen.play([LOAD, START, Step("note_activity"), STOP, Step("hand_over")])


def _await_points(specimen: Specimen) -> Iterator[tuple[str, int]]:
    """Yield every point at which a method waits, as (method, how many times it has waited)."""
    suspensions = specimen.play(CYCLE).suspensions
    points = [
        (method, at)
        for method in _WAY_TO
        for at in _thinned(suspensions.get(method, 0), specimen.affordable(_MOST_POINTS))
    ]
    if not points:
        raise NotApplicable("initialize(), start() and stop() never wait.")
    yield from points


def _thinned(count: int, most: int) -> list[int]:
    """Return the first points, and some of the rest."""
    if count <= most:
        return list(range(1, count + 1))
    half = most // 2
    step = (count - half) / half
    return [*range(1, half + 1), *(half + round(step * (n + 1)) for n in range(half))]


@st.composite
def walks(draw: st.DrawFn, between: st.SearchStrategy[Step]) -> list[Step]:
    """Operations that are legal one after the other, with other steps between."""
    status = PluginStatus.UNLOADED
    walk: list[Step] = []
    for _ in range(draw(st.integers(1, _LONGEST_WALK))):
        rows = [row for row in TABLE if status in row.sources]
        row = draw(st.sampled_from(rows))
        walk.append(Step(row.operation.value))
        status = row.success
        if status is not PluginStatus.UNLOADED and draw(st.booleans()):
            walk.append(draw(between))
    return walk
