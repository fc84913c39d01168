"""Manifests through the index: read once, then told from before."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from aitbc_hooks.discovery.index import Entry
from aitbc_hooks.discovery.manifest.reading import MANIFEST, check_file, name_in, table_in
from aitbc_hooks.discovery.manifest.records import restore
from aitbc_hooks.errors import PluginError

if TYPE_CHECKING:
    from aitbc_hooks.discovery.index import Index
    from aitbc_hooks.discovery.manifest.records import Manifest

__all__ = ["entry_of", "indexed_manifest", "manifest_in"]

#: What a parser has made has no circles.
_ENCODE: Final = json.JSONEncoder(check_circular=False, separators=(",", ":")).encode


def indexed_manifest(folder: str, place: str, key: str, index: Index) -> Entry | None:
    """Return what the manifest in a folder says; None if there is none.

    Args:
        folder: The plugin's folder.
        place: What the index keeps it under; see `Index.file`.
        key: Likewise.
        index: What was read before.

    Raises:
        OSError: The folder cannot be looked into.
    """
    path = f"{folder}/{MANIFEST}"
    try:
        found = os.stat(path)  # noqa: PTH116 - a thousand times
    except FileNotFoundError:
        return None
    entry = index.file(place, key, found, path)
    if entry is None:
        name = os.path.basename(folder).replace("_", "-")  # noqa: PTH119 - the same
        try:
            check_file(path, found)
            with open(path, "rb") as file:  # noqa: PTH123 - the same
                data = file.read()
        except PluginError as error:
            return Entry(name, "", error.message)
        entry = entry_of(data, path, name)
        index.note_file(place, key, found, data, entry)
    return entry


def entry_of(data: bytes, path: str, name: str) -> Entry:
    """Return what a manifest says, checked.

    Args:
        data: The file's content.
        path: Where it is, for messages.
        name: What the plugin is called if the manifest cannot say.
    """
    try:
        table = table_in(data, path)
        return Entry(name_in(table, path), _ENCODE(table))
    except TypeError:  # TOML has dates, JSON has none
        return Entry(name, "", f"{path}: dates cannot stand here.")
    except PluginError as error:
        return Entry(name, "", error.message)


def manifest_in(entry: Entry) -> Manifest:
    """Return what a sound entry says; it was checked when it was made."""
    return restore(entry.table())
