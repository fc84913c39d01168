"""Command-line plugins: groups, nested groups, options of all types, files."""

from __future__ import annotations

import enum
import json
import sys
from pathlib import Path

import click
from corpus import good

from aitbc.plugins import CLIPlugin, PluginMetadata


class Commands(CLIPlugin):
    """Succeeds at everything in its lifecycle; subclasses have a summary."""

    summary = ""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    def get_command_help(self):
        return self.summary


@good()
class TodoCli(Commands):
    """Made as SPEC.md does it: commands are closures, made anew on each call."""

    summary = "Things to do"

    def get_metadata(self):
        return PluginMetadata(
            "todo-cli", "1.0.0", "Keeps a list", "CLI Author", "MIT", keywords=["cli"]
        )

    async def initialize(self):
        self._path = Path(self.context.data_dir, "todo.json")
        return True

    def get_commands(self):
        @click.group()
        def todo():
            """Things to do."""

        @todo.command()
        @click.argument("text")
        @click.option("-p", "--priority", type=click.IntRange(1, 9), default=5, help="1 is high.")
        @click.option("--tag", "tags", multiple=True, help="May be given several times.")
        def add(text, priority, tags):
            """Add TEXT to the list."""
            items = [*self._items(), {"text": text, "priority": priority, "tags": tags}]
            self._path.write_text(json.dumps(items), encoding="utf-8")
            click.echo(f"{len(items)} to do")

        @todo.command(name="list")
        @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
        @click.option("--sort/--no-sort", default=True, show_default=True, help="By priority.")
        def list_(as_json, sort):
            """List what there is to do."""
            items = sorted(self._items(), key=lambda i: i["priority"]) if sort else self._items()
            for item in items:
                click.echo(json.dumps(item) if as_json else ascii(item["text"]))

        @todo.command()
        @click.confirmation_option(prompt="Really?", help="Do not ask.")
        def clear():
            """Forget everything."""
            self._path.unlink(missing_ok=True)

        return [todo]

    def _items(self):
        return json.loads(self._path.read_text("utf-8")) if self._path.exists() else []


class Shade(enum.Enum):
    LIGHT = "light"
    DARK = "dark"


@good()
class ReportCli(Commands):
    """Two groups, one of them nested; files given as arguments; output in the current directory."""

    summary = "Reports of all kinds"

    def get_metadata(self):
        return PluginMetadata("report-cli", "2.3.0", "Writes reports", "CLI Author", "MIT")

    def get_commands(self):
        return [reports, paints]


@click.group("reports", context_settings={"help_option_names": ["-h", "--help"]})
def reports():
    """Write and read reports."""


@reports.command("write")
@click.argument("name")
@click.option("--lines", type=click.IntRange(0, 1000, clamp=True), default=3, help="How many.")
def write_report(name, lines):
    """Write the report NAME into the current directory."""
    if not name.isidentifier():
        raise click.ClickException(f"{name!a} cannot be the name of a report")
    try:
        Path(f"{name}.txt").write_text("line\n" * lines, encoding="utf-8")
    except OSError as error:
        raise click.FileError(f"{name}.txt", error.strerror or "") from error
    click.secho(f"wrote {name!a}.txt", fg="green")


@reports.command("count")
@click.argument("files", nargs=-1, type=click.File("rb"))
@click.pass_context
def count_lines(ctx, files):
    """Count the lines of FILES, or of the standard input with -."""
    if not files:
        click.echo("nothing to count", err=True)
        ctx.exit(3)
    with click.progressbar(files, label="counting", file=sys.stderr) as bar:
        total = sum(len(file.read().splitlines()) for file in bar)
    click.echo(total)


@reports.command("copy")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("target", type=click.File("w", lazy=True))
def copy_report(source, target):
    """Copy SOURCE to TARGET, or to the standard output with -."""
    try:
        target.write(source.read_text("utf-8", errors="replace"))
    except OSError as error:
        raise click.FileError(str(source), error.strerror or "") from error


@reports.group("archive")
@click.option("--year", type=click.IntRange(1990, 2100), default=2024, help="Of which year.")
@click.pass_context
def archive(ctx, year):
    """Look into old reports."""
    ctx.obj = year


@archive.command("show")
@click.option("--from", "begin", type=click.DateTime(["%Y-%m-%d"]), help="First day.")
@click.option("--limit", type=float, default=10.0, help="At most so many pages.")
@click.pass_obj
def show_archive(year, begin, limit):
    """Show the archive of a year."""
    if begin is not None and begin.year != year:
        raise click.BadParameter(f"not in {year}", param_hint="--from")
    click.echo(f"{year}: {limit:g} pages")


@click.group("paints", invoke_without_command=True)
@click.version_option("2.3.0", help="Show the version.")
def paints():
    """Mix paints; without a command, say which there are."""
    if click.get_current_context().invoked_subcommand is None:
        click.echo("red green blue")


@paints.command("mix", epilog="Example: paints mix 255 0 0 --shade dark")
@click.argument("rgb", nargs=3, type=click.IntRange(0, 255))
@click.option(
    "--shade",
    type=click.Choice(Shade, case_sensitive=False),
    default=Shade.LIGHT,
    help="How it is.",
)
@click.option("-v", "--verbose", count=True, help="More words; up to -vvv.")
@click.option("--dry", is_flag=True, hidden=True, help="Only for us.")
def mix(rgb, shade, verbose, dry):
    """Mix the colour RGB, three numbers."""
    factor = 2 if shade is Shade.DARK else 1
    click.echo("#" + "".join(f"{value // factor:02x}" for value in rgb))
    if verbose:
        click.echo(f"{shade.value} {rgb}" if not dry else "dry", err=True)
