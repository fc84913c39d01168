"""What discovery finds: plugins that could be loaded, and what was passed over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from aitbc_hooks.errors import AitbcError

__all__ = ["Candidate", "Catalogue", "Finding", "Note", "Rejected", "Source"]

#: Where a plugin was found: "registered", "command line", "directory", "entry point", "built-in".
Source = str


@attrs.frozen
class Candidate:
    """A plugin that is known and has not been imported.

    Attributes:
        name: Its name.
        source: The kind of place where it was found.
        location: The place: a folder, an entry point's value, a module's name.
        resolve: Imports it and returns what there is: a subclass of `BasePlugin`, a factory
            ``create_plugin(context)``, an instance, or a module or object with hookimpls.
        version: Its version, if it is known without importing.
        description: Its description, likewise.
        commands: Names of the command groups that it offers -> help, likewise; None if unknown.
        schema: The file with the schema of its configuration, if there is one beside its code.
    """

    name: str
    source: Source
    location: str
    resolve: Callable[[], object] = attrs.field(repr=False, eq=False)
    version: str | None = None
    description: str | None = None
    commands: Mapping[str, str] | None = None
    schema: Path | None = None


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
