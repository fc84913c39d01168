"""What the system says of threads and child processes: whether they work, or sleep.

Who sleeps may be waiting for ever. Who runs, waits for a disk, or is about to end has something to
do, however long a busy machine lets it wait for its turn. Only Linux tells; elsewhere all sleep.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import threading

__all__ = ["process_works", "thread_works"]

_OWN_TASKS: Final = "/proc/self/task"
#: Running or about to; waiting for a disk; ended, and not yet waited for.
_WORKING: Final = frozenset("RDZX")
#: What a process tells of the signals that it has still to take.
_PENDING: Final = ("SigPnd:", "ShdPnd:")


def thread_works(thread: threading.Thread) -> bool:
    """Return whether a thread of this process works, or waits for a disk."""
    return _state(f"{_OWN_TASKS}/{thread.native_id}/stat") in ("R", "D")


def process_works(process: int) -> bool:
    """Return whether a process, or one that it has started, works or has a signal to take."""
    queue = [process]
    while queue:
        pid = queue.pop()
        if _state(f"/proc/{pid}/stat") in _WORKING or _has_signal(pid):
            return True
        queue += _children(pid)
    return False


def _children(process: int) -> list[int]:
    folder = f"/proc/{process}/task"
    try:
        tasks = os.listdir(folder)  # noqa: PTH208 - Path objects cost more than the look
    except OSError:
        return []
    return [int(pid) for task in tasks for pid in _read(f"{folder}/{task}/children").split()]


def _has_signal(pid: int) -> bool:
    lines = _read(f"/proc/{pid}/status").splitlines()
    return any(int(line.split()[1], 16) for line in lines if line.startswith(_PENDING))


def _state(path: str) -> str:
    """Return the letter for a state; an empty text for what is gone."""
    fields = _read(path).rpartition(")")[2].split()
    return fields[0] if fields else ""


def _read(path: str) -> str:
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - as above
            return file.read().decode("ascii", "replace")
    except OSError:
        return ""
