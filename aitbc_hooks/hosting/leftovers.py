"""What a plugin leaves behind after `cleanup`: tasks that still run, threads that are alive."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary

import attrs

from aitbc_hooks.frames import frames_of_others
from aitbc_hooks.hosting.origin import in_method_of, in_package_of, outward, owner_of_task

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import FrameType

__all__ = ["ThreadCensus", "leftover_tasks"]

_HOSTS_TASKS: Final = "aitbc-hooks:"
# Workers of the loop's own executor outlive every plugin; asyncio's threads that wait for a child
# process (Python 3.11) end with that; the thread of one call of a legacy method ends with the call,
# or was abandoned and reported with it.
_HOSTS_THREADS: Final = ("asyncio_", "asyncio-waitpid-", "aitbc-hooks", "legacy:")


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
        self._parents: WeakKeyDictionary[threading.Thread, object] = WeakKeyDictionary()

    @contextlib.contextmanager
    def watch(self, owner: object) -> Iterator[None]:
        """Ascribe the threads that the body of the ``with`` statement starts to `owner`."""
        window = _Window(frozenset(threading.enumerate()), alone=not self._open)
        for other in self._open:
            other.alone = False
        self._open.append(window)
        try:
            yield
        finally:
            self._open.remove(window)
            if window.alone:
                born = set(threading.enumerate()) - window.before
                self._parents.update(dict.fromkeys(born, owner))

    def leftover_threads(
        self,
        owner: object,
        plugin: object,
        *,
        others: Collection[object],
        older: Collection[threading.Thread],
    ) -> list[threading.Thread]:
        """Return the living threads that are a plugin's: by birth, else by the code they run.

        Args:
            owner: As given to `watch`.
            plugin: The instance; None if it was never made.
            others: The other instances, whose code may be in the same package.
            older: The threads that are older than the instance.
        """
        frames = frames_of_others()

        def is_its(thread: threading.Thread) -> bool:
            parent = self._parents.get(thread)
            frame = frames.get(thread.ident or 0)
            return parent is owner if parent else _runs(plugin, others, frame)

        return [
            thread
            for thread in threading.enumerate()
            if thread not in older and not thread.name.startswith(_HOSTS_THREADS) and is_its(thread)
        ]


def _runs(plugin: object, others: Collection[object], innermost: FrameType | None) -> bool:
    return any(
        in_method_of(plugin, frame)
        or (
            in_package_of(plugin, frame)
            and not any(in_package_of(other, frame) for other in others)
        )
        for frame in outward(innermost)
    )


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
        and not task.get_name().startswith(_HOSTS_TASKS)
        and owner_of_task(task) is owner
    ]
