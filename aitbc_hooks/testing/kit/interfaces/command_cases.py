"""Command lines to try a plugin's commands with."""

from __future__ import annotations

import re
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import click
from hypothesis import find

from aitbc_hooks.testing.kit.interfaces.cases import QUICK
from aitbc_hooks.testing.strategies import command_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.kit.interfaces.commands import Entry

__all__ = ["lines_of", "plain_line", "telling_lines", "wrong_lines"]

#: Lines of one command that are tried in any event.
_TELLING: Final = 40
#: A path that is absolute, goes up, or begins at home; perhaps as the value of an option.
_OUTSIDE: Final = re.compile(r"^(?:-\w|--[^=]+=)?[/~]|\.\.")
_OPTION: Final = "--no-such-option"
_COMMAND: Final = "no-such-command"


def lines_of(entry: Entry) -> SearchStrategy[list[str]]:
    """Return command lines for one command, with arguments of its own and of its groups."""
    name, command = entry.name, _by_itself(entry.command)
    for above, group in reversed(entry.groups):
        command = click.Group(above, commands={name: command}, params=group.params)
        name = above
    return command_lines(command).map(lambda words: [name, *words]).filter(_stays_inside)


def plain_line(entry: Entry) -> list[str]:
    """Return the words that lead to a command, with no more arguments than its groups demand."""
    parts = [(name, _demanded(group)) for name, group in entry.groups]
    return _joined((*parts, (entry.name, [])))


def telling_lines(entry: Entry) -> list[list[str]]:
    """Return the simplest command line, and it with each option at the ends of what it may be."""
    path = plain_line(entry)
    own = find(_arguments(entry.command), lambda _: True, settings=QUICK)
    options = [
        words
        for parameter in entry.command.params
        if isinstance(parameter, click.Option) and not parameter.required
        for words in _ends_of(parameter)
    ]
    return [[*path, *words, *own] for words in ([], *options)][:_TELLING]


def _ends_of(option: click.Option) -> Iterator[list[str]]:
    """Yield an option with the values at which things tend to break."""
    if option.is_flag or option.count:
        yield from ([name] for name in (*option.opts[:1], *option.secondary_opts[:1]))
    elif option.nargs == 1:
        name = option.opts[-1]
        yield from ([name, value] for value in _end_values(option.type))


def _end_values(kind: Any) -> list[str]:
    if isinstance(kind, click.Choice):
        return [choice.name if isinstance(choice, Enum) else str(choice) for choice in kind.choices]
    if isinstance(kind, (click.IntRange, click.FloatRange)):
        ends = dict.fromkeys((kind.min, kind.max, 0))
        return [str(end) for end in ends if end is not None and _holds(kind, end)]
    return ["0", "-1"] if isinstance(kind, (type(click.INT), type(click.FLOAT))) else []


def _holds(kind: Any, number: float) -> bool:
    try:
        kind.convert(str(number), None, None)
    except click.BadParameter:
        return False
    return True


def wrong_lines(entry: Entry) -> Iterator[list[str]]:
    """Yield command lines that use a command wrongly: an unknown option, an unknown command."""
    line = plain_line(entry)
    command = entry.command
    if not _passes_options_on(command):
        yield [*line, _OPTION]
    if isinstance(command, click.Group) and not _takes_any_number(command):
        yield [*line, *_demanded(command), _COMMAND]


def _arguments(command: click.Command) -> SearchStrategy[list[str]]:
    """Return arguments for a command's own parameters; those of its commands are not among them."""
    return command_lines(_by_itself(command))


def _by_itself(command: click.Command) -> click.Command:
    """Return a command without the commands in it."""
    if isinstance(command, click.Group):
        return click.Command(command.name, params=command.params)
    return command


def _demanded(group: click.Command) -> list[str]:
    if not any(parameter.required for parameter in group.params):
        return []
    return find(_arguments(group), lambda _: True, settings=QUICK)


def _joined(parts: Any) -> list[str]:
    return [word for name, arguments in parts for word in (name, *arguments)]


def _passes_options_on(command: click.Command) -> bool:
    """Whether a command takes options that it does not know, for another program."""
    known = command.context_settings.get("ignore_unknown_options", command.ignore_unknown_options)
    return bool(known) and _takes_any_number(command)


def _takes_any_number(command: click.Command) -> bool:
    return any(isinstance(p, click.Argument) and p.nargs == -1 for p in command.params)


def _stays_inside(line: list[str]) -> bool:
    """Whether no word can be the path of something outside of the working directory.

    The commands themselves are kept inside of it, but not the child processes that they start.
    """
    return not any(_OUTSIDE.search(word) for word in line)
