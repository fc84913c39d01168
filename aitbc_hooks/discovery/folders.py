"""Plugins in folders: the configuration's ``plugin_paths``. Nothing is imported."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aitbc_hooks.discovery.described import described_before
from aitbc_hooks.discovery.index import Index
from aitbc_hooks.discovery.manifest.indexed import indexed_manifest, manifest_in
from aitbc_hooks.discovery.records import Candidate, Finding, Note, Rejected
from aitbc_hooks.discovery.schemas import schema_beside
from aitbc_hooks.errors import PluginError, PluginLoadError
from aitbc_hooks.versions import PLUGIN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.discovery.index import Entry
    from aitbc_hooks.discovery.manifest import Manifest

__all__ = ["find_at", "find_in_folder"]

_SOURCE: Final = "directory"
_MODULE: Final = "plugin.py"
_CODE: Final = ".py"
#: The entry of a plugin whose manifest does not say.
_ENTRY: Final = "plugin"


def find_in_folder(folder: Path, index: Index | None = None) -> Iterator[Finding]:
    """Find the plugins in one of the configuration's ``plugin_paths``.

    A plugin is a subfolder with a ``plugin.py`` or a manifest (SPEC.md, Plugin Structure).
    Hidden and private folders, plain files and folders without either are none of ours.

    Args:
        folder: The folder.
        index: What is known of it from before.
    """
    index = Index() if index is None else index
    place = os.path.abspath(folder)  # noqa: PTH100 - links stay
    try:
        with os.scandir(folder) as entries:
            children = sorted(entries, key=_name_of)
    except FileNotFoundError:
        yield Note(str(folder), "the folder does not exist")
        return
    except (OSError, ValueError) as error:  # ValueError: a name that no file can have
        why = error.strerror if isinstance(error, OSError) else error
        yield Note(str(folder), f"the folder cannot be read: {why}")
        return
    for child in children:
        if child.name[0] not in "._":
            found = _look_into(child, place, index)
            if found is not None:
                yield found
    index.forget_others(place, map(_name_of, children))


def find_at(path: Path) -> Finding | None:
    """Look at one plugin's folder, afresh; None if there is nothing of its name."""
    with contextlib.suppress(OSError), os.scandir(path.parent) as entries:
        for child in entries:
            if child.name == path.name:
                return _look_into(child, str(path.parent), Index())
    return None


def _name_of(child: os.DirEntry[str]) -> str:
    return child.name


def _look_into(child: os.DirEntry[str], place: str, index: Index) -> Finding | None:
    try:
        if not child.is_dir():
            return _no_folder(child)
        entry = indexed_manifest(child.path, place, child.name, index)
        if entry is None:
            return _bare(Path(child.path), index)
        if entry.problem:
            error = PluginError(entry.problem, code="AITBC-P09")
            return Rejected(entry.name, _SOURCE, child.path, error)
    except OSError as error:
        reason = PluginError(f"{child.path}: {error.strerror}.", code="AITBC-P09")
        return Rejected(child.name, _SOURCE, child.path, reason)
    return _Folder(entry.name, child.path, entry, index).candidate()


def _no_folder(child: os.DirEntry[str]) -> Finding | None:
    if child.is_symlink():
        with contextlib.suppress(FileNotFoundError):
            os.stat(child.path)  # noqa: PTH116 - a loop of links says so by raising
    if not child.name.endswith(_CODE):
        return None
    name = child.name.removesuffix(_CODE)
    error = PluginLoadError(
        f"{child.name} is a file; a plugin is a folder.",
        hint=f"Move it to {name}/{_MODULE}.",
        code="AITBC-P06",
    )
    return Rejected(name, _SOURCE, child.path, error)


def _bare(child: Path, index: Index) -> Finding:
    """Return what a folder without a manifest is: a plugin that is called as the folder is."""
    name = child.name.replace("_", "-")
    if not (child / _MODULE).is_file():
        return Note(str(child), f"the folder has no {_MODULE} and no manifest")
    if not PLUGIN_NAME.fullmatch(name):
        error = PluginLoadError(
            f"{child.name!r} cannot be a plugin's name.",
            hint="Rename the folder: a letter, then letters, digits and '-'.",
            code="AITBC-P06",
        )
        return Rejected(name, _SOURCE, str(child), error)
    return _Folder(name, str(child), None, index).candidate()


class _Folder:
    """What a candidate asks of its folder, found out when it is asked.

    Args:
        name: The plugin's name.
        path: The folder.
        entry: What its manifest says; None if there is none.
        index: Where it may have been described.
    """

    __slots__ = ("_entry", "_index", "_manifest", "name", "path")

    def __init__(self, name: str, path: str, entry: Entry | None, index: Index) -> None:
        self.name = name
        self.path = path
        self._entry = entry
        self._index = index
        self._manifest: Manifest | None = None

    def candidate(self) -> Candidate:
        return Candidate(
            self.name, _SOURCE, self.path, self.resolve, self.describe, self.find_schema
        )

    def describe(self) -> Manifest | None:
        if self._manifest is None:
            entry = self._entry
            self._manifest = (
                described_before(Path(self.path), self._index)
                if entry is None
                else manifest_in(entry)
            )
        return self._manifest

    def resolve(self) -> object:
        from aitbc_hooks.discovery.importing import import_folder  # noqa: PLC0415 - the contract

        return import_folder(Path(self.path).resolve(), self._module(), self.name)

    def find_schema(self) -> Path | None:
        return schema_beside(Path(self.path).resolve(), self._module())

    def _module(self) -> str:
        manifest = self.describe()
        return manifest.entry if manifest else _ENTRY
