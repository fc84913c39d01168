"""A request as domains and facts: what the search works on."""

from __future__ import annotations

import itertools
from collections import defaultdict
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.resolution.domains import ABSENT, Domain
from aitbc_hooks.resolution.facts import Fact, FactKind
from aitbc_hooks.resolution.request import HOST
from aitbc_hooks.versions import Requirement, RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from aitbc_hooks.resolution.request import Release, Request
    from aitbc_hooks.versions import Version, VersionRange

__all__ = ["Statement"]

_OF_KIND = {
    RequirementKind.NEED: FactKind.NEED,
    RequirementKind.OPTIONAL: FactKind.OPTIONAL,
    RequirementKind.CONFLICT: FactKind.CONFLICT,
}


@attrs.frozen
class _Allowed:
    """The versions of one plugin that a range allows."""

    by_order: int
    #: Of these, pre-releases that the range does not name and nothing else lets in.
    unasked: int


class Statement:
    """The domains and facts of a request; sorted, so that the order of its parts means nothing.

    Only what the roots can come to need is stated: nothing else is ever taken.

    Args:
        request: The request.

    Raises:
        PluginNameError: One release is given twice.
    """

    def __init__(self, request: Request) -> None:
        self.request = request
        self.releases = _by_name(request.releases)
        self._wanted = _reachable(request, self.releases)
        self.domains = {key: self._domain(key) for key in sorted(self._wanted)}
        self._allowed: dict[tuple[str, str], _Allowed] = {}
        self._refused = {key: self._unnamed_prereleases(key) for key in self.domains}
        self.facts = tuple(self._state())

    @property
    def preferred(self) -> dict[str, int]:
        """Key of a plugin -> the bit of the version that is in use."""
        return {
            key: 1 << index
            for key in self.request.current
            if key in self.domains
            for index, version in enumerate(self.domains[key].versions, start=1)
            if self.request.in_use(key, version)
        }

    @property
    def full(self) -> dict[str, int]:
        """Key of a plugin -> the mask of all of its values."""
        return {key: domain.full for key, domain in self.domains.items()}

    def release(self, key: str, bit: int) -> Release:
        """Return the release that a bit stands for."""
        return self.releases[key][bit.bit_length() - 2]

    def root_facts(self, root: Requirement) -> Iterator[Fact]:
        """Yield what it means that the user needs something."""
        yield from self._asked(FactKind.ROOT, "", 0, root)

    def _domain(self, key: str) -> Domain:
        if key == HOST and self.request.host_version is not None:
            return Domain(HOST, HOST, (self.request.host_version,), required=True)
        releases = self.releases.get(key, ())
        names = [each.name for each in releases or self._wanted[key].values()]
        return Domain(key, min(names), tuple(release.version for release in releases))

    def _unnamed_prereleases(self, key: str) -> int:
        """Return the pre-releases that nothing can ask for: every range leaves them out."""
        return sum(
            1 << index
            for index, version in enumerate(self.domains[key].versions, start=1)
            if self._has_to_be_named(key, version)
            and not any(each.range.names(version) for each in self._wanted[key].values())
        )

    def _has_to_be_named(self, key: str, version: Version) -> bool:
        """Whether a version can only be taken for a range that names it."""
        if not version.pre or key == HOST:
            return False
        return not (self.request.takes_prereleases(key) or self.request.in_use(key, version))

    def _range(self, key: str, wanted: VersionRange) -> _Allowed:
        """Return what a range allows of a plugin."""
        found = self._allowed.get((key, wanted.text))
        if found is None:
            by_order = unasked = 0
            for index, version in enumerate(self.domains[key].versions, start=1):
                if wanted.allows(version, prereleases=True):
                    by_order |= 1 << index
                    if self._has_to_be_named(key, version) and not wanted.names(version):
                        unasked |= 1 << index
            found = _Allowed(by_order, unasked & ~self._refused[key])
            self._allowed[key, wanted.text] = found
        return found

    def _state(self) -> Iterator[Fact]:
        for root in sorted(self.request.roots, key=_sorting):
            yield from self.root_facts(root)
        for key, domain in self.domains.items():
            if key != HOST:
                yield from self._forbidden(domain)
                yield from self._required(domain)

    def _forbidden(self, domain: Domain) -> Iterator[Fact]:
        """Yield why some versions of a plugin cannot be taken, whatever else is."""
        key, request = domain.key, self.request
        if key in request.disabled and domain.versions:
            yield from self._forbid(FactKind.DISABLED, key, domain.all_versions)
        here = {name.lower() for name in request.platforms} | {"any"}
        for index, release in enumerate(self.releases.get(key, ()), start=1):
            version, bit = release.version, 1 << index
            fits = not release.platforms or not here.isdisjoint(map(str.lower, release.platforms))
            if request.platforms and not fits:
                yield from self._forbid(FactKind.PLATFORM, key, bit)
            kept = request.in_use(key, version) or (key, str(version)) in request.accepted
            if release.yanked is not None and not kept:
                yield from self._forbid(FactKind.YANKED, key, bit)
            if bit & self._refused[key]:
                yield from self._forbid(FactKind.PRERELEASE, key, bit)

    def _forbid(self, kind: FactKind, key: str, mask: int) -> Iterator[Fact]:
        terms = {key: mask} if mask != self.domains[key].full else {}
        yield Fact(terms, kind=kind, subject=key, mask=mask)

    def _required(self, domain: Domain) -> Iterator[Fact]:
        """Yield what the versions of a plugin ask for; those that ask for the same, together."""
        groups: dict[tuple[FactKind, str], tuple[Requirement, int]] = {}
        for index, release in enumerate(self.releases.get(domain.key, ()), start=1):
            asked = [(_OF_KIND[each.kind], each) for each in release.requirements]
            if not release.requires_host.is_any:
                asked.append((FactKind.HOST, Requirement(HOST, release.requires_host)))
            for kind, requirement in asked:
                group = (kind, str(requirement))
                _, mask = groups.get(group, (requirement, 0))
                groups[group] = (requirement, mask | 1 << index)
        for (kind, _), (requirement, mask) in sorted(
            groups.items(), key=lambda item: (item[0][0].value, _sorting(item[1][0]))
        ):
            yield from self._asked(kind, domain.key, mask, requirement)

    def _asked(
        self, kind: FactKind, subject: str, mask: int, requirement: Requirement
    ) -> Iterator[Fact]:
        """Yield what it means that versions of a plugin, or the user, ask for something."""
        key = canonical_name(requirement.name)
        if key not in self.domains:  # nothing can take it, or the host is not judged
            return
        allowed = self._range(key, requirement.range)
        excluded = {kind: (self.domains[key].all_versions & ~allowed.by_order) | ABSENT}
        if kind is FactKind.CONFLICT:
            excluded = {kind: allowed.by_order}
        elif kind is FactKind.OPTIONAL:
            excluded[kind] &= ~ABSENT
        else:
            excluded[FactKind.UNASKED] = allowed.unasked
        for each, values in excluded.items():
            terms = self._terms(subject, mask, key, values)
            if terms is not None:
                yield Fact(
                    terms,
                    kind=each,
                    subject=subject,
                    mask=mask,
                    requirement=requirement,
                    allowed=allowed.by_order,
                )

    def _terms(self, subject: str, mask: int, key: str, values: int) -> dict[str, int] | None:
        """Return the terms of a fact; None if no values can violate it."""
        terms = {subject: mask} if subject else {}
        terms[key] = terms.get(key, values) & values
        full = {each: self.domains[each].full for each in terms}
        if not all(full[each] & terms[each] for each in terms):
            return None
        return {each: m & full[each] for each, m in terms.items() if full[each] & ~m}


