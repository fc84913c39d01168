"""What the other threads of this process are at."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["frames_of_others"]


def frames_of_others() -> dict[int, FrameType]:
    """Return the innermost frame of each thread but this one, by the thread's number.

    The caller's own would be in a cycle with the result that it holds, and so keep what the other
    threads have in hand until the next garbage collection.
    """
    frames = sys._current_frames()  # noqa: SLF001 - documented for this purpose
    frames.pop(threading.get_ident(), None)
    return frames
