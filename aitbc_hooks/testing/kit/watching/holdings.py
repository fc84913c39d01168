"""What the process holds at one moment: threads, file descriptors, child processes."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

__all__ = ["Holdings", "children_of", "own_threads", "purpose_of", "running_tasks"]

_FDS: Final = "/proc/self/fd"
_TASKS: Final = "/proc/self/task"
#: Workers of the loop's own executor, and the thread of one call of a legacy method, are the
#: host's; so is the thread that asyncio waits for a child process in, before Python 3.12.
_HOSTS_THREADS: Final = ("asyncio_", "aitbc-hooks", "waitpid-", "asyncio-waitpid-")
_HOSTS_TASKS: Final = "aitbc-hooks:"


def _descriptors() -> dict[int, str]:
    """Return file descriptor -> what it is open on; empty where the system does not tell."""
    found: dict[int, str] = {}
    try:
        names = os.listdir(_FDS)  # noqa: PTH208 - Path objects would cost more than the look
    except OSError:
        return found
    for name in names:
        try:
            found[int(name)] = os.readlink(f"{_FDS}/{name}")  # noqa: PTH115 - the same
        except OSError:  # the descriptor of the look itself
            continue
    return found


def children_of(pid: int | str = "self") -> dict[int, str]:
    """Return process id -> command of the children of a process, those not waited for too."""
    found: dict[int, str] = {}
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            pids = (task / "children").read_text("ascii").split()
        except OSError:
            continue
        for child in pids:
            if (command := _command(child)) is not None:
                found[int(child)] = command
    return found


def _command(pid: str) -> str | None:
    """Return a process's command; None if there is no such process any more."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace")
    except OSError:
        return None
    name, _, rest = text.partition("(")[2].rpartition(")")
    return f"{name} (ended, never waited for)" if rest.split()[0] == "Z" else name


@attrs.frozen
class Holdings:
    """Threads, descriptors and child processes at one moment."""

    threads: frozenset[threading.Thread]
    descriptors: dict[int, str]
    children: dict[int, str]

    @classmethod
    def now(cls) -> Holdings:
        """Look around."""
        return cls(frozenset(threading.enumerate()), _descriptors(), children_of())

    def beyond(self, before: Holdings, *, but: Collection[int] = ()) -> list[str]:
        """Say what is held now and was not before, a phrase each.

        Args:
            before: What was held before.
            but: File descriptors that are the loop's own.
        """
        threads = [f"thread {thread.name}" for thread in own_threads(self.threads - before.threads)]
        descriptors = [
            f"file descriptor on {_kind(what)}"
            for number, what in self.descriptors.items()
            if before.descriptors.get(number) != what and number not in but
        ]
        children = [
            f"child process {command}"
            for pid, command in self.children.items()
            if pid not in before.children
        ]
        return sorted(threads) + sorted(descriptors) + sorted(children)


def own_threads(threads: Iterable[threading.Thread]) -> list[threading.Thread]:
    """Return those of some threads that are not the host's, and go on."""
    return [
        thread
        for thread in threads
        if not thread.name.startswith(_HOSTS_THREADS) and thread.is_alive()
    ]


def _kind(what: str) -> str:
    """Return what a descriptor is open on, without the number that differs in every run."""
    kind, bracket, _ = what.partition(":[")
    return f"a {kind}" if bracket else what


def running_tasks(loop: asyncio.AbstractEventLoop) -> list[asyncio.Task[object]]:
    """Return the tasks that are not the host's, nor the current one, and go on."""
    current = asyncio.current_task(loop)
    tasks = [
        task
        for task in asyncio.all_tasks(loop)
        if task is not current
        and not task.get_name().startswith(_HOSTS_TASKS)
        and not task.cancelling()
    ]
    return sorted(tasks, key=lambda task: task.get_name())


def purpose_of(task: asyncio.Task[object]) -> str:
    """Return what a task runs; its name may be a number that differs in every run."""
    coroutine = task.get_coro()
    return getattr(coroutine, "__qualname__", type(coroutine).__name__)
