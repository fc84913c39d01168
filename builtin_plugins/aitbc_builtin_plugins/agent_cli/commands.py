"""The command group ``agent``: create, list, show, update and delete.

Exit status: 0 done, 1 failed, 2 wrong usage, 3 no agent of that name.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any, ClassVar, Final

import attrs
import click

from aitbc_hooks.errors import AitbcError

from .agents import (
    STATUSES,
    Agent,
    AgentError,
    AgentNotFoundError,
    InvalidAgentError,
    check_description,
    check_name,
    check_type,
    rfc3339,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from .store import AgentStore

__all__ = ["Workspace", "agent_group"]

_HEADINGS: Final = ("NAME", "TYPE", "STATUS", "UPDATED", "DESCRIPTION")
_TABLE_TEXT: Final = 60


@attrs.frozen
class Workspace:
    """What the commands work with.

    Args:
        store: Returns the store, or raises when the plugin is not active.
        default_type: The type of an agent created without ``--type``.
    """

    store: Callable[[], AgentStore]
    default_type: str


def agent_group(workspace: Workspace) -> click.Group:
    """Return the group ``agent``, its commands bound to `workspace`."""

    @click.group("agent", cls=_AgentGroup)
    @click.pass_context
    def agent(context: click.Context) -> None:
        """Agent management commands."""
        context.obj = workspace

    for command in (_create, _list, _show, _update, _delete):
        agent.add_command(command)
    return agent


class _NotFound(click.ClickException):
    exit_code: ClassVar[int] = 3


class _AgentGroup(click.Group):
    """Says what went wrong in a sentence and an exit status instead of a traceback."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AgentNotFoundError as error:
            raise _NotFound(str(error)) from error
        except (AgentError, AitbcError) as error:
            raise click.ClickException(str(error)) from error


def _checked(check: Callable[[str], str]) -> Callable[..., str | None]:
    """Return a click callback that turns what `check` finds into wrong usage."""

    def callback(_context: click.Context, _param: click.Parameter, value: str | None) -> str | None:
        try:
            return None if value is None else check(value)
        except InvalidAgentError as error:
            raise click.BadParameter(str(error)) from None

    return callback


def _example(line: str) -> str:
    return f"\b\nExample:\n  aitbc-hooks agent {line}"


_as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON instead of text.")


@click.command("create", epilog=_example("create --name alice --type chat"))
@click.option(
    "--name", required=True, callback=_checked(check_name), help="Agent name: unique, case aside."
)
@click.option(
    "--type",
    "agent_type",
    callback=_checked(check_type),
    help="Agent type; by default the setting default_agent_type.",
)
@click.option(
    "--description", default="", callback=_checked(check_description), help="What the agent is for."
)
@_as_json
@click.pass_obj
def _create(
    workspace: Workspace, *, name: str, agent_type: str | None, description: str, as_json: bool
) -> None:
    """Create a new agent."""
    agent = workspace.store().create(name, agent_type or workspace.default_type, description)
    _report(agent, f"Created agent {agent.name} ({agent.type}).", as_json=as_json)


@click.command("list", epilog=_example("list --type chat"))
@click.option(
    "--type", "agent_type", callback=_checked(check_type), help="Only this type, case aside."
)
@_as_json
@click.pass_obj
def _list(workspace: Workspace, *, agent_type: str | None, as_json: bool) -> None:
    """List the agents in the order of their names."""
    agents = workspace.store().select(agent_type)
    if as_json:
        _print_json({"schema_version": 1, "agents": [agent.as_json() for agent in agents]})
    elif agents:
        _print_table(agents)
    else:
        click.echo("No agents.")


@click.command("show", epilog=_example("show alice"))
@click.argument("name")
@_as_json
@click.pass_obj
def _show(workspace: Workspace, *, name: str, as_json: bool) -> None:
    """Show everything about the agent NAME."""
    agent = workspace.store().get(name)
    lines = (f"{field + ':':<12} {_printable(text)}" for field, text in agent.as_json().items())
    _report(agent, "\n".join(line.rstrip() for line in lines), as_json=as_json)


@click.command("update", epilog=_example("update alice --rename bob --status inactive"))
@click.argument("name")
@click.option("--rename", callback=_checked(check_name), help="New name.")
@click.option("--type", "agent_type", callback=_checked(check_type), help="New type.")
@click.option(
    "--description", callback=_checked(check_description), help="New description; '' removes it."
)
@click.option("--status", type=click.Choice(STATUSES), help="New status.")
@_as_json
@click.pass_obj
def _update(workspace: Workspace, /, *, name: str, as_json: bool, **changes: str | None) -> None:
    """Change the agent NAME."""
    if all(value is None for value in changes.values()):
        raise click.UsageError(
            "Nothing to change: give --rename, --type, --description or --status."
        )
    agent = workspace.store().update(name, **changes)
    _report(agent, f"Updated agent {agent.name}.", as_json=as_json)


@click.command("delete", epilog=_example("delete alice --yes"))
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_as_json
@click.pass_obj
def _delete(workspace: Workspace, *, name: str, yes: bool, as_json: bool) -> None:
    """Delete the agent NAME, after a question if there is a terminal to ask on."""
    if not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("There is no terminal to ask on: give --yes to delete.")
        name = workspace.store().get(name).name
        click.confirm(f"Delete agent {name}?", abort=True, err=True)
    agent = workspace.store().delete(name)
    _report(agent, f"Deleted agent {agent.name}.", as_json=as_json)


def _report(agent: Agent, text: str, *, as_json: bool) -> None:
    if as_json:
        _print_json(agent.as_json())
    else:
        click.echo(text)


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, indent=2))


def _print_table(agents: Iterable[Agent]) -> None:
    rows = [_HEADINGS, *map(_table_row, agents)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        click.echo("  ".join(cells).rstrip())


def _table_row(agent: Agent) -> tuple[str, ...]:
    text = _printable(" ".join(agent.description.split()))
    if len(text) > _TABLE_TEXT:
        text = text[: _TABLE_TEXT - 3] + "..."
    return (agent.name, agent.type, agent.status, rfc3339(agent.updated, "seconds"), text)


def _printable(text: str) -> str:
    """Return `text` with control characters escaped, so that it cannot steer a terminal."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)
