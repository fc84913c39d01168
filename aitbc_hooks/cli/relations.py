"""How plugins relate: who asks what of whom, in which circles, and whose turn it is in a hook."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import AitbcError
from aitbc_hooks.versions import Requirement, RequirementKind, Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from aitbc_hooks.cli.overview import Listing

__all__ = ["Link", "Relations", "call_order", "fits", "requirements_of"]

#: What makes one plugin start after another.
_ORDERING: Final = (RequirementKind.NEED, RequirementKind.OPTIONAL)


@attrs.frozen
class Link:
    """What one plugin asks of another.

    Attributes:
        source: Canonical name of the one that asks.
        target: Canonical name of the other.
        requirement: What it asks.
        fits: Whether the other's version is in the range; None if the other is not there.
    """

    source: str
    target: str
    requirement: Requirement
    fits: bool | None

    @property
    def kind(self) -> RequirementKind:
        """Whether the other has to be there, may be, or must not be."""
        return self.requirement.kind


class Relations:
    """The links between plugins, in an order that depends on nothing but names.

    Args:
        listings: The plugins.
    """

    def __init__(self, listings: Iterable[Listing]) -> None:
        self.listings: Mapping[str, Listing] = {canonical_name(row.name): row for row in listings}
        self._from: dict[str, list[Link]] = {}
        self._to: dict[str, list[Link]] = {}
        for key in sorted(self.listings):
            for link in self._links(key):
                self._from.setdefault(link.source, []).append(link)
                self._to.setdefault(link.target, []).append(link)

    def asked_by(self, key: str) -> list[Link]:
        """Return what a plugin asks of others, by the others' names."""
        return self._from.get(key, [])

    def asked_of(self, key: str) -> list[Link]:
        """Return what others ask of a plugin, by the others' names."""
        return self._to.get(key, [])

    def name(self, key: str) -> str:
        """Return a name as its plugin writes it, or else as the first does that asks for it."""
        if key in self.listings:
            return self.listings[key].name
        asked = self.asked_of(key)
        return asked[0].requirement.name if asked else key

    def needed(self, keys: Iterable[str]) -> set[str]:
        """Return plugins with all that they need, directly or not, as far as it is there."""
        return self._reached(keys, lambda key: (link.target for link in self._needs(key)))

    def dependents(self, keys: Iterable[str]) -> set[str]:
        """Return plugins with all that need them, directly or not."""
        return self._reached(
            keys,
            lambda key: (
                link.source for link in self.asked_of(key) if link.kind is RequirementKind.NEED
            ),
        )

    def _needs(self, key: str) -> Iterator[Link]:
        return (link for link in self.asked_by(key) if link.kind is RequirementKind.NEED)

    def _reached(self, keys: Iterable[str], following: Callable[[str], Iterable[str]]) -> set[str]:
        found = {key for key in keys if key in self.listings}
        waiting = list(found)
        while waiting:
            new = {each for each in following(waiting.pop()) if each in self.listings} - found
            found |= new
            waiting += new
        return found

    @functools.cached_property
    def circles(self) -> tuple[frozenset[str], ...]:
        """The sets of plugins that wait for each other, so that none of them can start."""
        after = {key: self._after(key) for key in self.listings}
        return tuple(
            sorted(
                (group for group in _knots(after) if len(group) > 1 or group <= after[min(group)]),
                key=min,
            )
        )

    def path(self, circle: frozenset[str]) -> tuple[str, ...]:
        """Return a way around in a circle, from its least name back to it."""
        walk = [min(circle)]
        while True:
            walk.append(min(self._after(walk[-1]) & circle))
            if walk[-1] in walk[:-1]:
                way = walk[walk.index(walk[-1]) : -1]
                start = way.index(min(way))
                return (*way[start:], *way[:start], way[start])

    def _after(self, key: str) -> frozenset[str]:
        """Return what starts before a plugin."""
        return frozenset(
            link.target
            for link in self.asked_by(key)
            if link.kind in _ORDERING and link.target in self.listings
        )

    def _links(self, key: str) -> Iterator[Link]:
        found = {}
        for requirement in requirements_of(self.listings[key]):
            target = canonical_name(requirement.name)
            other = self.listings.get(target)
            suits = None if other is None else fits(requirement, other.candidate.version)
            link = Link(key, target, requirement, suits)
            found[target, requirement.kind.value, str(requirement.range)] = link
        return (found[place] for place in sorted(found))


def requirements_of(listing: Listing) -> Iterator[Requirement]:
    """Yield what a plugin asks of others, as far as it can be read."""
    for text in listing.dependencies:
        try:
            yield Requirement.parse(text)
        except AitbcError:
            continue  # told where the plugin is loaded


def fits(requirement: Requirement, version: str | None) -> bool:
    """Whether a plugin that is there has a version that a requirement is about.

    As in the host: a pre-release counts by its order, and no version is in no range.
    """
    if requirement.range.is_any:
        return True
    try:
        return requirement.allows(Version.parse(version), prereleases=True)
    except AitbcError:
        return False


def call_order(listings: Iterable[Listing], hook: str) -> list[str]:
    """Return the enabled plugins that implement a hook, in the order in which it calls them.

    Lower priority numbers first; of equals, as pluggy has it, the one that was registered last.
    The host registers by priority and name. What only code can say (tryfirst, trylast, wrappers)
    is not in it.
    """
    callees = [row for row in listings if row.enabled and row.implements(hook)]
    callees.sort(key=lambda row: canonical_name(row.name), reverse=True)
    return [row.name for row in sorted(callees, key=lambda row: row.priority)]


def _knots(after: Mapping[str, frozenset[str]]) -> Iterator[frozenset[str]]:
    """Yield the strongly connected components of a graph, without recursion."""
    before: dict[str, list[str]] = {key: [] for key in after}
    for key, others in after.items():
        for other in others:
            before[other].append(key)
    placed: set[str] = set()
    for root in reversed(_finished(after)):
        knot, waiting = set(), [root] if root not in placed else []
        while waiting:
            key = waiting.pop()
            if key not in placed:
                placed.add(key)
                knot.add(key)
                waiting += before[key]
        if knot:
            yield frozenset(knot)


def _finished(after: Mapping[str, frozenset[str]]) -> list[str]:
    """Return the nodes in the order in which a depth-first walk leaves them."""
    left: list[str] = []
    seen: set[str] = set()
    for root in sorted(after):
        trail = [(root, iter(sorted(after[root])))] if root not in seen else []
        seen.add(root)
        while trail:
            key, others = trail[-1]
            new = next((other for other in others if other not in seen), None)
            if new is None:
                left.append(key)
                trail.pop()
            else:
                seen.add(new)
                trail.append((new, iter(sorted(after[new]))))
    return left
