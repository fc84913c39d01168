"""`Deadlock` and `Livelock`: why a deterministic loop gave up, and which tasks were stuck where."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from types import FrameType

__all__ = ["Deadlock", "Livelock", "Waiting"]

#: How many tasks a message names before it only counts them.
_NAMED: Final = 10

#: The attributes of coroutines, generators and asynchronous generators that lead further down.
_KINDS: Final = {"cr": "cr_await", "gi": "gi_yieldfrom", "ag": "ag_await"}

#: What has no such attribute, though it holds something that has one.
_OPAQUE: Final = frozenset(
    {
        "anext_awaitable",
        "async_generator_asend",
        "async_generator_athrow",
        "coroutine_wrapper",
    }
)

_ASYNCIO: Final = Path(asyncio.__file__).parent


@attrs.frozen
class Waiting:
    """A task that is not done, and where it stands.

    Attributes:
        task: The task's name.
        function: The qualified name of the innermost function that is not asyncio's.
        path: The file of that function.
        line: The line in it.
        awaits: The qualified name of asyncio's innermost function below it; empty if there is
            none.
    """

    task: str
    function: str
    path: str
    line: int
    awaits: str

    @classmethod
    def of(cls, task: asyncio.Task[Any]) -> Waiting:
        """Return where `task` stands."""
        frames = list(_frames(task.get_coro()))
        own = [frame for frame in frames if not _is_asyncio(frame)] or frames
        if not own:
            return cls(task.get_name(), str(task.get_coro()), "", 0, "")
        last, code = frames[-1], own[-1].f_code
        awaits = last.f_code.co_qualname if last is not own[-1] else ""
        return cls(task.get_name(), code.co_qualname, code.co_filename, own[-1].f_lineno, awaits)

    def __str__(self) -> str:
        place = f" ({Path(self.path).name}:{self.line})" if self.path else ""
        awaits = f" for {self.awaits}" if self.awaits else ""
        return f"{self.task} waits in {self.function}{place}{awaits}"


class Deadlock(AssertionError):  # noqa: N818 - what it is, not that it is an error
    """Nothing is ready, no timer runs, and nothing outside can wake the loop.

    Attributes:
        waiting: The tasks that would wait for ever.
    """

    def __init__(self, time: float, waiting: Iterable[Waiting]) -> None:
        self.waiting = tuple(waiting)
        super().__init__(
            f"Deadlock at {time:g} s: nothing will ever wake {_tasks(len(self.waiting))}."
            + _listed(self.waiting)
        )


class Livelock(AssertionError):  # noqa: N818 - as above
    """A run has taken more callbacks than it may: something goes round without an end.

    Attributes:
        busy: The names of the tasks that ran last, the busiest first.
        waiting: The tasks that waited meanwhile.
    """

    def __init__(
        self, time: float, steps: int, recent: Iterable[str], waiting: Iterable[Waiting]
    ) -> None:
        counts = Counter(recent).most_common()
        self.busy = tuple(name for name, _ in counts)
        self.waiting = tuple(each for each in waiting if each.task not in self.busy)
        super().__init__(
            f"Livelock at {time:g} s: no end after {steps} callbacks (see max_steps)."
            + _listed(f"{name} ran {count} times among the last" for name, count in counts)
            + _listed(self.waiting)
        )


def _tasks(count: int) -> str:
    return {0: "the loop, which has no task", 1: "1 task"}.get(count, f"{count} tasks")


def _listed(items: Iterable[object]) -> str:
    lines = [f"\n  {item}" for item in items]
    more = f"\n  and {len(lines) - _NAMED} more" if len(lines) > _NAMED else ""
    return "".join(lines[:_NAMED]) + more


def _is_asyncio(frame: FrameType) -> bool:
    return Path(frame.f_code.co_filename).parent == _ASYNCIO


def _frames(awaitable: Any) -> Iterator[FrameType]:
    """Yield the frames of a suspended coroutine, the outermost first."""
    while awaitable is not None:
        kind = next((kind for kind in _KINDS if hasattr(awaitable, f"{kind}_frame")), None)
        if kind is None:
            held = gc.get_referents(awaitable) if type(awaitable).__name__ in _OPAQUE else ()
            awaitable = next((each for each in held if _is_suspended(each)), None)
            continue
        frame = getattr(awaitable, f"{kind}_frame")
        if frame is not None:
            yield frame
        awaitable = getattr(awaitable, _KINDS[kind])


def _is_suspended(thing: object) -> bool:
    name = type(thing).__name__
    return name in _OPAQUE or any(hasattr(thing, f"{kind}_frame") for kind in _KINDS)
