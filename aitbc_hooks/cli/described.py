"""Plugins without a manifest, on the command line: described once, before anything is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import click

from aitbc_hooks.cli.offers import offers_of

if TYPE_CHECKING:
    from collections.abc import Collection

    from aitbc_hooks.cli.overview import Overview
    from aitbc_hooks.cli.session import Session

__all__ = ["with_descriptions"]


def with_descriptions(
    session: Session, seen: Overview, reserved: Collection[str]
) -> tuple[Overview, dict[str, str]]:
    """Describe what has no manifest and was not described before.

    Args:
        session: Says how much is told.
        seen: What is there.
        reserved: The names of the host's own commands.

    Returns:
        The overview, now that more is known; and, by name, why a plugin could not be described.
    """
    if all(row.candidate.manifest is not None for row in seen.listings):
        return seen, {}
    from aitbc_hooks.hosting.describing import describe_all, untried  # noqa: PLC0415 - the host

    candidates = [row.candidate for row in seen.listings]
    if session.verbosity > 0 and (new := untried(candidates, seen.index)):
        names = ", ".join(candidate.name for candidate in new)
        click.echo(f"No plugin.toml says what they are, so their code is asked: {names}.", err=True)
    problems = describe_all(candidates, seen.index)
    return attrs.evolve(seen, offers=offers_of(seen.listings, reserved)), problems
