"""Commands of plugins: the one plugin that offers a name is loaded, and unloaded afterwards."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Self

import click

from aitbc_hooks.cli.logs import logging_to_stderr
from aitbc_hooks.cli.loop import HostLoop
from aitbc_hooks.cli.names import is_slip
from aitbc_hooks.cli.offers import collision, find_offers
from aitbc_hooks.cli.options import session_of
from aitbc_hooks.cli.output import brief, warn
from aitbc_hooks.cli.signals import Termination
from aitbc_hooks.cli.told import ToldGroup
from aitbc_hooks.errors import (
    AitbcError,
    CapabilityError,
    ContractError,
    PluginInactiveError,
    PluginLoadError,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from aitbc_hooks.cli.offers import Offers
    from aitbc_hooks.cli.session import Session

__all__ = ["CommandHost", "plugin_command"]


class CommandHost:
    """A host for the time of one command: the plugins that it needs, and no more.

    A context manager; leaving it stops and unloads them. The event loop turns only while plugins
    are started and stopped: a command runs in the main thread with no loop running, and may run
    one of its own.

    Args:
        session: Gives the configuration.
    """

    def __init__(self, session: Session) -> None:
        self._loop = HostLoop(session)
        self._termination = Termination(self._loop)
        self.manager = session.manager()

    def __enter__(self) -> Self:
        self._termination.__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.ExitStack() as ending:
            ending.push(self._termination)
            ending.enter_context(self._loop)
            self._termination.unloading()
            self._loop.run(self.manager.stop())

    def commands(self, plugin: str) -> dict[str, click.Command]:
        """Load and start a plugin, and return its commands by name.

        Raises:
            PluginLoadError: It failed; the code is that of its failure.
            CapabilityError: It has no commands (``AITBC-H01``).
            ContractError: What it returns are no commands (``AITBC-P08``).
        """
        if not self._loop.run(self._start(plugin)):
            failure = self.manager.report(plugin).failure
            if failure is None:
                raise PluginLoadError("it could not be started.", plugin=plugin)
            message = brief(failure.code, failure.message)
            raise PluginLoadError(message, plugin=failure.plugin, code=failure.code)
        addressed = self.manager.plugin(plugin)
        try:
            groups: Any = addressed.get_commands()
        except AitbcError:
            raise
        except Exception as error:
            message = f"get_commands() raised {type(error).__name__}: {error}."
            raise ContractError(message, plugin=plugin) from error
        if not isinstance(groups, list) or not all(
            isinstance(group, click.Command) and group.name for group in groups
        ):
            message = f"get_commands(): expected a list of named click groups, got {groups!r:.200}."
            raise ContractError(message, plugin=plugin)
        return {str(group.name): group for group in groups}

    async def _start(self, plugin: str) -> bool:
        return await self.manager.load_plugin(plugin) and await self.manager.start_plugin(plugin)


def plugin_command(
    ctx: click.Context, name: str, *, reserved: Collection[str]
) -> click.Command | None:
    """Return the command group of that name from the plugin that offers it, started for it.

    The plugin is stopped and unloaded when the context ends.

    Args:
        ctx: The root's context.
        name: The group's name, or ``plugin:group``.
        reserved: The names of the host's own commands.

    Returns:
        None if no enabled plugin has such a group. Plugins without a manifest are not loaded to
        look for one whose name is but a slip away from a command that is known.

    Raises:
        PluginNameError: Several plugins offer it (``AITBC-P11``).
        PluginInactiveError: It belongs to a plugin that is disabled or blocked (``AITBC-H02``).
        PluginLoadError: The plugin failed.
    """
    session = session_of(ctx)
    session.config()
    ctx.with_resource(logging_to_stderr(session, failures=False))
    host = ctx.with_resource(CommandHost(session))
    plugin, _, command = name.rpartition(":")
    if plugin:
        report = host.manager.report(plugin)
        if not report.enabled:
            raise _disabled(command, report.name)
        commands = host.commands(report.name)
        session.command_owner = report.name
        return commands.get(command)
    offers = find_offers(session, reserved)
    enabled = [offer.plugin for offer in offers.named(name)]
    if len(enabled) > 1:
        raise collision(name, enabled)
    if enabled:
        return _offered(session, host, enabled[0], name)
    unavailable = {offer.command for offer in (*offers.offers, *offers.blocked)}
    if name not in unavailable and is_slip(name, offers.callable_names()):
        return None
    for plugin, found in _ask(host, offers.silent, name):
        session.command_owner = plugin
        return found
    _refuse_unavailable(offers, name)
    return None


def _offered(session: Session, host: CommandHost, plugin: str, name: str) -> click.Command:
    """Return a group that a plugin's manifest names; the plugin is loaded when it is called."""

    def load() -> click.Command:
        promised = _promised(host, plugin, name)
        session.command_owner = plugin
        return promised

    candidate = host.manager.catalogue.get(plugin)
    told = candidate.manifest.commands.get(name) if candidate and candidate.manifest else None
    return ToldGroup(name, told, load) if told is not None and told.commands else load()


def _promised(host: CommandHost, plugin: str, name: str) -> click.Command:
    commands = host.commands(plugin)
    if name not in commands:
        raise CapabilityError(
            f"its manifest names the command {name!r}, and it offers {', '.join(commands)}.",
            plugin=plugin,
            hint="Mend its plugin.toml.",
        )
    return commands[name]


def _ask(
    host: CommandHost, plugins: Collection[str], name: str
) -> Collection[tuple[str, click.Command]]:
    """Load plugins that have no manifest, and return whose command it is, and the command."""
    found: dict[str, click.Command] = {}
    for plugin in plugins:
        try:
            commands = host.commands(plugin)
        except CapabilityError:
            continue
        except AitbcError as error:
            warn(str(error))
            continue
        if name in commands:
            found[plugin] = commands[name]
    if len(found) > 1:
        raise collision(name, found)
    return found.items()


def _refuse_unavailable(offers: Offers, name: str) -> None:
    """Raise `PluginInactiveError` if the command is that of a disabled or blocked plugin."""
    if disabled := offers.named(name, enabled=False):
        raise _disabled(name, disabled[0].plugin)
    for offer in offers.blocked:
        if offer.command == name:
            raise PluginInactiveError(
                f"it offers the command {name!r}, and is blocked.",
                plugin=offer.plugin,
                hint=f"Drop no:{offer.plugin}.",
            )


def _disabled(command: str, plugin: str) -> PluginInactiveError:
    return PluginInactiveError(
        f"it offers the command {command!r}, and is disabled.",
        plugin=plugin,
        hint=f"Enable it: aitbc-hooks enable {plugin}",
    )
