"""What a plugin leaves behind after `cleanup`: tasks that still run, threads that are alive."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.hosting.origin import is_of, owner_of_task

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ThreadCensus", "leftover_tasks", "leftover_threads"]


@attrs.define(eq=False)
class _Window:
    """The time that one call of a plugin's method takes."""

    before: frozenset[threading.Thread]
    alone: bool


class ThreadCensus:
    """Knows which plugin's method started which thread.

    Threads inherit no context, so a thread belongs to the plugin whose method ran while it was
    born; where methods of several plugins ran at the time, the census does not guess.
    """

    def __init__(self) -> None:
        self._open: list[_Window] = []

    @contextlib.contextmanager
    def watch(self, born: set[threading.Thread]) -> Iterator[None]:
        """Add to `born` the threads that the body of the ``with`` statement has started."""
        window = _Window(frozenset(threading.enumerate()), alone=not self._open)
        for other in self._open:
            other.alone = False
        self._open.append(window)
        try:
            yield
        finally:
            self._open.remove(window)
            if window.alone:
                born.update(set(threading.enumerate()) - window.before)


def leftover_tasks(owner: object) -> list[asyncio.Task[object]]:
    """Return the tasks of the running loop that were created in `owner`'s name and go on.

    One that has been cancelled and is about to end counts as ended.
    """
    current = asyncio.current_task()
    return [
        task
        for task in asyncio.all_tasks()
        if task is not current
        and not task.cancelling()
        and not _is_hosts(task)
        and owner_of_task(task) is owner
    ]


def leftover_threads(
    plugin: object, born: set[threading.Thread], before: frozenset[threading.Thread]
) -> list[threading.Thread]:
    """Return the living threads that are the plugin's: by birth, or by the code that they run."""
    frames = sys._current_frames()  # noqa: SLF001 - documented for this purpose
    return [
        thread
        for thread in threading.enumerate()
        if thread not in before
        and not _is_executors(thread)
        and (thread in born or is_of(plugin, frames.get(thread.ident or 0)))
    ]


def _is_hosts(task: asyncio.Task[object]) -> bool:
    return task.get_name().startswith("aitbc-hooks:")


def _is_executors(thread: threading.Thread) -> bool:
    """Whether it is a worker of the loop's own executor, which outlives every plugin."""
    return thread.name.startswith("asyncio_")
