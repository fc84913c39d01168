"""Plugins without a manifest: what was found out about them, for as long as their code is the same."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.discovery.index import Entry
from aitbc_hooks.errors import MetadataError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aitbc_hooks.discovery.index import Index
    from aitbc_hooks.discovery.manifest import Manifest

__all__ = ["described_before", "keep_description", "said_before", "state_of_folder"]

_PLACE: Final = "described"
#: What a description depends on.
_SUFFIXES: Final = (".py", ".json", ".toml")
_MOST_FILES: Final = 2_000


def described_before(folder: Path, index: Index) -> Manifest | None:
    """Return what is known of a plugin without a manifest; None if it was not described yet.

    Args:
        folder: The plugin's folder.
        index: Where descriptions are kept.
    """
    entry = said_before(folder, index)
    if entry is None or entry.problem:
        return None
    from aitbc_hooks.discovery.manifest.structuring import structure  # noqa: PLC0415 - rarely

    try:
        return structure(entry.table())
    except (MetadataError, ValueError):  # not of our making
        return None


def said_before(folder: Path, index: Index) -> Entry | None:
    """Return what describing a plugin has come to, a failure included; None if it was not tried."""
    row = index.kept(_PLACE, str(folder), state_of_folder(folder))
    return Entry(*row) if isinstance(row, list) and len(row) == 3 else None  # noqa: PLR2004 - its fields


def keep_description(
    folder: Path, index: Index, name: str, table: Mapping[str, Any] | None, problem: str | None
) -> None:
    """Keep what describing a plugin has come to.

    Args:
        folder: The plugin's folder.
        index: Where it is kept.
        name: The plugin's name.
        table: A manifest's table; None if there is none.
        problem: Why there is none.
    """
    text = "" if table is None else json.dumps(table)
    index.keep(_PLACE, str(folder), state_of_folder(folder), [name, text, problem or ""])


def state_of_folder(folder: Path) -> str:
    """Return a digest of names, sizes and times of all that a plugin's code consists of."""
    state = hashlib.blake2b(digest_size=12, usedforsecurity=False)
    for count, (path, found) in enumerate(_files(os.fspath(folder))):
        if count >= _MOST_FILES:
            break
        line = f"{path}\0{found.st_size}\0{found.st_mtime_ns}\0{found.st_ctime_ns}\n"
        state.update(os.fsencode(line))
    return state.hexdigest()


def _files(folder: str) -> Iterator[tuple[str, os.stat_result]]:
    try:
        with os.scandir(folder) as entries:
            children = sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
    for child in children:
        if child.name.startswith((".", "__pycache__")):
            continue
        try:
            if child.is_dir(follow_symlinks=False):
                yield from _files(child.path)
            elif child.name.endswith(_SUFFIXES):
                yield child.path, child.stat()
        except OSError:
            continue
