"""A CLI plugin that prints five megabytes when its commands are listed."""

from __future__ import annotations

import click
from planted_cli import SoundCli, book


class Plugin(SoundCli):
    """Shows what it knows."""

    def get_commands(self):
        for number in range(50_000):
            click.echo(f"{number:06}: {'.' * 92}")
        return [book()]
