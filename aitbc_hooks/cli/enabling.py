"""``aitbc-hooks enable`` and ``disable``: one change to the user's file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from aitbc_hooks.cli.options import pass_session, with_global_options
from aitbc_hooks.cli.output import warn
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from aitbc_hooks.cli.session import Session

__all__ = ["disable", "enable"]


@with_global_options
@click.command("enable")
@click.argument("name")
@pass_session
def enable(session: Session, name: str) -> None:
    """Have the host run the plugin NAME.

    Writes the configuration file that is in force; where there is none, the user's own is begun.
    """
    _write(session, name, enabled=True)


@with_global_options
@click.command("disable")
@click.argument("name")
@pass_session
def disable(session: Session, name: str) -> None:
    """Have the host leave the plugin NAME alone.

    Writes the configuration file that is in force; where there is none, the user's own is begun.
    """
    _write(session, name, enabled=False)


def _write(session: Session, name: str, *, enabled: bool) -> None:
    from aitbc_hooks.config import set_enabled, user_config_file  # noqa: PLC0415 - PyYAML

    known = _known_name(session, name)
    found = session.location().path
    target = found or user_config_file()
    set_enabled(target, known, enabled=enabled)
    done = "enabled" if enabled else "disabled"
    begun = "" if found else ", which was begun with the embedded default"
    click.echo(f"{known} is {done} in {target}{begun}.")
    _check(session, target, known, enabled=enabled)


def _known_name(session: Session, name: str) -> str:
    """Return the plugin's name as it is written.

    A file that is invalid may be so because of this very plugin: what stands in it can be
    switched all the same.

    Raises:
        PluginNotFoundError: There is no such plugin, and the configuration lists none.
        InvalidConfigError: The configuration is invalid, and does not list it.
    """
    try:
        listed = session.config().listed_name(name)
        return listed or session.manager().report(name).name
    except ConfigError:
        path = session.location().path
        listed = _listed_in(path, name) if path else None
        if listed is None:
            raise
        return listed


def _listed_in(path: Path, name: str) -> str | None:
    from aitbc_hooks.config.reading import read_document  # noqa: PLC0415 - for a broken file only
    from aitbc_hooks.versions import canonical_name  # noqa: PLC0415 - as above

    plugins = read_document(path).data.get("plugins")
    known = plugins if isinstance(plugins, dict) else {}
    return next((key for key in known if canonical_name(key) == canonical_name(name)), None)


def _check(session: Session, target: Path, name: str, *, enabled: bool) -> None:
    """Say if the configuration is invalid now, or if something overrides what was written."""
    session.loaded, session.config_path = None, target
    try:
        config = session.config()
    except ConfigError as error:
        warn(f"the configuration is invalid:\n{error}")
        return
    if config.plugin(name).enabled is not enabled:
        origin = config.origin("plugins", name, "enabled")
        warn(f"{origin} says otherwise, and comes before the file.")
