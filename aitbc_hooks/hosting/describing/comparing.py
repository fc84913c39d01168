"""Where a plugin's manifest and its code disagree."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery import Manifest
from aitbc_hooks.discovery.described import state_of_folder
from aitbc_hooks.interfaces import PluginMetadata

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from aitbc_hooks.discovery import Command, Index

__all__ = ["Difference", "compare", "disagreements_before", "keep_disagreements", "merge"]

#: What only the manifest can say: no code tells what it may do, or when it is to be started.
_MANIFEST_ONLY: Final = (
    "activation",
    "interface",
    "requires_aitbc",
    "permissions",
    "optional_permissions",
    "limits",
    "unknown",
    "is_complete",
)
_PLACE: Final = "compared"
#: What `get_metadata()` says, which a plugin of hookimpls need not have.
_METADATA: Final = frozenset(field.name for field in dataclasses.fields(PluginMetadata)) - {"name"}
#: Lists whose order means nothing.
_SETS: Final = ("keywords", "dependencies", "supported_platforms", "interfaces", "hooks")


@attrs.frozen
class Difference:
    """One thing of which manifest and code say different things.

    Attributes:
        key: Of the manifest.
        manifest: What the manifest says; None if nothing.
        code: What the code says; None if nothing.
    """

    key: str
    manifest: Any
    code: Any

    @property
    def is_gap(self) -> bool:
        """Whether the manifest merely says nothing: no lie, but the host must do without."""
        return self.manifest is None

    def __str__(self) -> str:
        if self.is_gap:
            return f"{self.key}: the manifest does not say; the code says {self.code!r}."
        if self.code is None:
            return f"{self.key}: the manifest says {self.manifest!r}; the code has nothing of it."
        return f"{self.key}: the manifest says {self.manifest!r}; the code says {self.code!r}."


def compare(manifest: Manifest, code: Manifest) -> list[Difference]:
    """Return where they differ, in the manifest's order.

    Args:
        manifest: What the file says.
        code: What describing has found.
    """
    found: list[Difference] = []
    for field in attrs.fields(Manifest):
        if field.name in _MANIFEST_ONLY or field.name == "entry":
            continue
        if field.name in _METADATA and code.version is None:
            continue  # the code has no metadata: the manifest speaks for it
        said, seen = getattr(manifest, field.name), getattr(code, field.name)
        if field.name == "commands":
            found += _commands("commands", said, seen)
        elif field.name in _SETS:
            found += _plain(field.name, sorted(said), sorted(seen))
        elif field.name == "config_schema" and (isinstance(said, str) or seen is None):
            continue  # a file beside the code is held against it when the plugin is loaded
        else:
            found += _plain(field.name, said, seen)
    return found


def _plain(key: str, said: Any, seen: Any) -> Iterator[Difference]:
    said, seen = said or None, seen or None
    if said != seen:
        yield Difference(key, said, seen)


def _commands(
    key: str, said: Mapping[str, Command] | None, seen: Mapping[str, Command] | None
) -> Iterator[Difference]:
    said, seen = said or {}, seen or {}
    if not said and seen:
        yield Difference(key, None, sorted(seen))
        return
    for name in sorted(said.keys() | seen.keys()):
        inner = f"{key}.{name}"
        if name not in said:
            yield Difference(inner, None, seen[name].summary or name)
        elif name not in seen:
            yield Difference(inner, said[name].summary or name, None)
        else:
            yield from _command(inner, said[name], seen[name])


def _command(key: str, said: Command, seen: Command) -> Iterator[Difference]:
    if said.summary != seen.summary:
        yield Difference(f"{key}.help", said.summary or None, seen.summary or None)
    if said.parameters or said.commands:  # else it is but a name and a line, and means to be
        if said.parameters != seen.parameters:
            yield Difference(
                f"{key}.parameters",
                [" ".join(each.declarations) for each in said.parameters],
                [" ".join(each.declarations) for each in seen.parameters],
            )
        yield from _commands(f"{key}.commands", said.commands, seen.commands)


def disagreements_before(folder: Path, index: Index) -> list[str] | None:
    """Return where a plugin's manifest and code were found to disagree, as they are now.

    Args:
        folder: The plugin's folder.
        index: Where it is kept.

    Returns:
        A sentence for each difference that is more than a gap; None if they were not compared.
    """
    kept = index.kept(_PLACE, str(folder), state_of_folder(folder))
    return [str(each) for each in kept] if isinstance(kept, list) else None


def keep_disagreements(folder: Path, index: Index, said: list[str]) -> None:
    """Keep where a plugin's manifest and code disagree, for as long as both are the same."""
    index.keep(_PLACE, str(folder), state_of_folder(folder), said)


def merge(manifest: Manifest, code: Manifest) -> Manifest:
    """Return what the code says, and of the rest what the manifest says.

    Args:
        manifest: What the file says now.
        code: What describing has found.
    """
    said_by_code = () if code.version is None else _METADATA
    keys = {*_MANIFEST_ONLY, "entry", *_METADATA}.difference(said_by_code)
    kept = {key: getattr(manifest, key) for key in keys}
    if isinstance(manifest.config_schema, str):
        kept["config_schema"] = manifest.config_schema
    return attrs.evolve(code, **kept)
