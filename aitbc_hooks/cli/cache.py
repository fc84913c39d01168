"""``aitbc-hooks cache``: what was read of plugins, kept so that it need not be read again."""

from __future__ import annotations

import click

from aitbc_hooks.cli.options import with_global_options
from aitbc_hooks.cli.table import printable
from aitbc_hooks.discovery import clear_indexes, index_folder
from aitbc_hooks.errors import StateError

__all__ = ["cache"]


@click.group("cache")
def cache() -> None:
    """Look after what is kept of plugins' manifests."""


@with_global_options
@cache.command("clear")
def clear() -> None:
    """Remove all that is kept; it is made anew when it is needed."""
    folder = index_folder()
    try:
        removed = clear_indexes()
    except OSError as error:
        raise StateError(f"{error.filename} cannot be removed: {error.strerror}.") from error
    what = "index" if len(removed) == 1 else "indexes"
    click.echo(f"Removed {len(removed)} {what} from {printable(str(folder))}.")


@with_global_options
@cache.command("dir")
def folder() -> None:
    """Print the folder that it is kept in."""
    click.echo(printable(str(index_folder())))
