"""Where a plugin holds up the loop: a thread that looks, every few milliseconds, what it does.

What counts is what a busy machine cannot feign: time that the loop's thread has spent computing in
one callback, or sleeping in it (not waiting for its turn, nor for a disk), with the plugin's own
code on the stack.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.watching.witness import UNKNOWN, place_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.testing.kit.trials.halting import HaltingLoop

__all__ = ["watch_for_stalls"]

#: Seconds between two looks.
_PERIOD: Final = 0.01
#: Seconds of computing in one callback that are too many.
_COMPUTING: Final = 0.05
#: Looks in a row that find the thread asleep in one callback: about 50 ms.
_ASLEEP: Final = 5


class _Sampler(threading.Thread):
    """Looks at the loop's thread until it is told to end."""

    looks_on = True  # it never wakes the loop, which need not wait for it

    def __init__(self, loop: HaltingLoop) -> None:
        super().__init__(name="aitbc-hooks-stalls", daemon=True)
        self.places: list[str] = []
        self.done = threading.Event()
        self._loop = loop
        self._observed = threading.get_ident()
        self._state = Path(f"/proc/self/task/{threading.get_native_id()}/stat")
        self._clock = time.pthread_getcpuclockid(self._observed)
        self._callback = 0
        self._computed = 0.0
        self._asleep = 0

    def run(self) -> None:
        while not self.done.wait(_PERIOD):
            self._look()

    def _look(self) -> None:
        callback = self._loop.callback
        computed = time.clock_gettime(self._clock)
        if callback % 2 == 0 or callback != self._callback:
            self._callback, self._computed, self._asleep = callback, computed, 0
            return
        self._asleep = self._asleep + 1 if self._sleeps() else 0
        if self._asleep >= _ASLEEP:
            self._note("waits")
        elif computed - self._computed >= _COMPUTING:
            self._note("computes")

    def _sleeps(self) -> bool:
        try:
            return self._state.read_text("ascii", "replace").rpartition(")")[2].split()[0] == "S"
        except OSError:  # not Linux
            return False

    def _note(self, what: str) -> None:
        frame = sys._current_frames().get(self._observed)  # noqa: SLF001 - documented for it
        place = place_of(frame)
        if place != UNKNOWN and self._callback == self._loop.callback:
            self.places.append(f"it {what} for more than 50 ms at {place}")
        self._callback = -1  # one note for each callback


@contextlib.contextmanager
def watch_for_stalls(loop: HaltingLoop) -> Iterator[list[str]]:
    """Look what the loop, which runs in this thread, does in the body of the ``with`` statement.

    Yields:
        Where the plugin's code has held it up, in words; complete when the body has ended.
    """
    sampler = _Sampler(loop)
    loop.watched = True
    sampler.start()
    try:
        yield sampler.places
    finally:
        sampler.done.set()
        sampler.join()
        loop.watched = False
