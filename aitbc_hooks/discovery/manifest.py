"""A plugin's manifest ``plugin.toml``: what is known of it without running it."""

from __future__ import annotations

import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.errors import MetadataError, PluginError, VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Version

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["MANIFEST", "Manifest", "built_in_manifests", "read_manifest"]

#: The manifest's file name, beside the plugin's code.
MANIFEST: Final = "plugin.toml"

_MAX_SIZE: Final = 256 * 1024
_DOTTED: Final = r"[^\W\d]\w*(?:\.[^\W\d]\w*)*"
_ENTRY: Final = re.compile(rf"{_DOTTED}(?::{_DOTTED})?")


@attrs.frozen
class Manifest:
    """The table ``[plugin]`` of a manifest, as far as the host needs it before an import.

    Attributes:
        name: The plugin's name.
        version: Its version, SemVer 2.0; None if the manifest does not say.
        description: One sentence.
        entry: ``module:attribute`` of the plugin's class or factory, relative to the folder.
        commands: Names of the command groups that it offers -> help.
    """

    name: str
    version: str | None = None
    description: str | None = None
    entry: str = "plugin"
    commands: Mapping[str, str] = attrs.field(factory=dict)


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest in a plugin's folder; None if there is none.

    Raises:
        PluginError: It cannot be read, or says something impossible (``AITBC-P09``).
    """
    import tomllib  # noqa: PLC0415 - only where there is a manifest

    path = folder / MANIFEST
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(path, "it is no file.")
        if found.st_size > _MAX_SIZE:
            raise _unreadable(path, f"it is larger than {_MAX_SIZE} bytes.")
        table = tomllib.loads(path.read_text("utf-8")).get("plugin")
    except FileNotFoundError:
        return None
    except (OSError, ValueError, RecursionError) as error:  # what tomllib raises, and more
        raise _unreadable(path, f"{error}.") from None
    if not isinstance(table, dict):
        raise _unreadable(path, "expected a table [plugin].")
    try:
        return _structure(table)
    except (MetadataError, VersionError) as error:
        raise _unreadable(path, error.message) from None


def built_in_manifests() -> Iterator[tuple[Path, Manifest]]:
    """Yield the folders of the plugins that come with this distribution, with their manifests."""
    import importlib.util  # noqa: PLC0415 - together with what it finds

    spec = importlib.util.find_spec("aitbc_builtin_plugins")
    for location in (spec.submodule_search_locations or []) if spec else []:
        for child in sorted(Path(location).iterdir()):
            manifest = read_manifest(child) if child.is_dir() else None
            if manifest is not None:
                yield child, manifest


def _unreadable(path: Path, why: str) -> PluginError:
    return PluginError(f"{path}: {why}", code="AITBC-P09")


def _structure(table: dict[str, Any]) -> Manifest:
    for key in ("name", "version", "description", "entry"):
        if not isinstance(table.get(key, ""), str):
            raise MetadataError(f"{key}: expected a string, got {table[key]!r}.")
    name = table.get("name", "")
    if not PLUGIN_NAME.fullmatch(name):
        raise MetadataError(f"name: expected letters, digits and '-', got {name!r}.")
    if "version" in table:
        Version.parse(table["version"])
    entry = table.get("entry", "plugin")
    if not _ENTRY.fullmatch(entry):
        raise MetadataError(f"entry: expected module or module:attribute, got {entry!r}.")
    commands = table.get("commands", {})
    if not isinstance(commands, dict) or not all(isinstance(h, str) for h in commands.values()):
        raise MetadataError("commands: expected a table of names and help texts.")
    return Manifest(
        name=name,
        version=table.get("version"),
        description=table.get("description"),
        entry=entry,
        commands=commands,
    )
