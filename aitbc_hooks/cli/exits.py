"""How the command line ends: exit statuses, what is said about an error, and leaving at last."""

from __future__ import annotations

import enum
import os
import sys
import threading
from typing import TYPE_CHECKING, Final, NoReturn

import click

from aitbc_hooks.errors import (
    AitbcError,
    ConfigError,
    DependencyError,
    PluginInactiveError,
    PluginNameError,
    PluginNotFoundError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from aitbc_hooks.cli.session import Session

__all__ = ["Status", "describe_error", "end_now", "guarded", "leave", "status_of"]

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

    An error that the host knows is one message, with a traceback only under ``-v``; anything else
    is a bug and shows where it is.
    """
    from aitbc_hooks.cli.root import NAME, root  # noqa: PLC0415 - it imports this module

    try:
        with root.make_context(NAME, list(args), obj=session) as ctx:
            root.invoke(ctx)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return Status.INTERRUPTED
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the process ends here
        return _ended_by(error, session)
    return Status.OK


def _ended_by(error: BaseException, session: Session) -> int:
    """Return the exit status, after what is to be said was said."""
    if isinstance(error, click.exceptions.Exit):
        return error.exit_code
    if isinstance(error, SystemExit):
        return _asked_for(error.code)
    if isinstance(error, BrokenPipeError) and not _reader_is_there():
        return Status.OK
    if isinstance(error, click.ClickException):
        error.show()
        return error.exit_code
    if isinstance(error, AitbcError):
        _show(error, session)
        return status_of(error)
    if isinstance(error, click.Abort | EOFError):
        click.echo("Aborted!", err=True)
    else:
        _trace(error, session)
    return Status.FAILED


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


def _reader_is_there() -> bool:
    """Whether somebody still reads what is printed; if not, what is buffered is dropped."""
    import select  # noqa: PLC0415 - rarely needed

    watch = select.poll()
    watch.register(sys.stdout.fileno(), 0)  # errors are told without being asked for
    if not watch.poll(0):
        return True
    # The interpreter flushes once more when it ends, and would complain.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return False


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
