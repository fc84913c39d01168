"""What comes of a request: a set of versions, a refutation, or that the search gave up."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aitbc_hooks.resolution.domains import Domain
    from aitbc_hooks.resolution.order import StartOrder
    from aitbc_hooks.resolution.proving import Step
    from aitbc_hooks.resolution.request import Release, Request
    from aitbc_hooks.versions import Version

__all__ = ["Change", "ChangeKind", "GaveUp", "Refutation", "Resolution", "Solution"]

#: How many steps of a proof its text shows.
_SHOWN: Final = 30


@attrs.frozen
class Solution:
    """A set of releases that violates nothing, and holds nothing that is not needed.

    Attributes:
        releases: Name in lower case -> the release that is taken, sorted by name.
        order: The start order of these names; `order.problems` names cycles by their path.
    """

    releases: Mapping[str, Release]
    order: StartOrder

    @property
    def versions(self) -> dict[str, Version]:
        """Name, as the releases write it, -> version."""
        return {release.name: release.version for release in self.releases.values()}

    def __str__(self) -> str:
        return ", ".join(f"{name} {version}" for name, version in self.versions.items())


class ChangeKind(enum.Enum):
    """The kinds of change that are tried, in the order in which they are shown."""

    ENABLE = "enable a disabled plugin"
    VERSION = "take another version than the one that was asked for"
    PRERELEASES = "allow pre-releases of a plugin"
    DROP = "do without something that was asked for"
    YANKED = "allow a release although it was yanked"


@attrs.frozen
class Change:
    """One change to a request, which was tried by solving again with it.

    Attributes:
        kind: What is changed.
        name: The plugin that it is about.
        version: The version of that plugin that is taken with it; None if the plugin is not.
        text: The change as an imperative clause.
        request: The request with the change.
    """

    kind: ChangeKind
    name: str
    version: Version | None
    text: str
    request: Request = attrs.field(repr=False)

    def __str__(self) -> str:
        return self.text


@attrs.frozen
class Refutation:
    """The proof that no set of versions works, and what would help.

    Attributes:
        steps: The proof; its last step is the contradiction.
        sentences: Each step as a sentence.
        changes: The single changes that were tried and work.
        untried: How many changes could not be tried within the budget.
        domains: The values that the masks of the proof are about, by key.
    """

    steps: tuple[Step, ...]
    sentences: tuple[str, ...]
    changes: tuple[Change, ...]
    untried: int
    domains: Mapping[str, Domain] = attrs.field(repr=False)

    def __str__(self) -> str:
        lines = [f"{number}. {text}" for number, text in enumerate(self.sentences, start=1)]
        if (hidden := len(lines) - _SHOWN) > 0:
            lines[:hidden] = [f"(A proof of {len(lines)} steps; the last {_SHOWN} are shown.)"]
        if self.changes:
            lines.append("Changes that work on their own (each was tried):")
            lines += [f"  - {change}" for change in self.changes]
        else:
            lines.append("No single change that was tried works.")
        if self.untried:
            lines.append(f"Not tried, for lack of time: {self.untried}.")
        return "\n".join(lines)


@attrs.frozen
class GaveUp:
    """The search spent its budget, and whether a set of versions works is not known.

    Attributes:
        budget: The steps that it was allowed.
        busiest: The plugins that its conflicts were about, those with the most first.
    """

    budget: int
    busiest: tuple[str, ...]

    def __str__(self) -> str:
        advice = f" Ask for exact versions of {', '.join(self.busiest)}." if self.busiest else ""
        return f"No answer within {self.budget} steps: this is too complex.{advice}"


Resolution = Solution | Refutation | GaveUp
