"""RES: what a plugin leaves behind, in its loop, in its process and on the disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.generating import events, try_telling_events
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import CYCLE, LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aitbc_hooks.testing.kit.generating import Event
    from aitbc_hooks.testing.kit.specimen import Specimen

#: Whole lives after which is looked for what is left, at the least, and in place of how many others:
#: looking costs more than living.
_LIVES = 5


@check(
    "RES-01",
    Level.MUST,
    "After cleanup() no task is left, no exception is unretrieved, and no coroutine was never "
    "awaited.",
    sentence="Clean up resources in cleanup method",
    source="SPEC.md, Best Practices, 3",
    needs=["LIFE-01"],
    fix="Keep every task in an attribute; in `stop()`, cancel it and wait for it.",
    example="""
    class Restless(Sound):
        async def start(self):
            self.task = asyncio.create_task(asyncio.sleep(3600))
            return True
    """,
)
def leaves_no_tasks(specimen: Specimen) -> None:
    """A task that outlives its plugin works on what was released, and nobody hears it fail."""
    _live(specimen, [Step("expect_no_tasks_left"), Step("expect_nothing_unheard")])


@check(
    "RES-02",
    Level.MUST,
    "After cleanup() no thread, file descriptor, socket or child process is left.",
    sentence="Clean up resources in cleanup method",
    source="SPEC.md, Best Practices, 3",
    needs=["LIFE-01"],
    fix="Close in `stop()` or `cleanup()` what was opened, join threads, wait for processes; an "
    "`AsyncExitStack` does it in the right order.",
    example="""
    class Open(Sound):
        async def initialize(self):
            self.log = open(self.context.data_dir + "/log.txt", "a")
            return True
    """,
)
def holds_nothing(specimen: Specimen) -> None:
    """A host that reloads a plugin a hundred times runs out of descriptors, or of ports."""
    _live(specimen, [Step("expect_nothing_held")])


@check(
    "RES-03",
    Level.SHOULD,
    "It leaves the state of the process alone: environment, working directory, signal handlers, "
    "sys.path, standard streams, the root logger …",
    sentence="Plugins run in isolated environments",
    source="SPEC.md, Plugin Sandboxing",
    needs=["LIFE-01"],
    fix="Pass what is needed as an argument (`env=`, `cwd=`), log through `context.logger`, draw "
    "from a `random.Random(seed)` of your own, and leave signals to the host.",
    example="""
    class Settler(Sound):
        async def start(self):
            os.environ["SETTLED"] = "1"
            return True
    """,
)
def leaves_the_process_alone(specimen: Specimen) -> None:
    """The process belongs to the host and to all plugins; what one changes hits the others."""
    look = Step("expect_surroundings")
    specimen.play([LOAD, look, START, look, UNLOAD, look])
    _live(specimen, [look])


@check(
    "RES-04",
    Level.SHOULD,
    "It writes below data_dir and temp_dir only.",
    sentence="File system access restricted to plugin directories",
    source="SPEC.md, Plugin Sandboxing",
    needs=["LIFE-01"],
    fix="Build every path from `self.context.data_dir` (kept) or `self.context.temp_dir` (removed "
    "with the plugin); give `tempfile` the argument `dir=`.",
    example="""
    class Sprawling(Sound):
        async def start(self):
            with tempfile.NamedTemporaryFile() as file:
                file.write(b"scratch")
            return True
    """,
)
def writes_inside(specimen: Specimen) -> None:
    """In a sandbox everything else is read-only, and a plugin that counts on it fails there."""
    _live(specimen, [Step("expect_writes_inside")])


def _live(specimen: Specimen, expectations: Sequence[Step]) -> None:
    """Let it live whole lives, with events, and look afterwards."""

    def try_one(case: tuple[dict[str, Any], list[Event]]) -> None:
        config, received = case
        listening = (Step("send", event) for event in received)
        steps = [LOAD, START, *listening, STOP, START, UNLOAD, *expectations]
        specimen.play(steps, config=config, kinds={"left", "changed", "wrote"})

    specimen.play([*CYCLE, *expectations])
    lives = max(_LIVES, specimen.examples // _LIVES)
    specimen.for_all(st.tuples(specimen.configs, events(specimen)), try_one, examples=lives)
    try_telling_events(specimen, lambda received: try_one((specimen.config, received)))
