"""CLI plugins with commands that do not come back, or take their process with them."""

from __future__ import annotations

import os
import sys
import time

import click
from planted_cli import SoundCli, book


class ReadsStandardInput(SoundCli):
    """Asks until it gets an answer, and never sees the end of its input."""

    def get_commands(self):
        group = book()

        @group.command()
        def ask():
            """Ask for a title."""
            while not (answer := sys.stdin.readline().strip()):
                pass
            click.echo(f"{len(answer)} letters")

        return [group]


class SleepsAnHour(SoundCli):
    """Waits for the next full hour."""

    def get_commands(self):
        group = book()

        @group.command()
        def wait():
            """Wait for news."""
            time.sleep(3600)

        return [group]


class ExitsHard(SoundCli):
    """Ends the process that runs the command, past all that is to be done."""

    def get_commands(self):
        group = book()

        @group.command()
        def quit_book():
            """End all."""
            os._exit(0)

        return [group]
