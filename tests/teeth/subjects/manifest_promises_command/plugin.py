"""A plugin whose manifest names a command group that is called otherwise by now."""

from __future__ import annotations

import click

from aitbc.plugins import CLIPlugin, PluginMetadata


class Plugin(CLIPlugin):
    """Is sound otherwise."""

    def get_metadata(self):
        return PluginMetadata(
            "manifest-promises-command", "1.0.0", "Counts visits", "AITBC Team", "MIT"
        )

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    def get_command_help(self):
        return "Visits and visitors"

    def get_commands(self):
        @click.group()
        def visitors():
            """Look at visitors."""

        @visitors.command()
        def count():
            """Count them."""
            click.echo("0")

        return [visitors]
