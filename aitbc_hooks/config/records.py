"""The configuration as the rest of the host sees it: checked, complete, and masked when shown."""

from __future__ import annotations

import copy
from collections.abc import Mapping  # noqa: TC003 - cattrs resolves the annotations
from pathlib import Path  # noqa: TC003 - as above
from typing import Any, Final

import attrs

from aitbc_hooks.config.document import Document
from aitbc_hooks.config.problems import KeyPath  # noqa: TC001 - as above
from aitbc_hooks.config.secrets import Redactor, is_secret_path, mask
from aitbc_hooks.config.userinfo import mask_userinfo
from aitbc_hooks.versions import canonical_name

__all__ = ["HostConfig", "PluginConfig", "Provenance"]

DEFAULT_PRIORITY: Final = 50
DEFAULT_HEALTH_CHECK_INTERVAL: Final = 60


def _keys_only(config: Mapping[str, Any]) -> str:
    return f"<{len(config)} settings>"


@attrs.frozen
class PluginConfig:
    """One plugin's block.

    Args:
        enabled: Whether the host runs the plugin.
        priority: 1 to 100, lower first.
        config: The plugin's own settings, not yet checked against the plugin's schema.
        dependencies: ``name`` or ``name range``, added to those of the plugin's metadata.
        timeouts: Seconds per lifecycle method, where they are not the host's own.
        events: Limits of its mailboxes and failures, where they are not the host's own.
    """

    enabled: bool
    priority: int = DEFAULT_PRIORITY
    config: dict[str, Any] = attrs.field(factory=dict, repr=_keys_only)
    dependencies: tuple[str, ...] = ()
    timeouts: Mapping[str, float] = attrs.Factory(dict)
    events: Mapping[str, Any] = attrs.Factory(dict)


@attrs.frozen
class Provenance:
    """What is known about the values of a configuration besides the values.

    Args:
        document: Where each value came from.
        secrets: Paths of secret values that their names do not give away; grows when a plugin's
            schema declares more.
        castable: Path -> text of values that a plugin's schema may want as another type.
    """

    document: Document = attrs.Factory(Document)
    secrets: set[KeyPath] = attrs.Factory(set)
    castable: dict[KeyPath, str] = attrs.Factory(dict)

    def is_secret(self, path: KeyPath) -> bool:
        """Whether the value at `path`, or something around it, is a secret."""
        return is_secret_path(path) or any(
            path[:end] in self.secrets for end in range(1, len(path) + 1)
        )


