"""What discovery finds: plugins that could be loaded, and what was passed over."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aitbc_hooks.discovery.manifest import Manifest
    from aitbc_hooks.errors import AitbcError

__all__ = ["Candidate", "Catalogue", "Finding", "Note", "Rejected", "Source"]

#: Where a plugin was found: "registered", "command line", "directory", "entry point", "built-in".
Source = str


def _unknown() -> None:
    return None


@attrs.define  # nobody changes one; frozen, it would take three times as long to make
class Candidate:
    """A plugin that is known and has not been imported.

    Attributes:
        name: Its name.
        source: The kind of place where it was found.
        location: The place: a folder, an entry point's value, a module's name.
        resolve: Imports it and returns what there is: a subclass of `BasePlugin`, a factory
            ``create_plugin(context)``, an instance, or a module or object with hookimpls.
        describe: Returns what is known of it without importing it; None if nothing is.
        find_schema: Returns the file with the schema of its configuration; None if there is none.
    """

    name: str
    source: Source
    location: str
    resolve: Callable[[], object] = attrs.field(repr=False, eq=False)
    describe: Callable[[], Manifest | None] = attrs.field(default=_unknown, repr=False, eq=False)
    find_schema: Callable[[], Path | None] = attrs.field(default=_unknown, repr=False, eq=False)

    @property
    def folder(self) -> Path | None:
        """The folder with its code, if it is one of the configuration's ``plugin_paths``."""
        return Path(self.location) if self.source == "directory" else None

    @property
    def manifest(self) -> Manifest | None:
        """What is known of it without importing it."""
        return self.describe()

    @property
    def schema(self) -> Path | None:
        """The file with the schema of its configuration, if there is one beside its code."""
        return self.find_schema()

    @property
    def version(self) -> str | None:
        """Its version, as far as it is known."""
        return self.manifest.version if self.manifest else None

    @property
    def description(self) -> str | None:
        """Its description, as far as it is known."""
        return self.manifest.description if self.manifest else None

    @property
    def commands(self) -> Mapping[str, str] | None:
        """Names of the command groups that it offers -> help; None if nothing is known of it."""
        return self.manifest.helps if self.manifest else None


@attrs.frozen
class Rejected:
    """Something that looked like a plugin and cannot be one, with the reason."""

    name: str
    source: Source
    location: str
    error: AitbcError


@attrs.frozen
class Note:
    """Something worth telling that is no error, such as a folder that does not exist."""

    location: str
    text: str


Finding = Candidate | Rejected | Note


@attrs.define
class Catalogue:
    """Everything that was found, by name.

    Attributes:
        candidates: Canonical name -> the candidate that the name stands for.
        rejected: What was passed over, in the order in which it was found.
        notes: What is worth telling.
    """

    candidates: dict[str, Candidate] = attrs.field(factory=dict)
    rejected: list[Rejected] = attrs.field(factory=list)
    notes: list[Note] = attrs.field(factory=list)

    def get(self, name: str) -> Candidate | None:
        """Return the candidate of that name, whatever its case."""
        return self.candidates.get(canonical_name(name))
