"""What the checks look at: found out when the first of them asks."""

from __future__ import annotations

import functools
import os
import sys
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.cli.glance import Glance, glance
from aitbc_hooks.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aitbc_hooks.cli.known import Known
    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.config import HostConfig

__all__ = ["Scene"]


@attrs.frozen(slots=False)
class Scene:
    """An installation with its configuration.

    Attributes:
        session: Says which configuration is in force.
        environ: The environment.
        path: The import path.
    """

    session: Session
    environ: Mapping[str, str] = attrs.field(factory=lambda: os.environ)
    path: Sequence[str] = attrs.field(factory=lambda: sys.path)

    @functools.cached_property
    def config_error(self) -> ConfigError | None:
        """Why the configuration cannot be used; None if it can."""
        try:
            self.session.config()
        except ConfigError as error:
            return error
        return None

    @property
    def config(self) -> HostConfig | None:
        """The configuration; None if it is invalid."""
        return self.session.config() if self.config_error is None else None

    @functools.cached_property
    def glance(self) -> Glance | None:
        """What can be seen without a valid configuration; None if it cannot even be read."""
        session = self.session
        try:
            return glance(session.location().path, session.overrides, cached=session.cache)
        except ConfigError:
            return None

    @functools.cached_property
    def known(self) -> Known | None:
        """All plugins, described; None while the configuration is invalid."""
        if self.config_error is not None:
            return None
        from aitbc_hooks.cli.known import look  # noqa: PLC0415 - plugins may be described for it

        return look(self.session)
