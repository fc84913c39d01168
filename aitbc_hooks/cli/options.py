"""The global options. They may stand before a command's name or after it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from aitbc_hooks.cli.session import COLORS, Session, wants_color

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["as_json", "global_options", "pass_session", "session_of", "with_global_options"]

_F = TypeVar("_F", bound="Callable[..., Any]")

#: Hands the `Session` to a command as its first argument.
pass_session = click.make_pass_decorator(Session, ensure=True)

#: ``--json``, for the commands that have it.
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


def session_of(ctx: click.Context) -> Session:
    """Return the run's session; the first asker makes it."""
    return ctx.find_root().ensure_object(Session)


def _config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        session_of(ctx).config_path = value


def _state_dir(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        session_of(ctx).state_dir = value


def _overrides(ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> None:
    session_of(ctx).overrides += values


def _plugins(ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> None:
    for value in values:
        if not value.removeprefix("no:"):
            raise click.BadParameter("expected package.module or no:NAME.")
    session_of(ctx).plugins += values


def _verbosity(ctx: click.Context, param: click.Parameter, value: int) -> None:
    session_of(ctx).verbosity += -value if param.name == "quiet" else value


def _no_cache(ctx: click.Context, _param: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    if value:
        session_of(ctx).cache = False


def _color(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    session = session_of(ctx)
    if value is not None:
        session.color = value
    ctx.color = ctx.find_root().color = wants_color(session.color)


_DECLARATIONS: Final[tuple[tuple[tuple[str, ...], dict[str, Any]], ...]] = (
    (
        ("--config",),
        {
            # Whether it can be read is found, and told with its code, where it is read.
            "type": click.Path(path_type=Path, readable=False),
            "metavar": "PATH",
            "callback": _config,
            "help": "The configuration file: YAML, TOML or JSON.",
        },
    ),
    (
        ("--set", "overrides"),
        {
            "metavar": "KEY=VALUE",
            "multiple": True,
            "callback": _overrides,
            "help": "Override a setting, such as plugins.agent-cli.priority=10.",
        },
    ),
    (
        ("-p", "plugins"),
        {
            "metavar": "NAME",
            "multiple": True,
            "callback": _plugins,
            "help": "Add the plugin package.module, or block one with no:NAME.",
        },
    ),
    (
        ("--state-dir",),
        {
            "type": click.Path(path_type=Path, file_okay=False),
            "metavar": "PATH",
            "callback": _state_dir,
            "help": "Where the host and its plugins keep data.",
        },
    ),
    (
        ("--no-cache",),
        {
            "is_flag": True,
            "callback": _no_cache,
            "help": "Read all plugins' manifests again, and keep nothing of them.",
        },
    ),
    (
        ("--color",),
        {
            "type": click.Choice(COLORS),
            "callback": _color,
            "help": "Use colours; auto: NO_COLOR, FORCE_COLOR, then a terminal.",
        },
    ),
    (
        ("-v", "--verbose"),
        {"count": True, "callback": _verbosity, "help": "Tell more; twice: everything."},
    ),
    (("-q", "--quiet"), {"count": True, "callback": _verbosity, "help": "Tell errors only."}),
)


def global_options(*, hidden: bool = False) -> list[click.Option]:
    """Return fresh global options; they put what they are given into the session.

    Args:
        hidden: Leave them out of the command's help.
    """
    return [
        # Eager, so that --help after them knows what they say.
        click.Option(names, expose_value=False, is_eager=True, hidden=hidden, **settings)
        for names, settings in _DECLARATIONS
    ]


def with_global_options(command: _F) -> _F:
    """Let a command (not a group) take the global options too; its help does not repeat them."""
    if isinstance(command, click.Command):
        command.params += global_options(hidden=True)
    return command
