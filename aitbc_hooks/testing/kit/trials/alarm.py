"""An alarm for a plugin that does not give control back: the kit itself must go on."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING

from aitbc_hooks.testing.kit.outcomes import Inconclusive, Violation
from aitbc_hooks.testing.kit.trials.halting import HaltingLoop
from aitbc_hooks.testing.kit.watching.witness import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["PATIENCE", "alarm"]

#: Real seconds that one trial may take before it is ended.
PATIENCE: float = 5.0


class _RangError(BaseException):
    """Thrown into whatever runs when the alarm rings; no `except Exception` keeps it."""


class _Alarm:
    def __init__(self) -> None:
        self.place = ""
        self.waited = False

    def ring(self, _signal: int, frame: FrameType | None) -> None:
        if not self.place:
            self.waited = _in_the_loops_own_wait(frame)
            self.place = place_of(frame)
        raise _RangError


@contextlib.contextmanager
def alarm(seconds: float | None = None) -> Iterator[None]:
    """End the body of the ``with`` statement if it takes too long.

    It needs the main thread, and a timer that nobody uses; elsewhere it never rings, and a plugin
    that holds on to the thread has to be tried in a child process.

    Args:
        seconds: Real seconds; by default `PATIENCE`.

    Raises:
        Violation: The plugin's code did not give control back.
        Inconclusive: The plugin waited for something real all the time.
    """
    seconds = PATIENCE if seconds is None else seconds
    if not _is_free():
        yield
        return
    bell = _Alarm()
    before = signal.signal(signal.SIGALRM, bell.ring)
    signal.setitimer(signal.ITIMER_REAL, seconds, 1.0)  # again, for those that catch everything
    try:
        yield
    except BaseException:
        _hush(before)
        _say(bell, seconds)
        raise
    _hush(before)
    _say(bell, seconds)


def _is_free() -> bool:
    return (
        threading.current_thread() is threading.main_thread()
        and hasattr(signal, "setitimer")
        and signal.getitimer(signal.ITIMER_REAL)[0] == 0
    )


def _hush(before: object) -> None:
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)  # type: ignore[arg-type]  # what signal() has returned


def _say(bell: _Alarm, seconds: float) -> None:
    if not bell.place:
        return
    if bell.waited:
        raise Inconclusive(f"one trial took more than {seconds:g} s, waiting for something real.")
    raise Violation(f"expected that it gives control back; it held on to it at {bell.place}.")


def _in_the_loops_own_wait(frame: FrameType | None) -> bool:
    """Whether the event loop itself waits, and no plugin's code runs."""
    while frame is not None:
        owner = frame.f_locals.get("self")
        if frame.f_code is HaltingLoop.call_halted.__code__:
            return False  # a command runs, and the loop does not
        if isinstance(owner, asyncio.AbstractEventLoop):
            return frame.f_code.co_name != "_run_once" or "select" in frame.f_code.co_name
        if frame.f_code.co_name == "_run" and isinstance(owner, asyncio.Handle):
            return False
        frame = frame.f_back
    return False
