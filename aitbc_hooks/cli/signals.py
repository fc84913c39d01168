"""Signals that ask the process to end, so that plugins are unloaded all the same."""

from __future__ import annotations

import signal
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, Self

from aitbc_hooks.cli.exits import end_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from aitbc_hooks.cli.loop import HostLoop

__all__ = ["TERMINATING", "Termination", "handling"]

#: What ends a process from outside; some systems have no SIGHUP.
TERMINATING: Final = tuple(
    signal.Signals[name] for name in ("SIGTERM", "SIGHUP") if name in signal.Signals.__members__
)

_FATAL: Final = 128


@contextmanager
def handling(
    handler: Callable[[int, FrameType | None], None], numbers: Iterable[signal.Signals]
) -> Iterator[None]:
    """Handle signals inside a ``with`` statement; a SIGHUP that `nohup` has ignored stays so."""
    before = [
        (number, signal.signal(number, handler))
        for number in numbers
        if number.name != "SIGHUP" or signal.getsignal(number) is not signal.SIG_IGN
    ]
    try:
        yield
    finally:
        for number, previous in before:
            signal.signal(number, previous)


class Termination:
    """Ends a plugin's command at SIGTERM or SIGHUP, with 128 and the signal's number.

    A context manager around the command and the unloading of its plugins. The command ends as by
    `sys.exit`; a loop that turns is left by cancelling what it runs, and unloading is let finish.
    A second signal ends the process at once.

    Args:
        loop: Starts and stops the plugins.
    """

    def __init__(self, loop: HostLoop) -> None:
        self._loop = loop
        self._status: int | None = None
        self._unloading = False
        self._handling = handling(self._handle, TERMINATING)

    def __enter__(self) -> Self:
        self._handling.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        self._handling.__exit__(None, None, None)
        if self._status is not None:
            raise SystemExit(self._status)

    def unloading(self) -> None:
        """Take note that plugins are being unloaded: no signal has to ask for it any more."""
        self._unloading = True

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        again = self._status is not None
        self._status = _FATAL + number
        if again:
            end_now(self._status)
        if not self._unloading and not self._loop.cancel():
            raise SystemExit(self._status)
