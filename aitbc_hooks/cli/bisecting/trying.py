"""Running the command with some of the plugins, and none of the others."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from typing import TYPE_CHECKING, NoReturn

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

__all__ = ["Run", "Trial", "ending_on_signals"]


@attrs.frozen
class Run:
    """How one run of the command has ended.

    Attributes:
        plugins: The plugins that it was allowed.
        status: The exit status, negative for a signal; None if the time was over.
    """

    plugins: tuple[str, ...]
    status: int | None

    @property
    def breaks(self) -> bool:
        """Whether it did not end well."""
        return self.status != 0

    def __str__(self) -> str:
        if self.status is None:
            return "does not end in time"
        if self.status >= 0:
            return f"breaks (exit status {self.status})" if self.status else "works"
        try:
            return f"breaks ({signal.Signals(-self.status).name})"
        except ValueError:
            return f"breaks (signal {-self.status})"


@attrs.frozen
class Trial:
    """A command that can be run with any of the plugins.

    The others are disabled by environment variables, which come before every file: nothing is
    written, and whatever starts a host in the command, sees the same.

    Attributes:
        command: The command and its arguments, or one text for a shell.
        candidates: The plugins that can be left out.
        config: The configuration; None leaves it to be found.
        timeout: Seconds that a run may take; None for any.
        shown: Whether what the command prints is shown.
    """

    command: Sequence[str] | str
    candidates: Sequence[str]
    config: Path | None = None
    timeout: float | None = None
    shown: bool = False

    def run(self, plugins: frozenset[str]) -> Run:
        """Run the command with these plugins and none of the other candidates.

        Raises:
            OSError: It cannot be started.
        """
        output = None if self.shown else subprocess.DEVNULL
        child = subprocess.Popen(  # noqa: S603 - the user's own command
            self.command,
            shell=isinstance(self.command, str),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=self._environment(plugins),
            start_new_session=True,
        )
        try:
            status: int | None = child.wait(self.timeout)
        except subprocess.TimeoutExpired:
            status = None
        finally:
            _end(child)
        return Run(tuple(name for name in self.candidates if name in plugins), status)

    def _environment(self, plugins: frozenset[str]) -> Mapping[str, str]:
        switches = {
            f"AITBC_PLUGINS__{name.upper().replace('-', '_')}__ENABLED": "false"
            for name in self.candidates
            if name not in plugins
        }
        named = {} if self.config is None else {"AITBC_CONFIG": str(self.config.absolute())}
        return os.environ | named | switches


def _end(child: subprocess.Popen[bytes]) -> None:
    """End whatever of the command is running still."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP unwind the stack, so that no run of the command is left behind."""

    def leave(number: int, _frame: object) -> NoReturn:
        raise SystemExit(128 + number)

    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, leave) for number in numbers]
    try:
        yield
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
