"""Commands of click as a manifest has them."""

from __future__ import annotations

import inspect
import itertools
from typing import TYPE_CHECKING

import click

from aitbc_hooks.discovery import Command, Parameter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["command_record", "command_records"]

_DEEPEST = 8


def command_records(groups: Iterable[click.Command]) -> dict[str, Command]:
    """Return what a manifest says of the groups that `get_commands` has returned, by name."""
    return {
        str(group.name): command_record(group, click.Context(group, info_name=group.name))
        for group in groups
        if group.name
    }


def command_record(command: click.Command, context: click.Context, depth: int = 1) -> Command:
    """Return what a manifest says of a command.

    Args:
        command: The command.
        context: Its own.
        depth: How many groups it is in.
    """
    help_option = command.get_help_option(context)
    parameters = tuple(
        _parameter(parameter, context)
        for parameter in command.get_params(context)
        if parameter is not help_option and not getattr(parameter, "hidden", False)
    )
    inner = None
    if isinstance(command, click.Group):
        inner = {} if depth >= _DEEPEST else _inner(command, context, depth)
    return Command(_text(command.help), parameters, inner, _text(command.epilog))


def _text(text: str | None) -> str:
    return inspect.cleandoc(text or "")


def _inner(group: click.Group, context: click.Context, depth: int) -> dict[str, Command]:
    found = {}
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is not None and not command.hidden:
            own = click.Context(command, parent=context, info_name=name)
            found[name] = command_record(command, own, depth + 1)
    return found


def _parameter(parameter: click.Parameter, context: click.Context) -> Parameter:
    metavar = parameter.make_metavar(context)
    if not isinstance(parameter, click.Option):
        name = str(parameter.name)
        return Parameter(
            (name,), "argument", metavar, required=parameter.required, multiple=parameter.nargs != 1
        )
    takes_nothing = parameter.is_flag or parameter.count
    record = parameter.get_help_record(context)
    return Parameter(
        tuple(_declarations(parameter)),
        "option",
        "" if takes_nothing else metavar,
        record[1] if record else "",
        parameter.required,
        parameter.multiple,
    )


def _declarations(option: click.Option) -> Iterator[str]:
    """Yield an option's spellings as click has them declared, such as ``--yes/--no``."""
    for on, off in itertools.zip_longest(option.opts, option.secondary_opts):
        yield f"{on}/{off}" if on and off else on or f"/{off}"
