"""Faults in what commands do when they run; ``risky/`` has those that do not come back."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import click
from planted import planted
from planted_cli import SoundCli, book

_OPEN = []


@planted("CLI-06")
class DividesByOption(SoundCli):
    """An option that may be 0 is divided by."""

    def get_commands(self):
        group = book()

        @group.command()
        @click.option("--columns", type=click.IntRange(0, 12), default=3, help="How many.")
        def show(columns):
            """Show all entries."""
            click.echo(f"each {80 // columns} wide")

        return [group]


@planted("CLI-06")
class SplitsArgument(SoundCli):
    """An argument is split at '=', whether it has one or not."""

    def get_commands(self):
        group = book()

        @group.command("set")
        @click.argument("assignment")
        def assign(assignment):
            """Set KEY=VALUE."""
            key, value = assignment.split("=", 1)
            click.echo(f"{len(key)}: {len(value)}")

        return [group]


@planted("CLI-06")
class NeedsBothOptions(SoundCli):
    """Two options make sense together only, and each may be left out."""

    def get_commands(self):
        group = book()

        @group.command()
        @click.option("--since", type=int, help="First page.")
        @click.option("--until", type=int, help="Last page.")
        def pages(since, until):
            """Count pages."""
            click.echo(str(until - since))

        return [group]


@planted("CLI-06")
class ReadsFileLater(SoundCli):
    """A path is taken as it comes, and opened without a look."""

    def get_commands(self):
        group = book()

        @group.command("import")
        @click.argument("source", type=click.Path())
        def read(source):
            """Read entries from a file."""
            click.echo(str(len(Path(source).read_text(encoding="utf-8"))))

        return [group]


@planted("CLI-06")
class ExpectsBrokenChoice(SoundCli):
    """One of the choices has no entry in the table behind them."""

    def get_commands(self):
        group = book()
        writers = {"text": str, "list": list}

        @group.command()
        @click.option(
            "--format", "kind", type=click.Choice(["text", "list", "json"]), help="Which format."
        )
        def export(kind):
            """Write all entries."""
            click.echo(str(writers[kind or "text"](())))

        return [group]


@planted("CLI-06", "RES-02")
class CommandLeavesThread(SoundCli):
    """A command starts a thread and does not wait for it."""

    def get_commands(self):
        group = book()

        @group.command()
        def watch():
            """Watch the book for a while."""
            threading.Thread(target=threading.Event().wait, args=(20,), daemon=True).start()
            click.echo("watching")

        return [group]


@planted("CLI-06", "RES-02")
class CommandLeavesFile(SoundCli):
    """A command opens a file and does not close it."""

    def get_commands(self):
        group = book()

        @group.command()
        def audit():
            """Open the audit trail."""
            _OPEN.append(os.open(os.devnull, os.O_WRONLY))
            click.echo("open")

        return [group]


# The files are taken away again: they lie where other people have theirs.


@planted("CLI-06", "RES-04")
class CommandWritesBesideItsCode(SoundCli):
    """A command keeps a file in the folder of its own code."""

    def get_commands(self):
        group = book()

        @group.command()
        def index():
            """Make the index."""
            path = Path(__file__).with_name("command_writes_beside_its_code.idx")
            path.write_text("{}")
            path.unlink()
            click.echo("done")

        return [group]


@planted("CLI-06", "RES-03")
class CommandChangesDirectory(SoundCli):
    """A command changes the working directory and does not change it back."""

    def get_commands(self):
        group = book()

        @group.command()
        def visit():
            """Go where the book is."""
            os.chdir("/")
            click.echo("there")

        return [group]
