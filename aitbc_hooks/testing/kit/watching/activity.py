"""What goes on of itself while a plugin is active: tasks, a timer, a thread, a server."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.watching.holdings import own_threads, purpose_of, running_tasks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from collections.abc import Set as AbstractSet

    from aitbc_hooks.testing.kit.trials.halting import HaltingLoop

__all__ = ["activity_on"]

#: Virtual seconds from look to look: odd ones, since at round ones timers ring. What comes and goes
#: is hardly there, or away, at each look. Six seconds in all: who turns every millisecond is in time.
_BETWEEN: Final = (0.231, 0.517, 0.983, 1.621, 2.507)
#: Real seconds in which a thread that has one thing to do has done it.
_SETTLED: Final = 0.2


async def activity_on(
    loop: HaltingLoop,
    *,
    beside: AbstractSet[threading.Thread],
    subscriptions: Callable[[], Iterable[str]],
) -> tuple[set[str], set[str]]:
    """Watch for six virtual seconds what goes on while nobody asks for anything.

    Args:
        loop: Where the plugin lives.
        beside: Threads that were there before it.
        subscriptions: Returns the patterns that it subscribes to.

    Returns:
        What is there at each look, and what is there at any look, in words.
    """
    looks = []
    for seconds in _BETWEEN:
        await asyncio.sleep(seconds)
        looks.append(_on(loop))
    last = _threads(beside) | {f"the subscription to {each!r}" for each in subscriptions()}
    return set.intersection(*looks) | last, set.union(*looks) | last


def _on(loop: HaltingLoop) -> set[str]:
    tasks = [task for task in running_tasks(loop) if not _is_asyncios(task)]
    found = {f"the task {purpose_of(task)}" for task in tasks}
    if loop.has_timers():
        found.add("a timer")
    if loop.registered():
        found.add("a connection, server or child process")
    return found


def _is_asyncios(task: asyncio.Task[object]) -> bool:
    """Return whether a task runs something of asyncio itself, as `wait_for` has it do."""
    frame = getattr(task.get_coro(), "cr_frame", None)
    return frame is not None and str(frame.f_globals.get("__name__")).startswith("asyncio.")


def _threads(beside: AbstractSet[threading.Thread]) -> set[str]:
    def new() -> list[threading.Thread]:
        return own_threads(set(threading.enumerate()) - beside)

    if new():
        threading.Event().wait(_SETTLED)
    return {"a thread of its own"} if new() else set()
