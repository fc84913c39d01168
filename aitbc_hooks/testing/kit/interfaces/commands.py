"""A plugin's commands: asking for them, walking through them, and looking at what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs
import click

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.trials.isolated import EndlessError, isolated
from aitbc_hooks.testing.kit.trials.raised import told
from aitbc_hooks.testing.kit.trials.small_host import Wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

__all__ = [
    "Entry",
    "Listing",
    "ask",
    "entries_of",
    "guarded",
    "require_described",
    "require_equal",
    "require_groups",
    "require_line",
]

#: Groups within groups that are followed; click allows a group to hold itself.
_DEPTH: Final = 8


@attrs.frozen
class Entry:
    """A command, and the groups that lead to it.

    Attributes:
        groups: The names and the groups above it, from the top.
        name: Its name in the last of them.
        command: The command.
    """

    groups: tuple[tuple[str, click.Group], ...]
    name: str
    command: click.Command

    @property
    def path(self) -> tuple[str, ...]:
        """The words that lead to it."""
        return (*(name for name, _ in self.groups), self.name)

    def __str__(self) -> str:
        return " ".join(self.path)


@attrs.frozen
class Listing:
    """What asking a plugin for something has brought.

    Attributes:
        value: What it returned.
        printed: What it printed meanwhile.
    """

    value: Any
    printed: str


def ask(function: Callable[[], Any], what: str, folder: Path) -> Listing:
    """Call a function of the plugin in isolation.

    Raises:
        Violation: It raised, or it will not end.
    """
    with isolated(folder) as isolation:
        return Listing(guarded(function, what), isolation.printed)


def guarded(function: Callable[[], Any], what: str) -> Any:
    """Return what a function of the plugin returns.

    Raises:
        Violation: It raised, or it will not end.
    """
    try:
        return function()
    except Wrong:
        raise
    except EndlessError as error:
        raise Wrong("hung", f"{what}() {error}.") from None
    except (Exception, SystemExit) as error:
        raise Wrong("raised", f"{what}() raised {told(error)}.") from error


def require_groups(value: Any) -> list[click.Group]:
    """Return what get_commands() returned, if the host can mount it.

    Raises:
        Violation: It cannot.
    """
    if not isinstance(value, list):
        raise _unfit(f"expected a list of click groups, got {shown(value)}")
    for group in value:
        if not isinstance(group, click.Group):
            raise _unfit(f"expected click groups, got {shown(group)}")
        if not _is_name(group.name):
            raise _unfit(f"expected names of letters, digits, '-', '_' and '.', got {group.name!r}")
    names = [group.name for group in value]
    for name in names:
        if names.count(name) > 1:
            raise _unfit(f"expected names of their own, got two groups called {name!r}")
    return value


def _unfit(message: str) -> Wrong:
    return Wrong("shape", f"get_commands(): {message}.")


def _is_name(name: str | None) -> bool:
    if not isinstance(name, str) or not name[:1].isalnum():
        return False
    return all(letter.isalnum() or letter in "-_." for letter in name)


def entries_of(groups: Sequence[click.Group]) -> list[Entry]:
    """Return the groups and every command in them; an object that stands twice counts once.

    Raises:
        Violation: A group names a command that it does not have.
    """
    seen: set[int] = set()
    return [
        entry for group in groups for entry in _walk(Entry((), str(group.name), group), None, seen)
    ]


def _walk(entry: Entry, parent: click.Context | None, seen: set[int]) -> Iterator[Entry]:
    if id(entry.command) in seen or len(entry.groups) > _DEPTH:
        return
    seen.add(id(entry.command))
    yield entry
    group = entry.command
    if not isinstance(group, click.Group):
        return
    context = click.Context(group, parent=parent, info_name=entry.name)
    above = (*entry.groups, (entry.name, group))
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None:
            raise Wrong("shape", f"{entry}: it lists a command {name!r}, and has none.")
        yield from _walk(Entry(above, name, command), context, seen)


def require_equal(first: Sequence[Entry], second: Sequence[Entry]) -> None:
    """Expect two listings to have the same commands, with the same parameters.

    Raises:
        Violation: They have not.
    """
    before, after = ({str(entry): _parameters(entry) for entry in each} for each in (first, second))
    for name in sorted(before.keys() | after.keys()):
        if before.get(name) != after.get(name):
            was, became = (_told(each.get(name)) for each in (before, after))
            raise _unfit(
                f"expected the same commands on every call; {name!r} was {was}, and {became} the "
                "second time"
            )


def _parameters(entry: Entry) -> list[str]:
    return [str(parameter.name) for parameter in entry.command.params]


def _told(parameters: list[str] | None) -> str:
    if parameters is None:
        return "not there"
    return f"there with the parameters {', '.join(parameters)}" if parameters else "there"


def require_described(entry: Entry) -> None:
    """Expect help for a command and its options; what is hidden needs none.

    Raises:
        Violation: There is none.
    """
    command = entry.command
    if command.hidden:
        return
    if not (command.help or command.short_help or "").strip():
        kind = "group" if isinstance(command, click.Group) else "command"
        raise Wrong("help", f"{entry}: expected a help text for the {kind}; there is none.")
    for option in command.params:
        if isinstance(option, click.Option) and not (option.hidden or (option.help or "").strip()):
            raise Wrong(
                "help",
                f"{entry}: expected a help text for the option {option.opts[0]}; there is none.",
            )


def require_line(text: Any) -> None:
    """Expect what get_command_help() returned to be one line of text.

    Raises:
        Violation: It is not.
    """
    if not isinstance(text, str) or text.splitlines() != [text] or not text.strip():
        raise Wrong("help", f"get_command_help(): expected one line of text, got {shown(text)}.")
