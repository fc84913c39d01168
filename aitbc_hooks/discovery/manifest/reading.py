"""Reading ``plugin.toml``: from a file to a `Manifest`, or to one clear line of what is wrong."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.errors import MetadataError, PluginError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.discovery.manifest.records import Manifest

__all__ = [
    "MANIFEST",
    "built_in_folders",
    "built_in_manifests",
    "check_file",
    "manifest_of",
    "name_in",
    "read_manifest",
    "read_table",
    "table_in",
]

#: The manifest's file name, beside the plugin's code.
MANIFEST: Final = "plugin.toml"

#: The table in it that is the plugin's; what else stands there is another program's.
_TABLE: Final = "plugin"
_MAX_SIZE: Final = 256 * 1024


def read_manifest(folder: Path) -> Manifest | None:
    """Read the manifest in a plugin's folder; None if there is none.

    Raises:
        PluginError: It cannot be read, or says something impossible (``AITBC-P09``).
    """
    path = folder / MANIFEST
    try:
        return manifest_of(read_table(path), path)
    except FileNotFoundError:
        return None


def read_table(path: Path) -> dict[str, Any]:
    """Return the table ``[plugin]`` of a manifest, as it stands there.

    Raises:
        FileNotFoundError: There is no such file.
        PluginError: It is no such file, or has no such table (``AITBC-P09``).
    """
    try:
        check_file(path, path.stat())
        data = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise _unreadable(path, f"{error.strerror}.") from None
    return table_in(data, path)


def check_file(path: str | Path, found: os.stat_result) -> None:
    """Refuse what cannot be a manifest before it is read.

    Raises:
        PluginError: It is no file, or too large (``AITBC-P09``).
    """
    if not stat.S_ISREG(found.st_mode):
        raise _unreadable(path, "it is no file.")
    if found.st_size > _MAX_SIZE:
        raise _unreadable(path, f"it has {found.st_size} bytes, and may have at most {_MAX_SIZE}.")


def table_in(data: bytes, path: str | Path) -> dict[str, Any]:
    """Return the table ``[plugin]`` of a manifest's content.

    Raises:
        PluginError: It is no TOML, or has no such table (``AITBC-P09``).
    """
    import tomllib  # noqa: PLC0415 - only where there is a manifest

    try:
        table = tomllib.loads(data.decode("utf-8")).get(_TABLE)
    except UnicodeDecodeError as error:
        raise _unreadable(path, f"byte {error.start} is not UTF-8.") from None
    except (ValueError, RecursionError) as error:  # what tomllib raises
        raise _unreadable(path, f"{error}.") from None
    if not isinstance(table, dict):
        raise _unreadable(path, f"expected a table [{_TABLE}].")
    return table


def manifest_of(table: Mapping[str, Any], path: str | Path) -> Manifest:
    """Return what a table says that was read from a file.

    Raises:
        PluginError: Something is missing or impossible (``AITBC-P09``); told by its key.
    """
    from aitbc_hooks.discovery.manifest.structuring import structure  # noqa: PLC0415 - not if known

    try:
        return structure(table)
    except MetadataError as error:
        raise _unreadable(path, error.message) from None


def name_in(table: Mapping[str, Any], path: str | Path) -> str:
    """Return the plugin's name, after everything in a table was checked.

    Raises:
        PluginError: As `manifest_of` does.
    """
    from aitbc_hooks.discovery.manifest.structuring import check  # noqa: PLC0415 - as above

    try:
        return str(check(table)["name"])
    except MetadataError as error:
        raise _unreadable(path, error.message) from None


def built_in_manifests() -> Iterator[tuple[Path, Manifest]]:
    """Yield the folders of the plugins that come with this distribution, with their manifests."""
    for folder in built_in_folders():
        manifest = read_manifest(folder)
        if manifest is not None:
            yield folder, manifest


def built_in_folders() -> Iterator[Path]:
    """Yield the folders in which the plugins are that come with this distribution."""
    import importlib.util  # noqa: PLC0415 - together with what it finds

    spec = importlib.util.find_spec("aitbc_builtin_plugins")
    for location in (spec.submodule_search_locations or []) if spec else []:
        yield from (child for child in sorted(Path(location).iterdir()) if child.is_dir())


def _unreadable(path: str | Path, why: str) -> PluginError:
    return PluginError(f"{path}: {why}", code="AITBC-P09")
