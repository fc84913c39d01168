"""Running a plugin's command as the host does, and what comes of it."""

from __future__ import annotations

import inspect
import shlex
from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.testing.kit.interfaces.commands import guarded, require_groups
from aitbc_hooks.testing.kit.trials.isolated import EndlessError, isolated
from aitbc_hooks.testing.kit.trials.raised import told
from aitbc_hooks.testing.kit.watching.contacts import contacts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

__all__ = ["USAGE", "Ended", "run"]

#: The exit status for wrong usage.
USAGE: Final = 2

_HOST: Final = "aitbc-hooks"


@attrs.frozen
class Ended:
    """How a command has ended.

    Attributes:
        line: Its words.
        status: The exit status that the host would give it; None where it has none.
        wrong: What it did instead, in words.
        error: What it raised.
        printed: What it printed.
        contacts: Whom it spoke to, or tried to.
        strayed: The working directory that it left behind, if that is another one.
    """

    line: str
    status: int | None = None
    wrong: str = ""
    error: BaseException | None = None
    printed: str = ""
    contacts: tuple[str, ...] = ()
    strayed: str | None = None

    @property
    def how(self) -> str:
        """How it ended, in words about "it"."""
        return self.wrong or f"ended with {self.status}"

    @property
    def unreached(self) -> bool:
        """Whether it raised because somebody was not reached."""
        return bool(self.contacts) and self.error is not None


def run(list_groups: Callable[[], Any], line: Sequence[str], folder: Path) -> Ended:
    """Run one command in isolation, as the host runs it: below a root, with no loop running.

    Args:
        list_groups: The plugin's get_commands().
        line: The words of the command line, without the host's name.
        folder: The working directory.

    Raises:
        Violation: There are no groups that the host could mount.
    """
    with contacts() as found, isolated(folder) as isolation:
        groups = require_groups(guarded(list_groups, "get_commands"))
        root = click.Group(_HOST, commands={str(group.name): group for group in groups})
        isolation.forget()
        ended = _invoke(root, line)
        return attrs.evolve(
            ended,
            printed=isolation.printed,
            contacts=tuple(found),
            strayed=isolation.strayed,
        )


def _invoke(root: click.Group, line: Sequence[str]) -> Ended:
    text = shlex.join(line)
    try:
        with root.make_context(_HOST, [*line]) as context:
            result = root.invoke(context)
    except EndlessError as error:
        return Ended(text, wrong=str(error))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - the command's own
        return _ended_by(error, text)
    if inspect.iscoroutine(result):
        result.close()
        return Ended(text, wrong="returned a coroutine, which nobody awaits")
    return Ended(text, 0)


def _ended_by(error: BaseException, text: str) -> Ended:
    """Return what the host makes of an exception; see `aitbc_hooks.cli.exits`."""
    if isinstance(error, click.exceptions.Exit):
        return Ended(text, error.exit_code)
    if isinstance(error, SystemExit):
        code = error.code
        return Ended(text, code if isinstance(code, int) else int(code is not None))
    if isinstance(error, click.ClickException):
        return _shown(error, text)
    if isinstance(error, click.Abort | EOFError | AitbcError):
        return Ended(text, 1)
    return Ended(text, wrong=f"raised {told(error)}", error=error)


def _shown(error: click.ClickException, text: str) -> Ended:
    try:
        error.show()
    except Exception as fault:  # noqa: BLE001 - the author may have overridden it
        return Ended(text, wrong=f"raised {told(fault)} when its error was to be shown")
    return Ended(text, error.exit_code)
