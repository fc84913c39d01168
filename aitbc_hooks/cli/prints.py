"""What plugins print while the host runs: it becomes whole lines of the log."""

from __future__ import annotations

import io
import threading
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import click

from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    # What `bytes()` takes; typeshed's own name for it.
    from _typeshed import ReadableBuffer

__all__ = ["prints_as_lines"]

#: A line that never ends is told in pieces of so many bytes.
_LONGEST: Final = 65536


@contextmanager
def prints_as_lines(write: Callable[[str], None], descriptor: int | None) -> Iterator[None]:
    """Replace `sys.stdout` and `sys.stderr` inside a ``with`` statement.

    Args:
        write: Prints a line, with its end.
        descriptor: What the replacements give as their `fileno()`: a plugin may hand them to a
            child process, whose output goes there.
    """
    lines = _Lines(write, descriptor)
    # It is not closed: threads that plugins leave behind may print on it later.
    stream = io.TextIOWrapper(
        cast("BinaryIO", lines), "utf-8", "backslashreplace", write_through=True
    )
    with redirect_stdout(stream), redirect_stderr(stream):
        try:
            yield
        finally:
            lines.end()


class _Lines(io.BufferedIOBase):
    """Gathers bytes into lines of text, nothing in which could steer a terminal."""

    def __init__(self, write: Callable[[str], None], descriptor: int | None) -> None:
        super().__init__()
        self._tell = write
        self._descriptor = descriptor
        self._rest = b""
        # A signal's handler may print while a line is being printed.
        self._lock = threading.RLock()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return super().fileno() if self._descriptor is None else self._descriptor

    def write(self, data: ReadableBuffer, /) -> int:
        with self._lock:
            taken = bytes(data)
            *lines, self._rest = (self._rest + taken).split(b"\n")
            if len(self._rest) > _LONGEST:
                lines, self._rest = [*lines, self._rest], b""
        for line in lines:
            self._line(line)
        return len(taken)

    def end(self) -> None:
        """Tell of what was printed without an end of line."""
        rest, self._rest = self._rest, b""
        if rest:
            self._line(rest)

    def _line(self, line: bytes) -> None:
        text = click.unstyle(line.decode(errors="replace")).expandtabs()
        self._tell(printable(text) + "\n")
