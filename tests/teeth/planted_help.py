"""Faults in the help of commands: what lacks it, and what ``--help`` does."""

from __future__ import annotations

import click
from planted import planted
from planted_cli import SoundCli, book


@planted("CLI-02")
class CommandLacksHelp(SoundCli):
    """A command has no help."""

    def get_commands(self):
        group = book()

        @group.command()
        @click.argument("title")
        def remove(title):
            click.echo(f"removed {len(title)} letters")

        return [group]


@planted("CLI-02")
class NestedCommandLacksHelp(SoundCli):
    """A command of a group within the group has no help."""

    def get_commands(self):
        group = book()

        @group.group()
        def page():
            """Look at pages."""

        @page.command()
        def turn():
            click.echo("turned")

        return [group]


@planted("CLI-02")
class GroupLacksHelp(SoundCli):
    """The group itself has no help."""

    def get_commands(self):
        group = book()
        group.help = None
        return [group]


@planted("CLI-02")
class OptionLacksHelp(SoundCli):
    """An option has no help."""

    def get_commands(self):
        group = book()

        @group.command()
        @click.option("--reverse", is_flag=True)
        def show(reverse):
            """Show all entries."""
            click.echo("none" if reverse else "none yet")

        return [group]


@planted("CLI-02")
class CommandHelpHasLines(SoundCli):
    """get_command_help() returns a docstring of several lines."""

    def get_command_help(self):
        return """Books and their entries.

        book add TITLE   adds an entry
        """


@planted("CLI-02")
class CommandHelpIsNone(SoundCli):
    """get_command_help() returns nothing."""

    def get_command_help(self):
        """Books and their entries."""


class Manual(click.Command):
    """Takes its help from a file that was not packaged."""

    def format_epilog(self, ctx, formatter):
        with open("/usr/share/doc/aitbc-book/add.txt") as file:  # noqa: PTH123 - as authors write
            formatter.write(file.read())


@planted("CLI-03")
class HelpRaises(SoundCli):
    """--help of a command reads a file that is not there."""

    def get_commands(self):
        group = book()

        @group.command(cls=Manual)
        def explain():
            """Explain the book."""

        return [group]


@planted("CLI-03")
class HelpIsCalledOtherwise(SoundCli):
    """A command has -h, and no --help."""

    def get_commands(self):
        group = book()

        @group.command(context_settings={"help_option_names": ["-h"]})
        def show():
            """Show all entries."""
            click.echo("none yet")

        return [group]


@planted("CLI-03")
class HelpExitsWithOne(SoundCli):
    """The command's own --help prints the help and exits with 1."""

    def get_commands(self):
        group = book()

        def print_help(ctx, _parameter, value):
            if value:
                click.echo(ctx.get_help())
                ctx.exit(1)

        @group.command(add_help_option=False)
        @click.option("--help", is_flag=True, is_eager=True, callback=print_help, help="Help.")
        def show(**_options):
            """Show all entries."""
            click.echo("none yet")

        return [group]
