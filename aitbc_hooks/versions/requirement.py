"""What a plugin asks of other plugins: to be there, to fit if they are there, not to be there."""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions.names import PLUGIN_NAME
from aitbc_hooks.versions.ranges import VersionRange

if TYPE_CHECKING:
    from aitbc_hooks.versions.version import Version

__all__ = ["Requirement", "RequirementKind"]

_REQUIREMENT: Final = re.compile(
    rf"\s*(?P<mark>[?!]?)\s*(?P<name>{PLUGIN_NAME.pattern})(?=\s|[<>=!^~]|$)\s*(?P<range>.*?)\s*",
    re.ASCII,
)


class RequirementKind(enum.Enum):
    """What a requirement asks for; the value is the mark before the name."""

    #: The plugin has to be there, in the range, and start first.
    NEED = ""
    #: The plugin may be missing; if it is there, it has to be in the range, and starts first.
    OPTIONAL = "?"
    #: The plugin must not be there in the range; without a range, not at all.
    CONFLICT = "!"


@attrs.frozen
class Requirement:
    """What a plugin asks of another: ``name``, ``?name`` or ``!name``, each with or without a range.

    Attributes:
        name: The other plugin's name, as it was written.
        range: The versions that it is about; no range is about every version.
        kind: Whether the other plugin has to be there, may be, or must not be.
    """

    name: str
    range: VersionRange = attrs.field(factory=VersionRange)
    kind: RequirementKind = RequirementKind.NEED

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Parse one entry of a ``dependencies`` list, such as ``wallet >=1.2,<2``.

        Raises:
            VersionError: The name or the range is not well-formed.
        """
        match = _REQUIREMENT.fullmatch(text)
        if match is None:
            raise VersionError(f"expected 'name' or 'name range', got {text[:80]!r}.")
        return cls(
            match["name"], VersionRange.parse(match["range"]), RequirementKind(match["mark"])
        )

    @staticmethod
    def is_requirement(text: str) -> bool:
        """Whether `parse` reads a text; in half of the time that it takes."""
        match = _REQUIREMENT.fullmatch(text)
        try:
            return match is not None and VersionRange.parse(match["range"]) is not None
        except VersionError:
            return False

    def allows(self, version: Version, *, prereleases: bool = False) -> bool:
        """Whether `version` lies within the range (see `VersionRange.allows`)."""
        return self.range.allows(version, prereleases=prereleases)

    def __str__(self) -> str:
        return f"{self.kind.value}{self.name} {self.range}".rstrip()
