"""A directory and standard streams of its own for what runs in this process meanwhile.

click's own test runner is not used: its streams have no file descriptors, so a command that hands
them to a child process would fail there and nowhere else, and a child would print into the
author's terminal and read from it.
"""

from __future__ import annotations

import contextlib
import functools
import getpass
import io
import logging
import os
import sys
import tempfile
import threading
import time
from typing import TYPE_CHECKING, Any, Final, NoReturn

import attrs
import click

from aitbc_hooks.testing.kit.trials.alarm import PATIENCE
from aitbc_hooks.testing.kit.watching.surroundings import preserved
from aitbc_hooks.testing.kit.watching.witness import place_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["EndlessError", "Isolation", "isolated"]

#: Bytes of what is printed that are kept.
_KEPT: Final = 65_536
#: Reads at the end of the standard input after which it is clear that more will follow.
_READS: Final = 1000
#: No editor, pager or browser opens.
_TOOLS: Final = {"EDITOR": "true", "VISUAL": "true", "PAGER": "cat", "BROWSER": "true"}
_HOMES: Final = ("HOME", "TMPDIR", "TEMP", "TMP", "USERPROFILE")
_UNSET: Final = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


class EndlessError(BaseException):
    """What runs will not end in time; no `except Exception` keeps it."""


@attrs.define
class Isolation:
    """What is seen of what runs in isolation.

    Attributes:
        folder: The working directory.
    """

    folder: Path
    _tapes: tuple[_Tape, ...]

    @property
    def printed(self) -> str:
        """What was printed, on both streams; long output is cut."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(Exception):  # it may have been closed, or replaced
                stream.flush()
        return "".join(tape.kept.decode("utf-8", "replace") for tape in self._tapes)

    def forget(self) -> None:
        """Forget what was printed so far."""
        _ = self.printed
        for tape in self._tapes:
            tape.kept.clear()

    @property
    def strayed(self) -> str | None:
        """The working directory, if it is another one by now."""
        try:
            here = os.getcwd()  # noqa: PTH109 - the string itself is compared
        except OSError:  # it was removed
            return None
        return None if here == os.path.realpath(self.folder) else here


@contextlib.contextmanager
def isolated(folder: Path) -> Iterator[Isolation]:
    """Give the body of the ``with`` statement a working directory, an empty input, and no terminal.

    Its home and its temporary files are below the directory too. The state of the process is put
    back afterwards.

    Args:
        folder: The working directory; it is made.

    Raises:
        EndlessError: The body sleeps, or reads its empty input, for longer than anybody waits.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tapes = _Tape(1), _Tape(2)
    with preserved(), _null_descriptors(), contextlib.ExitStack() as stack:
        os.chdir(folder)
        os.environ.update(_TOOLS, **dict.fromkeys(_HOMES, str(folder)))
        for name in _UNSET:
            os.environ.pop(name, None)
        # Without a handler, logging itself would print warnings.
        logging.getLogger().addHandler(logging.NullHandler())
        sys.stdin = io.TextIOWrapper(io.BufferedReader(_NoInput()), encoding="utf-8")
        sys.stdout, sys.stderr = map(_text_stream, tapes)
        for owner, name, value in _replacements():
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, value)
        yield Isolation(folder, tapes)


def _replacements() -> tuple[tuple[Any, str, Any], ...]:
    """Return what would reach for the terminal, or wait: owner, name, what takes its place."""
    return (
        (tempfile, "tempdir", None),
        (getpass, "getpass", _asked),
        (click.termui, "_getchar", _asked),
        (time, "sleep", functools.partial(_sleep, time.sleep)),
    )


def _asked(*_args: object, **_options: object) -> NoReturn:
    raise EOFError("there is no terminal to ask on")


def _sleep(real: Any, seconds: float, /) -> None:
    # A thread that the plugin has started may sleep for as long as it likes.
    if seconds >= PATIENCE and threading.current_thread() is threading.main_thread():
        raise EndlessError(f"sleeps for {seconds:g} s at {place_of(sys._getframe(1))}")  # noqa: SLF001 - documented for it
    real(seconds)


class _NoInput(io.RawIOBase):
    """An empty file; nobody asks it for more without an end."""

    def __init__(self) -> None:
        self._reads = 0

    def fileno(self) -> int:
        return 0

    def readable(self) -> bool:
        return True

    def readinto(self, _buffer: object) -> int:
        self._reads += 1
        if self._reads > _READS:
            raise EndlessError(
                "reads its standard input again and again, past its end, at "
                f"{place_of(sys._getframe(1))}"  # noqa: SLF001 - documented for it
            )
        return 0


class _Tape(io.RawIOBase):
    """A file that keeps the beginning of what is written to it."""

    def __init__(self, number: int) -> None:
        self._number = number
        self.kept = bytearray()

    def fileno(self) -> int:
        return self._number

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.kept += bytes(data[: _KEPT - len(self.kept)])
        return len(data)


def _text_stream(tape: _Tape) -> io.TextIOWrapper:
    errors = "strict" if tape.fileno() == 1 else "backslashreplace"  # as the interpreter has them
    return io.TextIOWrapper(io.BufferedWriter(tape), encoding="utf-8", errors=errors)


@contextlib.contextmanager
def _null_descriptors() -> Iterator[None]:
    """Put the null device in the place of the standard streams, for child processes."""
    kept = [_duplicate(number) for number in range(3)]
    null = os.open(os.devnull, os.O_RDWR)
    try:
        for number in range(3):
            os.dup2(null, number)
        yield
    finally:
        for number, copy in enumerate(kept):
            if copy is None:
                os.close(number)
            else:
                os.dup2(copy, number)
                os.close(copy)
        if null > 2:  # noqa: PLR2004 - beyond the standard streams
            os.close(null)


def _duplicate(number: int) -> int | None:
    try:
        return os.dup(number)
    except OSError:  # it is closed
        return None
