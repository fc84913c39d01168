"""What the global options say, and what follows from them: configuration and manager."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from aitbc_hooks.config import ConfigLocation, HostConfig
    from aitbc_hooks.discovery import Catalogue
    from aitbc_hooks.manager import PluginManager

__all__ = ["COLORS", "Session", "wants_color", "warn_of_unknown"]

COLORS: Final = ("auto", "always", "never")


@attrs.define
class Session:
    """One run of the command line.

    Attributes:
        config_path: ``--config``; None searches the usual places.
        overrides: ``--set``, each ``key=value``.
        plugins: ``-p``, each a dotted module name or ``no:NAME``.
        state_dir: ``--state-dir``.
        color: ``--color``; one of `COLORS`.
        cache: Whether what was read of plugins before may be used; not with ``--no-cache``.
        verbosity: The number of ``-v`` less that of ``-q``.
        loaded: The configuration, once it was read.
        command_owner: The plugin whose command is called; None for the host's own.
        warned: The user was told of what ``-p no:NAME`` names and nobody knows.
        leftovers: What plugins have left running that nothing can end but the process's end.
    """

    config_path: Path | None = None
    overrides: list[str] = attrs.field(factory=list)
    plugins: list[str] = attrs.field(factory=list)
    state_dir: Path | None = None
    color: str = "auto"
    cache: bool = True
    verbosity: int = 0
    loaded: HostConfig | None = None
    command_owner: str | None = None
    warned: bool = False
    leftovers: list[str] = attrs.field(factory=list)

    def location(self) -> ConfigLocation:
        """Return which configuration is in force, and why."""
        from aitbc_hooks.config import (  # noqa: PLC0415 - not every command has a configuration
            ConfigLocation,
            locate_config,
        )

        if self.config_path is not None:
            return ConfigLocation(self.config_path, "It is named on the command line.")
        return locate_config()

    def config(self) -> HostConfig:
        """Read the configuration, once.

        Raises:
            InvalidConfigError: With every problem there is.
        """
        if self.loaded is None:
            from aitbc_hooks.config import load_config  # noqa: PLC0415 - jsonschema, cattrs

            overrides = list(self.overrides)
            if self.state_dir is not None:
                path = str(self.state_dir.absolute()).replace("$", "$$")
                overrides.append(f"state_dir={path}")
            self.loaded = load_config(self.location().path, overrides=overrides)
        return self.loaded

    def blocked(self) -> dict[str, str]:
        """Return what ``-p no:NAME`` names: canonical name -> NAME."""
        from aitbc_hooks.versions import canonical_name  # noqa: PLC0415 - where it is used

        names = [item.removeprefix("no:") for item in self.plugins if item.startswith("no:")]
        return {canonical_name(name): name for name in names}

    def manager(self) -> PluginManager:
        """Return a host of that configuration that has not been started."""
        from aitbc_hooks.manager import PluginManager  # noqa: PLC0415 - the whole host

        manager = PluginManager(self.config(), plugins=self.plugins, cache=self.cache)
        if not self.warned:
            self.warned = True
            listed = manager.settings.plugins
            warn_of_unknown(self.blocked().values(), manager.catalogue, listed)
        return manager

    def redact(self, text: str) -> str:
        """Return `text` without the secrets that the configuration holds."""
        return text if self.loaded is None else self.loaded.redactor.redact(text)


def warn_of_unknown(blocked: Iterable[str], catalogue: Catalogue, listed: Iterable[str]) -> None:
    """Warn of what ``-p no:NAME`` names and nobody knows.

    Args:
        blocked: The names.
        catalogue: What is there.
        listed: What the configuration lists.
    """
    from aitbc_hooks.versions import canonical_name  # noqa: PLC0415 - rarely needed

    in_file = {canonical_name(name) for name in listed}
    for name in blocked:
        if catalogue.get(name) is None and canonical_name(name) not in in_file:
            from aitbc_hooks.cli.names import did_you_mean  # noqa: PLC0415 - rarely needed
            from aitbc_hooks.cli.output import warn  # noqa: PLC0415 - it imports click

            known = [candidate.name for candidate in catalogue.candidates.values()]
            hint = did_you_mean(name, known)
            warn(f"-p no:{name} blocks nothing: no such plugin is known.{hint}")


def wants_color(choice: str, environ: Mapping[str, str] = os.environ) -> bool | None:
    """Whether to use colours; None leaves it to each stream: a terminal gets them.

    Args:
        choice: One of `COLORS`; ``auto`` asks NO_COLOR, then FORCE_COLOR.
        environ: By default the process's own.
    """
    if choice != "auto":
        return choice == "always"
    if environ.get("NO_COLOR"):
        return False
    return True if environ.get("FORCE_COLOR") else None
