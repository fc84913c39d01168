"""What a process holds now, as the system says, to compare with later: no plugin, a helper."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Footprint", "footprint", "settled"]

#: Threads of the loop: its executor's, and those that wait for children on Python 3.11.
_LOOPS_THREADS: Final = ("asyncio_", "asyncio-waitpid-", "waitpid-")


@attrs.frozen
class Footprint:
    """Tasks, readers, threads, children and file descriptors."""

    tasks: frozenset[str]
    watched: frozenset[int]
    threads: frozenset[str]
    children: frozenset[str]
    descriptors: frozenset[str]

    def beyond(self, before: Footprint) -> dict[str, list[str]]:
        """Return what is here and was not before, by kind."""
        kinds = [field.name for field in attrs.fields(Footprint)]
        more = {kind: getattr(self, kind) - getattr(before, kind) for kind in kinds}
        return {kind: sorted(map(str, found)) for kind, found in more.items() if found}


def footprint() -> Footprint:
    """Take stock inside a running loop, the caller's own task aside."""
    loop: Any = asyncio.get_running_loop()
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    return Footprint(
        tasks=frozenset(f"{task.get_name()}: {task.get_coro()}" for task in tasks),
        watched=frozenset(key.fd for key in loop._selector.get_map().values()),
        threads=frozenset(
            f"{thread.name} {thread.ident}"
            for thread in threading.enumerate()
            if not thread.name.startswith(_LOOPS_THREADS)
        ),
        children=frozenset(_children()),
        descriptors=frozenset(_descriptors()),
    )


async def settled(before: Footprint, *, seconds: float = 3) -> dict[str, list[str]]:
    """Return what is left beyond `before`, after a moment for what is about to end."""
    end = time.monotonic() + seconds
    while (left := footprint().beyond(before)) and time.monotonic() < end:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0.005)
    return left


def _children() -> Iterator[str]:
    """Yield this process's children, also those that have ended and were not waited for."""
    for task in Path("/proc/self/task").iterdir():
        try:
            yield from (task / "children").read_text().split()
        except FileNotFoundError:  # the thread has ended meanwhile
            continue


def _descriptors() -> Iterator[str]:
    for link in Path("/proc/self/fd").iterdir():
        try:
            yield f"{link.name} {link.readlink()}"
        except FileNotFoundError:  # the one that lists the folder
            continue
