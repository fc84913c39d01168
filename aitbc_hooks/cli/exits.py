"""How the command line ends: exit statuses, what is said about an error, and leaving at last."""

from __future__ import annotations

import contextlib
import enum
import os
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn, TextIO

import click

from aitbc_hooks.errors import (
    AitbcError,
    ConfigError,
    DependencyError,
    HookError,
    PluginInactiveError,
    PluginNameError,
    PluginNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aitbc_hooks.cli.session import Session

__all__ = [
    "Status",
    "describe_error",
    "drop_output",
    "end_now",
    "guarded",
    "leave",
    "status_of",
    "unwritable",
]

#: Seconds that threads which a plugin left behind have to end by themselves.
_PATIENCE: Final = 2.0


class Status(enum.IntEnum):
    """The exit statuses; `docs/cli.md` has them as a table."""

    OK = 0
    FAILED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFIG = 4
    UNVERIFIED = 5
    UNSATISFIED = 6
    UNHEALTHY = 7
    INCONCLUSIVE = 8
    INTERRUPTED = 130


_BY_CLASS: Final[tuple[tuple[type[AitbcError], Status], ...]] = (
    (ConfigError, Status.CONFIG),
    (PluginNotFoundError, Status.NOT_FOUND),
    (PluginInactiveError, Status.NOT_FOUND),
    (DependencyError, Status.UNSATISFIED),
    (PluginNameError, Status.UNSATISFIED),
)


def status_of(error: AitbcError) -> Status:
    """Return the exit status that an error's class stands for."""
    return next((status for cls, status in _BY_CLASS if isinstance(error, cls)), Status.FAILED)


def describe_error(error: AitbcError) -> str:
    """Return what is said about an error; a configuration's problems keep a line each."""
    problems = getattr(error, "problems", ())
    if not problems:
        return f"Error: {error}"
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([f"Error: {count} in the configuration:", *map(str, problems)])


def guarded(args: Sequence[str], session: Session) -> int:
    """Run the root command; say what went wrong, and return the exit status.

    An error that the host knows, and whatever a plugin's command raises, is one message, with a
    traceback only under ``-v``; anything else is a bug and shows where it is.
    """
    try:
        _run(args, session)
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except BaseException as error:  # noqa: BLE001 - the process ends here
        return _ended_by(error, session)
    return Status.OK


def _run(args: Sequence[str], session: Session) -> None:
    from aitbc_hooks.cli.root import NAME, root  # noqa: PLC0415 - it imports this module

    if sys.stdout is None:  # the process was started with it closed
        raise unwritable("it is closed")
    with root.make_context(NAME, list(args), obj=session) as ctx:
        root.invoke(ctx)
    sys.stdout.flush()


def _ended_by(error: BaseException, session: Session) -> int:
    """Return the exit status, after what is to be said was said."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return _asked_for(error.code)
    if isinstance(error, OSError) and (fault := _fault_of_stdout()):
        if isinstance(fault, BrokenPipeError):
            return Status.OK
        error = unwritable(fault.strerror or str(fault))
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, click.Abort | EOFError):
        click.echo("Aborted!", err=True)
        return Status.FAILED
    return _told(error, session)


def _told(error: BaseException, session: Session) -> int:
    """Return the exit status of what is told with a code, or as a bug."""
    if session.command_owner and not isinstance(error, AitbcError):
        error = _raised_by_command(error, session.command_owner)
    if isinstance(error, AitbcError):
        _show(error, session)
        return status_of(error)
    _trace(error, session)
    return Status.FAILED


def _raised_by_command(error: BaseException, plugin: str) -> HookError:
    from aitbc_hooks.lifecycle.failure import shown  # noqa: PLC0415 - plugins are loaded

    first = "".join(shown(error, str).splitlines()[:1])
    message = f"its command raised {type(error).__name__}" + (f": {first}" if first else ".")
    failure = HookError(message, plugin=plugin, code="AITBC-H07")
    failure.__cause__ = error
    return failure


def _asked_for(code: object) -> int:
    """Return what `sys.exit` means by its argument, as the interpreter would."""
    if code is None or isinstance(code, int):
        return code or Status.OK
    click.echo(str(code), err=True)
    return Status.FAILED


def _trace(error: BaseException, session: Session) -> None:
    import traceback  # noqa: PLC0415 - rarely needed

    text = "".join(traceback.format_exception(error))
    click.echo(session.redact(text), err=True, nl=False)


def _show(error: AitbcError, session: Session) -> None:
    from aitbc_hooks.cli.session import wants_color  # noqa: PLC0415 - it is there already

    color = wants_color(session.color)
    if session.verbosity > 0:
        _trace(error, session)
    first, *rest = session.redact(describe_error(error)).split("\n")
    click.echo(click.style(first, fg="red"), err=True, color=color)
    for line in rest:
        click.echo(line, err=True)


def unwritable(reason: str) -> AitbcError:
    """Return the error for a stdout that takes nothing (``AITBC-S02``)."""
    return AitbcError(f"stdout cannot be written: {reason}.", code="AITBC-S02")


def _fault_of_stdout() -> OSError | None:
    """Return what is wrong with stdout, found by writing an empty line; None if nothing is."""
    try:
        sys.stdout.write("\n")
        sys.stdout.flush()
    except OSError as error:
        drop_output(sys.stdout)
        return error
    return None


def drop_output(stream: TextIO) -> None:
    """Drop what is buffered: the interpreter flushes when it ends, and would complain."""
    with contextlib.suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream.fileno())
        os.close(null)


def leave(status: int, leftovers: Sequence[str] = ()) -> NoReturn:
    """End the process, even where plugins' threads never end.

    Args:
        status: The exit status.
        leftovers: What is known to be running still.

    Raises:
        SystemExit: With the status, where nothing keeps the process from ending.
    """
    running = [*leftovers, *_threads_left(_PATIENCE)]
    if not running:
        sys.exit(status)
    click.echo(f"Leaving without: {', '.join(running)}.", err=True)
    end_now(status)


def end_now(status: int) -> NoReturn:
    """End the process at once, with what was printed so far."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            continue  # nobody reads it any more
    os._exit(status)


def _threads_left(seconds: float) -> list[str]:
    """Return the names of threads that would hold up the interpreter's end."""
    others = [
        thread
        for thread in threading.enumerate()
        if thread is not threading.current_thread() and not thread.daemon
    ]
    for thread in others:
        thread.join(seconds / len(others))
    return [f"thread {thread.name}" for thread in others if thread.is_alive()]
