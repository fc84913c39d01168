"""Command-line plugins that ask, keep a database, or run an event loop."""

from __future__ import annotations

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import click
from corpus import good
from good_cli import Commands

from aitbc.plugins import PluginMetadata


@good()
class AccountCli(Commands):
    """Prompts, passwords, a database that each command opens, and a class of group of its own."""

    summary = "Accounts and their secrets"

    def get_metadata(self):
        return PluginMetadata("account-cli", "1.0.0", "Keeps accounts", "CLI Author", "MIT")

    async def initialize(self):
        with closing(self._database()) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS accounts (name TEXT PRIMARY KEY, secret TEXT)")
        return True

    def _database(self):
        return sqlite3.connect(Path(self.context.data_dir, "accounts.db"))

    def get_commands(self):
        group = PoliteGroup("account", help="Accounts.")
        group.add_command(
            click.Command(
                "create",
                callback=self._create,
                params=[
                    click.Option(["--name"], prompt=True, help="Of the account."),
                    click.Option(
                        ["--password"],
                        prompt=True,
                        hide_input=True,
                        confirmation_prompt=True,
                        help="Its secret.",
                    ),
                ],
                help="Create an account; what is not given is asked for.",
            )
        )
        group.add_command(
            click.Command(
                "delete",
                callback=self._delete,
                params=[click.Argument(["name"], default="nobody")],
                help="Delete the account NAME, after a question.",
            )
        )
        return [group]

    def _create(self, name, password):
        with closing(self._database()) as db, db:
            db.execute("INSERT INTO accounts VALUES (?, ?)", (ascii(name), ascii(password)))
        click.echo("created")

    def _delete(self, name):
        click.confirm("Delete it?", abort=True)
        with closing(self._database()) as db, db:
            gone = db.execute("DELETE FROM accounts WHERE name = ?", (ascii(name),)).rowcount
        if not gone:
            raise click.UsageError("there is no such account")


class PoliteGroup(click.Group):
    """Turns errors of the database into a sentence."""

    def invoke(self, ctx):
        try:
            return super().invoke(ctx)
        except sqlite3.Error as error:
            raise click.ClickException(f"the database refuses: {error}") from error


@good(example={"pause": 0.01})
class AsyncCli(Commands):
    """Commands that run an event loop, as they may: the host's does not turn meanwhile."""

    summary = "Asynchronous commands"

    def get_metadata(self):
        return PluginMetadata("async-cli", "1.0.0", "Runs loops", "CLI Author", "MIT")

    def get_config_schema(self):
        return {"properties": {"pause": {"type": "number", "minimum": 0, "maximum": 0.05}}}

    def get_commands(self):
        if not hasattr(self, "_group"):
            self._group = self._make_group()
        return [self._group]

    def _make_group(self):
        @click.group("fetch", chain=True)
        def fetch():
            """Fetch things, one command after another."""

        @fetch.command()
        @click.option("--times", type=click.IntRange(1, 5), default=2, help="How often.")
        def pages(times):
            """Fetch pages."""
            click.echo(len(asyncio.run(self._fetch(times))))

        @fetch.command()
        @click.option(
            "--timeout",
            type=click.FloatRange(min=0, max=1, min_open=True),
            default=0.5,
            help="Seconds.",
        )
        def slowly(timeout):
            """Fetch slowly, and give up in time."""
            try:
                with asyncio.Runner() as runner:
                    runner.run(asyncio.wait_for(self._fetch(3), timeout))
            except TimeoutError:
                click.get_current_context().fail("it took too long")

        return fetch

    async def _fetch(self, times):
        async def one(number):
            await asyncio.sleep(self.context.config.get("pause", 0.001))
            return number

        return await asyncio.gather(*map(one, range(times)))
