"""Noticing that something blocks the event loop, and where."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

__all__ = ["STALL", "StallWatch"]

#: Seconds without a sign of life from the loop that count as blocked.
STALL: Final = 1.0


class StallWatch:
    """A thread that watches whether an event loop turns.

    A context manager, entered and left in the loop's own thread. Each stall is told once, while
    it lasts, in the watching thread.

    Args:
        on_stall: Called with the frame that blocks, and its formatted stack.
        threshold: Seconds without a turn that count as blocked.
    """

    def __init__(
        self, on_stall: Callable[[FrameType, str], None], *, threshold: float = STALL
    ) -> None:
        self._on_stall = on_stall
        self._threshold = threshold
        self._over = threading.Event()
        self._beat = time.monotonic()
        self._told = True

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._ident = threading.get_ident()
        self._pulse()
        self._thread = threading.Thread(target=self._watch, name="aitbc-hooks-stalls", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._timer.cancel()
        self._thread.join()

    def _pulse(self) -> None:
        self._beat = time.monotonic()
        self._told = False
        self._timer = self._loop.call_later(self._threshold / 4, self._pulse)

    def _watch(self) -> None:
        while not self._over.wait(self._threshold / 4):
            if self._told or time.monotonic() - self._beat < self._threshold:
                continue
            self._told = True
            frame = sys._current_frames().get(self._ident)  # noqa: SLF001 - documented for this
            if frame is not None:
                self._on_stall(frame, "".join(traceback.format_stack(frame)))
