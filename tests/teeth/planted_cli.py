"""Faults in the commands of CLI plugins: what they are called, and what they accept."""

from __future__ import annotations

import itertools

import click
from planted import Sound, planted

from aitbc.plugins import CLIPlugin


def book(name="book"):
    """Return a group of commands with nothing wrong."""

    @click.group(name)
    def group():
        """Keep a book of entries."""

    @group.command()
    @click.option("--count", type=click.IntRange(0, 99), default=1, help="How often.")
    @click.argument("title")
    def add(title, count):
        """Add an entry."""
        click.echo(f"{count} x {len(title)} letters")

    return group


class SoundCli(Sound, CLIPlugin):
    """Has a group of commands with nothing wrong."""

    def get_commands(self):
        return [book()]

    def get_command_help(self):
        return "Books and their entries"


@planted("CLI-01")
class CommandsAreADict(SoundCli):
    """get_commands() returns a dict of groups."""

    def get_commands(self):
        return {"book": book()}


@planted("CLI-01")
class CommandsAreNoGroups(SoundCli):
    """get_commands() returns the commands without their group."""

    def get_commands(self):
        return list(book().commands.values())


@planted("CLI-01")
class CommandsAreNone(SoundCli):
    """get_commands() builds the group and forgets to return it."""

    def get_commands(self):
        book()


@planted("CLI-01")
class GroupsShareName(SoundCli):
    """Two groups have one name."""

    def get_commands(self):
        return [book(), book()]


@planted("CLI-01")
class GroupNameHasSpace(SoundCli):
    """A group's name has a space in it."""

    def get_commands(self):
        return [book("my book")]


@planted("CLI-01")
class GroupsComeOnce(SoundCli):
    """get_commands() returns what an iterator has left, which is nothing the second time."""

    def __init__(self, context):
        super().__init__(context)
        self._groups = map(book, ("book", "shelf"))

    def get_commands(self):
        return list(self._groups)


@planted("CLI-01")
class GroupNameCounts(SoundCli):
    """The group has another name on each call."""

    _numbers = itertools.count()

    def get_commands(self):
        return [book(f"book{next(self._numbers)}")]


@planted("CLI-04")
class IgnoresUnknownOptions(SoundCli):
    """A command accepts every option that it does not know."""

    def get_commands(self):
        group = book()

        @group.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
        def sync():
            """Bring the book up to date."""
            click.echo("up to date")

        return [group]


class Guessing(click.Group):
    """Takes a command that it does not know for the usual one."""

    def get_command(self, ctx, cmd_name):
        return super().get_command(ctx, cmd_name) or super().get_command(ctx, "show")


@planted("CLI-04")
class IgnoresUnknownCommands(SoundCli):
    """The group takes every word for a command."""

    def get_commands(self):
        @click.group(cls=Guessing)
        def shelf():
            """Look at books."""

        @shelf.command()
        def show():
            """Show all books."""
            click.echo("none yet")

        return [shelf]


class Forgiving(click.Command):
    """Says what is wrong in its own words, and exits with 0."""

    def parse_args(self, ctx, args):
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as error:
            click.echo(f"Sorry: {error.format_message()}", err=True)
            ctx.exit(0)


@planted("CLI-04")
class ForgivesUsageErrors(SoundCli):
    """A command that is used wrongly exits with 0."""

    def get_commands(self):
        group = book()

        @group.command(cls=Forgiving)
        def show():
            """Show all entries."""
            click.echo("none yet")

        return [group]


@planted("CLI-05")
class PrintsWhenListed(SoundCli):
    """get_commands() prints what it does."""

    def get_commands(self):
        click.echo("loading 1 command group")
        return [book()]


planted.add(
    "cli-import-prints",
    "subjects.cli_import_prints:Plugin",
    "CLI-05",
    "IMP-01",
    what="The module of the commands prints on import.",
)


@planted("CLI-07", "CLI-01")
class GroupIsCalledList(SoundCli):
    """The group has the name of one of the host's own commands."""

    def get_commands(self):
        return [book("list")]
