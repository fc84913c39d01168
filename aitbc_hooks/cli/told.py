"""Commands as manifests tell them: their help needs no plugin, whatever else is asked of them does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from aitbc_hooks.discovery import Command, Parameter

__all__ = ["ToldGroup"]


class ToldGroup(click.Group):
    """A plugin's group that knows its help, and gets the real group for everything else.

    Args:
        name: The group's name.
        told: What the manifest says of it.
        load: Returns the real group, from the plugin, which it loads.
    """

    def __init__(self, name: str, told: Command, load: Callable[[], click.Command]) -> None:
        super().__init__(name)
        self._told = _command(name, told)
        self._load = load

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Answer ``--help``, or make the real group's context."""
        _show_help(self._told, info_name, args, parent, extra)
        return self._load().make_context(info_name, args, parent=parent, **extra)


def _show_help(
    told: click.Command,
    name: str | None,
    args: Sequence[str],
    parent: click.Context | None,
    extra: dict[str, Any],
) -> None:
    """Show the help that the arguments ask for, and end; return if they ask for none.

    What the real command would refuse is its own business: here it asks for no help.
    """
    try:
        context = told.make_context(name, list(args), parent=parent, **extra)
    except click.UsageError:
        return
    with context:
        if not isinstance(told, click.Group):
            return
        rest = [*context._protected_args, *context.args]  # noqa: SLF001 - as click's own groups do
        if rest and (inner := told.get_command(context, rest[0])) is not None:
            _show_help(inner, rest[0], rest[1:], context, {})


def _command(name: str, told: Command) -> click.Command:
    settings: dict[str, Any] = {
        "params": [_parameter(parameter) for parameter in told.parameters],
        "help": told.help,
        "epilog": told.epilog,
    }
    if told.commands is None:
        return click.Command(name, **settings)
    inner = {key: _command(key, command) for key, command in told.commands.items()}
    return click.Group(name, inner, no_args_is_help=False, **settings)


def _parameter(told: Parameter) -> click.Parameter:
    parameter: _ToldArgument | _ToldOption
    if told.kind == "argument":
        # However many it takes: help is shown before anybody counts.
        parameter = _ToldArgument([_identifier(told.declarations[0])], metavar=told.metavar)
    elif told.metavar:  # whether it may be given twice is no question of help either
        names = list(told.declarations)
        parameter = _ToldOption(names, help=told.help, metavar=told.metavar, multiple=True)
    else:
        parameter = _ToldOption(list(told.declarations), help=told.help, is_flag=True)
    parameter.is_needed = told.required
    return parameter


def _identifier(name: str) -> str:
    return "".join(character if character.isalnum() else "_" for character in name) or "_"


class _Told(click.Parameter):
    """A parameter that takes every value, and is missed where it is needed.

    Attributes:
        is_needed: Stands for ``required``, which would show in the help a second time.
    """

    is_needed = False

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Return the value, whatever it is."""
        if self.is_needed and self.value_is_missing(value):
            raise click.MissingParameter(ctx=ctx, param=self)
        return value


class _ToldArgument(_Told, click.Argument): ...


class _ToldOption(_Told, click.Option): ...
