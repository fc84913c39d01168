"""A glance at the configuration and its folders: what is there and what is enabled.

It takes a fraction of the time of `load_config` and of a host, and passes over what they would
refuse. What it sees of a file is kept for as long as the file is the same.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.config.locating import expand
from aitbc_hooks.discovery.catalogue import add, whole
from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.index import Index, index_for, settings_index
from aitbc_hooks.discovery.installed import find_installed
from aitbc_hooks.discovery.records import Catalogue
from aitbc_hooks.discovery.signature import digest
from aitbc_hooks.discovery.sources import find_built_ins
from aitbc_hooks.versions.names import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Glance", "glance"]

_DEFAULT_FILE: Final = Path(__file__).parents[1] / "config" / "default.yaml"
_PRIORITY: Final = 50
_PLACE: Final = "settings"


@attrs.frozen
class Glance:
    """What is seen.

    Attributes:
        blocks: Name of each plugin that the configuration lists -> what its block says of being
            ``enabled``, of its ``priority`` and its ``dependencies``; nothing that may be a secret.
        catalogue: Every plugin that is there.
        index: What was read of plugins before.
        is_valid: Whether the configuration was found valid before, and nothing has changed since.
    """

    blocks: Mapping[str, Mapping[str, Any]]
    catalogue: Catalogue
    index: Index
    is_valid: bool
    _settings: Index
    _seen: dict[str, Any]
    _state: str

    @property
    def enabled(self) -> frozenset[str]:
        """The canonical names of the enabled plugins."""
        enabled = (name for name, block in self.blocks.items() if block.get("enabled") is True)
        return frozenset(map(canonical_name, enabled))

    def priority(self, name: str) -> int:
        """Return a plugin's priority.

        Raises:
            TypeError: It does not stand there as a number.
        """
        value = self._block(name).get("priority", _PRIORITY)
        if type(value) is not int:
            raise TypeError(name)
        return value

    def dependencies(self, name: str) -> list[str]:
        """Return what the configuration says that a plugin needs.

        Raises:
            TypeError: It does not stand there as texts.
        """
        value = self._block(name).get("dependencies", [])
        if not isinstance(value, list) or not all(type(i) is str and "$" not in i for i in value):
            raise TypeError(name)
        return value

    def _block(self, name: str) -> Mapping[str, Any]:
        key = canonical_name(name)
        return next((b for n, b in self.blocks.items() if canonical_name(n) == key), {})

    def keep_valid(self) -> None:
        """Keep that the configuration is valid."""
        self._settings.keep(_PLACE, "seen", self._state, self._seen | {"valid": True})
        self._settings.save()


def glance(path: Path | None, overrides: Sequence[str], *, cached: bool = True) -> Glance:
    """Look at a configuration and at the plugins that there are.

    Args:
        path: The file; None for the embedded default.
        overrides: As after ``--set``.
        cached: Trust what was seen before, and keep what is new.

    Raises:
        InvalidConfigError: The file cannot be read.
    """
    file, base = (_DEFAULT_FILE, Path()) if path is None else (path, path.absolute().parent)
    settings = settings_index(file.absolute()) if cached else Index()
    state = _state_of(file, overrides)
    seen = settings.kept(_PLACE, "seen", state)
    if seen is None:
        seen = _look(file, overrides)
        settings.keep(_PLACE, "seen", state, seen)
        settings.save()
    folders = [base / folder for folder in _folders(seen["folders"])]
    index = index_for(folders) if cached else Index()
    catalogue = Catalogue()
    found = [whole(str(folder), find_in_folder(folder, index)) for folder in folders]
    installed = whole("entry points", find_installed(index))
    built_in = whole("built-in plugins", find_built_ins(index))
    for finding in itertools.chain(*found, installed, built_in):
        add(catalogue, finding)
    index.save()
    valid = seen.get("valid", False)
    return Glance(seen["blocks"], catalogue, index, valid, settings, seen, state)


def _look(file: Path, overrides: Sequence[str]) -> dict[str, Any]:
    """Read a configuration: the plugins' blocks without their own settings, and the folders."""
    from aitbc_hooks.config.layers import (  # noqa: PLC0415 - as the next
        apply_environment,
        apply_overrides,
    )
    from aitbc_hooks.config.reading import read_document  # noqa: PLC0415 - only where it has changed

    document = read_document(file)
    apply_environment(document, os.environ)
    apply_overrides(document, overrides)
    plugins = document.data.get("plugins")
    paths = document.data.get("plugin_paths")
    return {
        "blocks": {
            name: {key: value for key, value in block.items() if key in _SHOWN}
            for name, block in (plugins.items() if isinstance(plugins, dict) else ())
            if isinstance(block, dict)
        },
        "folders": [path for path in paths if isinstance(path, str)]
        if isinstance(paths, list)
        else [],
    }


_SHOWN: Final = ("enabled", "priority", "dependencies")


def _state_of(file: Path, overrides: Sequence[str]) -> str:
    """Return a digest of the file and of the layers over it.

    Of other variables it has the names: which of them are set decides whether a file that names
    them is valid.
    """
    try:
        content = file.read_bytes()
    except (OSError, ValueError):  # told by who reads it
        content = b""
    ours = sorted(f"{k}={v}" for k, v in os.environ.items() if k.startswith("AITBC_"))
    parts = [*overrides, "", *ours, "", *sorted(os.environ)]
    return digest(content + b"\0" + "\0".join(parts).encode("utf-8", "surrogateescape"))


def _folders(items: Sequence[str]) -> Iterator[Path]:
    for item in items:
        if "$" not in item:
            yield expand(item, os.environ)
            continue
        from aitbc_hooks.config.interpolation import (  # noqa: PLC0415 - rarely needed
            InterpolationError,
            interpolate,
        )

        try:
            yield expand(interpolate(item, os.environ).text, os.environ)
        except InterpolationError:
            continue  # `config validate` says what is wrong
