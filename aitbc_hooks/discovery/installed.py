"""Plugins of installed distributions: their entry points, and the manifests that they carry."""

from __future__ import annotations

import functools
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery.index import Entry, Index
from aitbc_hooks.discovery.manifest import MANIFEST, Manifest
from aitbc_hooks.discovery.manifest.indexed import entry_of, manifest_in
from aitbc_hooks.discovery.records import Candidate, Finding, Note, Rejected
from aitbc_hooks.discovery.schemas import folder_of_module, schema_of_module
from aitbc_hooks.discovery.sources import importer
from aitbc_hooks.errors import PluginError, PluginLoadError
from aitbc_hooks.versions import PLUGIN_NAME, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.metadata import EntryPoint

__all__ = ["ENTRY_POINT_GROUP", "find_installed"]

#: The entry-point group in which a distribution announces its plugins.
ENTRY_POINT_GROUP: Final = "aitbc.plugins"

_PLACE: Final = "installed"


@attrs.frozen
class _Announced:
    """One entry point, with what its distribution says of it.

    Attributes:
        name: The entry point's name.
        value: Its value.
        version: The distribution's version.
        summary: Likewise.
        text: The manifest's table as JSON; empty if there is no manifest.
        problem: What is wrong with the manifest; empty if nothing is.
    """

    name: str
    value: str
    version: str | None
    summary: str | None
    text: str
    problem: str

    def manifest(self) -> Manifest:
        """Return what the manifest says; without one, what the distribution says."""
        if self.text:
            return manifest_in(Entry(self.name, self.text))
        return Manifest(
            name=self.name,
            version=self.version,
            description=self.summary,
            entry=self.value.partition("[")[0].strip(),
            is_complete=False,
        )


def find_installed(index: Index | None = None) -> Iterator[Finding]:
    """Find the plugins that installed distributions announce as entry points.

    Args:
        index: What is known of them from before; good for as long as no folder of `sys.path`
            changes, and none of the announcements.
    """
    index = Index() if index is None else index
    folders = _states(sys.path)
    kept = index.kept(_PLACE, "entry points", folders)
    if kept is None or _states(path for path, _ in kept["files"]) != kept["files"]:
        try:
            kept = _look()
        except Exception as error:  # noqa: BLE001 - one damaged distribution among hundreds suffices
            yield Note("entry points", f"installed plugins cannot be listed: {error!r}")
            return
        index.keep(_PLACE, "entry points", folders, kept)
    for row in kept["plugins"]:
        yield _finding(_Announced(*row))


def _states(paths: Any) -> list[list[Any]]:
    """Return each path that is there, with the time of its last change."""
    found = []
    for path in paths:
        try:
            found.append([path, os.stat(path or os.curdir).st_mtime_ns])  # noqa: PTH116 - many
        except OSError:
            continue
    return found


def _look() -> dict[str, Any]:
    """Ask the distributions: what they announce, and which files say so."""
    import importlib.metadata  # noqa: PLC0415 - costs as much as the rest of this package

    rows: list[list[Any]] = []
    files: list[str] = []
    for entry_point in importlib.metadata.entry_points(group=ENTRY_POINT_GROUP):
        entry = entry_point.value.partition("[")[0].strip()  # extras are the installer's business
        version, summary = _facts(entry_point)
        said, told_by = _manifest_of(entry_point, entry)
        files += told_by
        rows.append(
            [entry_point.name, entry_point.value, version, summary, said.text, said.problem]
        )
    return {"plugins": rows, "files": _states(sorted(set(files)))}


def _facts(entry_point: EntryPoint) -> tuple[str | None, str | None]:
    """Return the version and summary of an entry point's distribution, as far as it tells."""
    try:
        meta: Any = entry_point.dist.metadata if entry_point.dist else {}
        return meta.get("Version"), meta.get("Summary")
    except Exception:  # noqa: BLE001 - a damaged distribution may hold a sound plugin
        return None, None


def _manifest_of(entry_point: EntryPoint, entry: str) -> tuple[Entry, list[str]]:
    """Return what an entry point's manifest says, and the files that were looked at.

    In the distribution's metadata folder it is called ``NAME.plugin.toml`` or, where it is the
    only one, ``plugin.toml``; build backends that put further files there have a folder
    ``extra_metadata`` for them. Else it lies beside the plugin's module.
    """
    looked_at: list[str] = []
    name = entry_point.name
    for path in _places(entry_point, entry):
        try:
            looked_at.append(str(path))
            said = entry_of(path.read_bytes(), str(path), name)
        except OSError:
            continue
        if not said.problem and canonical_name(said.name) != canonical_name(name):
            if path.name == MANIFEST and path.parent.suffix == ".dist-info":
                continue  # that of another plugin of the same distribution
            said = Entry(name, "", f"{path}: name: expected {name!r}, got {said.name!r}.")
        return said, looked_at
    return Entry(name, ""), looked_at


def _places(entry_point: EntryPoint, entry: str) -> Iterator[Path]:
    for file in _metadata_files(entry_point):
        if file.name in (f"{entry_point.name}.{MANIFEST}", MANIFEST):
            yield file
    if (folder := folder_of_module(entry)) is not None:
        yield folder / MANIFEST


def _metadata_files(entry_point: EntryPoint) -> Iterator[Path]:
    """Yield the files in the distribution's metadata folder, the announcement itself first."""
    folder: Any = getattr(entry_point.dist, "_path", None)  # there is no public name for it
    if not isinstance(folder, Path) or not folder.is_dir():
        return
    for inner in (folder, folder / "extra_metadata"):
        if inner.is_dir():
            yield from sorted(inner.iterdir())


def _finding(said: _Announced) -> Finding:
    name, value = said.name, said.value
    if not PLUGIN_NAME.fullmatch(name):
        error: PluginError = PluginLoadError(
            f"the entry point's name {name!r} cannot be a plugin's name.", code="AITBC-P06"
        )
        return Rejected(name, "entry point", value, error)
    if said.problem:
        error = PluginError(said.problem, code="AITBC-P09")
        return Rejected(name, "entry point", value, error)
    entry = value.partition("[")[0].strip()
    return Candidate(
        name,
        "entry point",
        value,
        importer(entry, name),
        functools.cache(said.manifest),
        functools.partial(schema_of_module, entry),
    )
