"""The root command: the host's commands, imported when called, and those of the plugins."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, Final

import click

from aitbc_hooks import __version__
from aitbc_hooks.cli.options import global_options, session_of
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from click.shell_completion import CompletionItem

    from aitbc_hooks.cli.offers import Offers

__all__ = ["COMMANDS", "NAME", "Root", "root"]

NAME: Final = "aitbc-hooks"

_WIDEST_HELP: Final = 80

#: The host's own commands: name -> (where the command is, its line in the help).
COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "run": ("aitbc_hooks.cli.run:run", "Run the host until it is told to stop."),
    "list": ("aitbc_hooks.cli.plugins:list_", "List the plugins."),
    "info": ("aitbc_hooks.cli.plugins:info", "Show what is known of a plugin."),
    "graph": ("aitbc_hooks.cli.graph:graph", "Show what plugins ask of each other."),
    "why": ("aitbc_hooks.cli.why:why", "Say why a plugin runs, or does not."),
    "doctor": ("aitbc_hooks.cli.doctor:doctor", "Look for what is wrong, with the fixes."),
    "bisect": ("aitbc_hooks.cli.bisect:bisect", "Find the plugin that breaks a command."),
    "enable": ("aitbc_hooks.cli.enabling:enable", "Have the host run a plugin."),
    "disable": ("aitbc_hooks.cli.enabling:disable", "Have the host leave a plugin alone."),
    "manifest": ("aitbc_hooks.cli.manifest:manifest", "Write or check a plugin's plugin.toml."),
    "cache": ("aitbc_hooks.cli.cache:cache", "Clear what is kept of plugins' manifests."),
    "config": ("aitbc_hooks.cli.config:config", "Check or show the configuration."),
    "test": ("aitbc_hooks.cli.test:test", "Test whether a plugin keeps the contract."),
    "new": ("aitbc_hooks.cli.new:new", "Begin a plugin."),
    "migrate": ("aitbc_hooks.cli.migrate:migrate", "Bring a plugin, or settings, up to date."),
}


class Root(click.Group):
    """A group whose commands are imported when they are called, or belong to plugins."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        """Make the context, with the width of its help."""
        extra.setdefault("terminal_width", min(_columns(), _WIDEST_HELP) - 2)
        return super().make_context(info_name, args, parent, **extra)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the host's commands and, as far as manifests tell, the plugins'."""
        offers = _offers(ctx)
        return (
            [*COMMANDS, *(offer.command for offer in offers.mounted())] if offers else [*COMMANDS]
        )

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, or None; for a plugin's group, load and start that plugin."""
        if cmd_name in COMMANDS:
            module, _, attribute = COMMANDS[cmd_name][0].partition(":")
            command: click.Command = getattr(importlib.import_module(module), attribute)
            return command
        if cmd_name.startswith("-"):
            return None
        from aitbc_hooks.cli.mounting import plugin_command  # noqa: PLC0415 - the whole host

        return plugin_command(ctx.find_root(), cmd_name, reserved=COMMANDS)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments begin with, or say what comes close to it."""
        name = args[0]
        command = self.get_command(ctx, name)
        if command is None and not ctx.resilient_parsing:
            from aitbc_hooks.cli.names import did_you_mean  # noqa: PLC0415 - rarely needed

            ctx.fail(f"No such command {name!r}.{did_you_mean(name, self.list_commands(ctx))}")
        return name, command, args[1:]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return completions for a command's name, or an option; no command is imported."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415 - for a shell only

        offers = _offers(ctx)
        helps = {name: text for name, (_, text) in COMMANDS.items()}
        helps |= {offer.command: offer.help for offer in offers.mounted()} if offers else {}
        return [
            *(
                CompletionItem(n, help=text)
                for n, text in helps.items()
                if n.startswith(incomplete)
            ),
            *click.Command.shell_complete(self, ctx, incomplete),
        ]

    def invoke(self, ctx: click.Context) -> None:
        """Run the command; what a plugin's command returns is of no interest here."""
        super().invoke(ctx)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands' lines, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])
        offers = _offers(ctx)
        if offers and (mounted := offers.mounted()):
            with formatter.section("Commands of plugins"):
                formatter.write_dl([(offer.command, offer.help) for offer in mounted])
        for refusal in offers.refusals() if offers else ():
            formatter.write_paragraph()
            formatter.write_text(str(refusal))

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Say which configuration is in force, and why."""
        location = session_of(ctx).location()
        with formatter.section("Configuration"):
            formatter.write_text(f"{location.path or 'The embedded default.'}")
            formatter.write_text(location.why)
            if _offers(ctx) is None:
                formatter.write_text(f"It cannot be read; {NAME} config validate says why.")


def _columns() -> int:
    """Return the terminal's width; importing `shutil` for it costs as much as the whole help."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns):
        return int(columns)
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or _WIDEST_HELP
    except (OSError, ValueError):
        return _WIDEST_HELP


def _offers(ctx: click.Context) -> Offers | None:
    """Return what plugins offer; None where the configuration is invalid."""
    offers: Offers | None
    if "offers" in ctx.meta:
        offers = ctx.meta["offers"]
        return offers
    from aitbc_hooks.cli.offers import glance_at_offers  # noqa: PLC0415 - for help only

    try:
        offers = glance_at_offers(session_of(ctx), COMMANDS)
    except ConfigError:
        offers = None
    ctx.meta["offers"] = offers
    return offers


root = Root(
    name=NAME,
    help="A plugin host: runs plugins, and the commands that they bring along.\n\n"
    "The options below may stand before a command's name or after it.",
    params=global_options(),
)
click.version_option(__version__, prog_name=NAME)(root)
