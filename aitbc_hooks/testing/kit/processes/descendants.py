"""Processes that a child has left: on Linux they are adopted, so that they can be ended."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.watching.holdings import children_of

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["adopt", "adopting", "end_descendants"]

#: prctl(2): whose children orphaned descendants become.
_SET_CHILD_SUBREAPER: Final = 36
_GET_CHILD_SUBREAPER: Final = 37

_before: set[int] = set()


def adopt(*, wanted: bool = True) -> bool:
    """Become the parent of orphaned descendants, or cease to; return whether it was so before."""
    try:
        prctl = ctypes.CDLL(None).prctl
        state = ctypes.c_int(0)
        prctl(_GET_CHILD_SUBREAPER, ctypes.byref(state), 0, 0, 0)
        prctl(_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
    except (AttributeError, OSError):  # not Linux
        return False
    return bool(state.value)


@contextlib.contextmanager
def adopting() -> Iterator[None]:
    """Adopt orphans during the body of the ``with`` statement."""
    before = adopt()
    _before.update(children_of())
    try:
        yield
    finally:
        _before.clear()
        adopt(wanted=before)


def end_descendants() -> None:
    """Kill the processes that have become children of this one since `adopting` was entered."""
    for _ in range(10):  # what is killed may leave orphans of its own
        orphans = children_of().keys() - _before
        if not orphans:
            return
        for pid in orphans:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in orphans:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)
