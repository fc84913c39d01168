"""``aitbc-hooks why``: why a plugin runs, or does not, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aitbc_hooks.cli.known import look
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json
from aitbc_hooks.cli.reasoning import Judge, answer
from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from aitbc_hooks.cli.reasoning import Answer
    from aitbc_hooks.cli.session import Session

__all__ = ["why"]


@with_global_options
@click.command("why")
@click.argument("name")
@as_json
@pass_session
@click.pass_context
def why(ctx: click.Context, session: Session, name: str, *, as_json: bool) -> None:
    """Say why the plugin NAME runs, or does not, and what to do.

    It is worked out from manifests; no plugin is run. The exit status is 0 if it runs (at once or
    when it is needed), 3 if it is unknown, disabled or blocked, 6 if versions, the platform or
    other plugins are in its way, 1 if it is broken.
    """
    config = session.config()
    found = answer(Judge(look(session), config), name)
    if as_json:
        echo_json(found.record())
    else:
        _print(found)
    ctx.exit(found.status)


def _print(found: Answer) -> None:
    click.echo(printable(found.headline))
    for obstacle in found.obstacles:
        click.echo(f"  - {printable(obstacle.sentence)}")
    for fact in found.facts:
        click.echo(f"  - {printable(fact)}")
    if found.proof:
        click.echo("No set of the versions that are there works:")
    for line in found.proof:
        click.echo(f"  {printable(line)}")
    click.echo("What to do:")
    for each in found.advice:
        click.echo(f"  - {printable(each)}")
