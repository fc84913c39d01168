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

#: Bytes that are read of a file that grows meanwhile.
_MOST: Final = 1 << 20
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
            data = _content(path, found.st_size)
        except PluginError as error:
            return Entry(name, "", error.message)
        entry = entry_of(data, path, name)
        index.note_file(place, key, found, data, entry)
    return entry


def _content(path: str, size: int) -> bytes:
    """Return a file's content; without a file object, in half of the time."""
    file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        data = os.read(file, size + 1)
        if len(data) != size:  # it has changed since it was looked at
            while len(data) < _MOST and (more := os.read(file, 1 << 16)):
                data += more
        return data
    finally:
        os.close(file)


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