def _sorting(requirement: Requirement) -> tuple[str, str]:
    return (canonical_name(requirement.name), str(requirement))


def _by_name(releases: Iterable[Release]) -> dict[str, list[Release]]:
    """Return the releases of each plugin, oldest first."""
    found: dict[str, list[Release]] = defaultdict(list)
    for release in releases:
        found[release.key].append(release)
    for of_one in found.values():
        of_one.sort(key=lambda release: release.version.sort_key)
        for one, other in itertools.pairwise(of_one):
            if one.version.sort_key == other.version.sort_key:
                raise PluginNameError(
                    f"version {one.version} is given twice.",
                    plugin=one.name,
                    hint="Keep one of the two.",
                )
    return dict(found)


def _reachable(
    request: Request, releases: Mapping[str, list[Release]]
) -> dict[str, dict[str, Requirement]]:
    """Return what the roots can come to need: key -> each way in which it is needed."""
    found: dict[str, dict[str, Requirement]] = {}
    waiting = list(request.roots)
    while waiting:
        requirement = waiting.pop()
        key = canonical_name(requirement.name)
        if key == HOST:
            continue
        if key not in found:
            found[key] = {}
            waiting += [
                each
                for release in releases.get(key, ())
                for each in release.requirements
                if each.kind is RequirementKind.NEED
            ]
        found[key][str(requirement)] = requirement
    if request.host_version is not None:
        found[HOST] = {HOST: Requirement(HOST)}
    return found
