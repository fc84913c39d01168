"""Finding the plugin that an author names: by its place, by its module, or as installed."""

from __future__ import annotations

import difflib
import os
import sys
from pathlib import Path
from typing import Final

import attrs

from aitbc_hooks.discovery import discover, read_manifest
from aitbc_hooks.discovery.importing import import_entry, import_folder
from aitbc_hooks.errors import AitbcError, PluginLoadError, PluginNotFoundError

__all__ = ["Place", "find_plugin", "place_named"]

_MODULE: Final = "plugin"


@attrs.frozen
class Place:
    """Where a plugin is, before it is imported.

    Attributes:
        named: How it was named.
        folder: Its own folder, absolute; None for one that is imported by a dotted name.
        entry: ``module`` or ``module:attribute``, relative to the folder if there is one.
    """

    named: str
    folder: Path | None
    entry: str

    def load(self) -> object:
        """Import the plugin.

        Raises:
            PluginLoadError: The import failed (``AITBC-P02``), or there is no plugin
                (``AITBC-P06``).
        """
        if self.folder is not None:
            return import_folder(self.folder, self.entry, self.folder.name)
        return import_entry(self.entry, self.entry)


def find_plugin(named: str) -> object:
    """Return the plugin of that name or place, imported.

    Args:
        named: A path (the plugin's folder, or its module's file, optionally with ``:Class``), a
            dotted name (``package.module:Class``), or the name of an installed plugin.

    Raises:
        PluginNotFoundError: There is nothing of that name.
        PluginLoadError: It cannot be imported, or is no plugin.
    """
    return place_named(named).load()


def place_named(named: str) -> Place:
    """Return where a plugin is that is named as for `find_plugin`; nothing is imported.

    Raises:
        PluginNotFoundError: There is nothing of that name.
    """
    path, _, attribute = named.partition(":")
    if _is_path(path):
        return _place_at(named, Path(path), attribute)
    if "." in path or ":" in named or _is_module(path):
        _see_working_directory()
        return Place(named, None, named)
    return _installed(named)


def _is_path(text: str) -> bool:
    return os.sep in text or text in (".", "..") or text.endswith(".py") or Path(text).is_dir()


def _is_module(name: str) -> bool:
    return name.isidentifier() and Path(f"{name}.py").is_file()


def _see_working_directory() -> None:
    """Let modules beside the author be imported, as under ``python -m``."""
    here = str(Path.cwd())
    if here not in sys.path and "" not in sys.path:
        sys.path.insert(0, here)


def _place_at(named: str, path: Path, attribute: str) -> Place:
    if path.is_file():
        return Place(named, path.resolve().parent, _entry(path.stem, attribute))
    if not path.is_dir():
        raise PluginNotFoundError(f"{path} does not exist.", hint="Name a folder or a module.")
    folder = path.resolve()
    manifest = _manifest_entry(folder)
    entry = manifest or _MODULE
    if attribute:
        entry = _entry(entry.partition(":")[0], attribute)
    elif manifest is None and not (folder / f"{_MODULE}.py").is_file():
        raise PluginLoadError(
            f"{path} has no {_MODULE}.py and no plugin.toml.",
            hint="Name the plugin's own folder, or its module's file.",
            code="AITBC-P06",
        )
    return Place(named, folder, entry)


def _manifest_entry(folder: Path) -> str | None:
    try:
        manifest = read_manifest(folder)
    except AitbcError:
        return None  # META-05 says what is wrong with it
    return manifest.entry if manifest else None


def _entry(module: str, attribute: str) -> str:
    return f"{module}:{attribute}" if attribute else module


def _installed(named: str) -> Place:
    catalogue = discover()
    candidate = catalogue.get(named)
    if candidate is None:
        near = difflib.get_close_matches(named, list(catalogue.candidates), n=1)
        raise PluginNotFoundError(
            "no installed plugin has that name.",
            plugin=named,
            hint=f"Did you mean {near[0]!r}?" if near else "Name a path, or package.module:Class.",
        )
    return Place(named, None, candidate.location.partition("[")[0].strip())
