"""Where a plugin's manifest and its code disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.discovery import Command

__all__ = ["Difference", "compare", "merge"]

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


def merge(manifest: Manifest, code: Manifest) -> Manifest:
    """Return what the code says, and of the rest what the manifest says.

    Args:
        manifest: What the file says now.
        code: What describing has found.
    """
    kept = {key: getattr(manifest, key) for key in (*_MANIFEST_ONLY, "entry")}
    if isinstance(manifest.config_schema, str):
        kept["config_schema"] = manifest.config_schema
    return attrs.evolve(code, **kept)