@attrs.frozen
class HostConfig:
    """The checked configuration of a host.

    Args:
        plugins: The listed plugins, by name as written.
        plugin_paths: Absolute folders that hold plugins, the first winning.
        auto_load: Whether a starting host loads and starts every enabled plugin.
        health_check_interval: Seconds between two health checks of a plugin.
        events: Limits of mailboxes and failures, and the seconds that draining may take, where
            they are not the defaults.
        state_dir: Where the host and its plugins keep data.
        host_version: The version that plugins are checked against; None is this package's.
        source: The file that was read; None for a mapping or the embedded default.
        redactor: Masks every known secret value in a text.
        provenance: Where values came from, for messages and masking.
    """

    plugins: Mapping[str, PluginConfig] = attrs.Factory(dict)
    plugin_paths: tuple[Path, ...] = ()
    auto_load: bool = True
    health_check_interval: int = DEFAULT_HEALTH_CHECK_INTERVAL
    events: Mapping[str, Any] = attrs.Factory(dict)
    state_dir: Path = attrs.field(factory=lambda: _default_state_dir())  # noqa: PLW0108 - below
    host_version: str | None = None
    source: Path | None = None
    redactor: Redactor = attrs.field(factory=Redactor, repr=False, eq=False)
    provenance: Provenance = attrs.field(factory=Provenance, repr=False, eq=False)

    @classmethod
    def from_mapping(
        cls,
        mapping: Mapping[str, Any],
        *,
        base: Path | None = None,
        environ: Mapping[str, str] | None = None,
    ) -> HostConfig:
        """Check `mapping` exactly as a file is checked; an empty one gives the defaults.

        Args:
            mapping: The keys of a configuration file. It is copied, never kept.
            base: Where relative paths start; by default the working directory.
            environ: For ``${…}`` and for the default folders; by default the process's own. The
                ``AITBC_…`` layer is not applied: what the embedding program says holds.

        Raises:
            InvalidConfigError: With every problem, placed by JSON Pointers.
        """
        from aitbc_hooks.config.loading import config_from_mapping  # noqa: PLC0415 - jsonschema

        return config_from_mapping(mapping, base=base, environ=environ)

    def plugin(self, name: str) -> PluginConfig:
        """Return the block of `name`, in any case; for an unlisted plugin one that is disabled."""
        listed = self.listed_name(name)
        return PluginConfig(enabled=False) if listed is None else self.plugins[listed]

    def listed_name(self, name: str) -> str | None:
        """Return `name` as the configuration writes it, or None if it is not listed."""
        wanted = canonical_name(name)
        return next((known for known in self.plugins if canonical_name(known) == wanted), None)

    def lists(self, name: str) -> bool:
        """Whether the configuration has a block for `name`, in any case."""
        return self.listed_name(name) is not None

    def to_mapping(self, *, masked: bool = True) -> dict[str, Any]:
        """Return the effective configuration as plain JSON values.

        Args:
            masked: Replace secret values by asterisks. Without it the result holds them.
        """
        plugins = {name: self._block(name, masked=masked) for name in self.plugins}
        mapping = {
            "plugins": plugins,
            "plugin_paths": [str(path) for path in self.plugin_paths],
            "auto_load": self.auto_load,
            "health_check_interval": self.health_check_interval,
            "events": dict(self.events),
            "state_dir": str(self.state_dir),
        }
        return (
            mapping if self.host_version is None else mapping | {"host_version": self.host_version}
        )

    def origin(self, *path: str | int) -> str | None:
        """Return what set the value at `path`, or None if there is no such value.

        Returns:
            ``file:line:column``, ``environment AITBC_…``, ``--set``, ``mapping`` or ``default``.
        """
        if path[:1] == ("plugins",) and len(path) > 1:
            path = ("plugins", self.listed_name(str(path[1])) or path[1], *path[2:])
        document = self.provenance.document
        if path in document.origins:
            return str(document.origins[path])
        if _has(document.data, path):
            origin = document.origin(path)
            return "mapping" if origin is None else str(origin)
        return "default" if _has(self.to_mapping(), path) else None

    def _block(self, name: str, *, masked: bool) -> dict[str, Any]:
        plugin = self.plugins[name]
        path: KeyPath = ("plugins", name, "config")
        config = copy.deepcopy(plugin.config)
        return {
            "enabled": plugin.enabled,
            "priority": plugin.priority,
            "config": self._masked(config, path) if masked else config,
            "dependencies": list(plugin.dependencies),
            "timeouts": dict(plugin.timeouts),
            "events": dict(plugin.events),
        }

    def _masked(self, value: Any, path: KeyPath) -> Any:
        if self.provenance.is_secret(path):
            return mask(value)
        if isinstance(value, dict):
            return {key: self._masked(item, (*path, key)) for key, item in value.items()}
        if isinstance(value, list):
            return [self._masked(item, (*path, index)) for index, item in enumerate(value)]
        return mask_userinfo(value) if isinstance(value, str) else value


def _default_state_dir() -> Path:
    import os  # noqa: PLC0415 - only where a record is made by hand

    from aitbc_hooks.config.locating import default_state_dir  # noqa: PLC0415 - as above

    return default_state_dir(os.environ)


def _has(data: Any, path: KeyPath) -> bool:
    for key in path:
        keys = data if isinstance(data, dict) else range(len(data) if isinstance(data, list) else 0)
        if key not in keys:
            return False
        data = data[key]
    return True
