"""A CLI plugin whose module prints when it is imported."""

from __future__ import annotations

import click
from planted_cli import SoundCli

click.echo("book 1.4: type 'book --help' to begin")


class Plugin(SoundCli):
    """Is sound otherwise."""
