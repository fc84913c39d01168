"""``aitbc-hooks graph``: the plugins and what they ask of each other."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import attrs
import click

from aitbc_hooks.cli.graphing import FORMS, graph_of, written
from aitbc_hooks.cli.known import look
from aitbc_hooks.cli.options import pass_session, with_global_options
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from aitbc_hooks.cli.session import Session

__all__ = ["graph"]


@with_global_options
@click.command("graph")
@click.argument("name", required=False)
@click.option("--format", "form", type=click.Choice(list(FORMS)), default="text", help="The form.")
@click.option("--all", "everything", is_flag=True, help="Disabled plugins too.")
@pass_session
def graph(session: Session, name: str | None, form: str, *, everything: bool) -> None:
    """Show the plugins that the host runs, and what they ask of each other.

    With NAME only that plugin, and what it asks for, directly or not. In the text, ?name may be
    missing, !name must not be there, and what a plugin asks for stands below it once.
    """
    seen = look(session)
    if name is not None:
        roots = [seen.listing(name).name]
    else:
        rows = seen.overview.listings
        roots = [row.name for row in rows if everything or row.enabled]
        roots += seen.overview.missing
    states = {canonical_name(each.name): "rejected" for each in seen.overview.catalogue.rejected}
    states |= dict.fromkeys(session.blocked(), "blocked")
    found = attrs.evolve(
        graph_of(seen.relations, roots, states=states), root=None if name is None else roots[0]
    )
    if not found.nodes and form == "text":
        click.echo("No plugins.")
    for line in written(found, form, sys.stdout.encoding):
        click.echo(line)
