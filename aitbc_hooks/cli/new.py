"""``aitbc-hooks new``: begin a plugin, with an example that works and tests that pass."""

from __future__ import annotations

import getpass
import shlex
from pathlib import Path

import click

from aitbc_hooks.cli.options import with_global_options

__all__ = ["new"]

#: The names of `aitbc_hooks.scaffold.KINDS`, which is imported when it is used.
_KINDS = ("cli", "blockchain", "ai", "hooks")

#: What to do with the new folder.
_NEXT = (
    ("python -m pytest {}", "its tests pass"),
    ("aitbc-hooks test {}", "a host can trust it"),
    ("cat {}/docs/README.md", "how to go on, run it in a host, and publish it"),
)


def _user() -> str:
    """Return the name of whoever runs the command, as far as the system knows it."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return "Unknown"


@with_global_options
@click.command("new")
@click.argument("name")
@click.option(
    "--kind",
    type=click.Choice(_KINDS),
    required=True,
    help="cli: commands; blockchain: a chain; ai: a model; hooks: functions marked @hookimpl.",
)
@click.option(
    "--path",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    metavar="DIR",
    help="Where to make the plugin's folder; by default here.",
)
@click.option("--author", default=_user, metavar="NAME", help="By default the user's name.")
@click.option(
    "--license",
    "license_",
    default="MIT",
    show_default=True,
    metavar="SPDX",
    help="The licence, as an SPDX expression.",
)
def new(name: str, *, kind: str, folder: Path, author: str, license_: str) -> None:
    """Begin the plugin NAME: a folder with a small example, its tests and its documentation.

    The tests pass as they are; change the example step by step. The folder has the plugin's name,
    or NAME-plugin where Python would take it for a module such as json. One that is there already
    is never written to.
    """
    from aitbc_hooks import __version__  # noqa: PLC0415 - for this command alone
    from aitbc_hooks.cli.root import COMMANDS  # noqa: PLC0415 - it names this module
    from aitbc_hooks.scaffold import (  # noqa: PLC0415 - as above
        KINDS,
        Names,
        Order,
        render,
        write_folder,
    )

    names = Names.of(name, reserved=COMMANDS)
    order = Order(names, KINDS[kind], __version__, author, license_)
    target = folder / names.folder
    write_folder(target, render(order))
    click.echo(f"{target} is there. {order.kind.description}. What to do next:")
    for command, purpose in _NEXT:
        click.echo(f"  {command.format(shlex.quote(str(target)))}  # {purpose}")
