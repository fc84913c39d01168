"""The solver's word on a plugin: whether what is there goes together, and what would help."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.cli.ground import host_range, platform_names
from aitbc_hooks.cli.relations import requirements_of
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.resolution import HOST, Refutation, Release, Request, resolve
from aitbc_hooks.versions import (
    Requirement,
    RequirementKind,
    Version,
    VersionRange,
    canonical_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.reasoning.judging import Judge

__all__ = ["prove"]

#: Stands for the version of a plugin that has none; which range it is in was judged before.
_UNVERSIONED = Version(0, 0, 0)


def prove(judge: Judge, name: str) -> Refutation | None:
    """Return the proof that a plugin cannot run with what is there; None if there is no proof.

    Every plugin that is there counts with the one version that it has. The plugin itself counts as
    enabled: whether it is has nothing to do with versions.

    Args:
        judge: What is known.
        name: The plugin's name.
    """
    rows = judge.known.overview.listings
    key = canonical_name(name)
    disabled = {row.name for row in rows if not row.enabled} | judge.blocked.keys()
    request = Request(
        roots=[Requirement(other) for other in (name, *_beside(judge, key))],
        releases=[_release(row) for row in rows if canonical_name(row.name) != HOST],
        host_version=Version.parse(judge.host_version),
        platforms=platform_names(),
        prereleases=True,
        disabled=[other for other in disabled if canonical_name(other) != key],
    )
    found = resolve(request)
    return found if isinstance(found, Refutation) else None


def _beside(judge: Judge, key: str) -> list[str]:
    """Return the plugins that run and that it, or what it needs, does not just need."""
    relations = judge.known.relations
    found = set()
    for each in relations.needed([key]):
        for link in (*relations.asked_by(each), *relations.asked_of(each)):
            other = link.target if link.source == each else link.source
            if link.kind is RequirementKind.CONFLICT or (
                link.kind is RequirementKind.OPTIONAL and link.source == each
            ):
                found.add(other)
    return sorted(relations.name(other) for other in found - {key} if judge.runs(other))


def _release(row: Listing) -> Release:
    manifest = row.candidate.manifest
    return Release(
        row.name,
        _version(row.candidate.version),
        tuple(_once(row)),
        VersionRange.parse(host_range(manifest) if manifest else ""),
        manifest.supported_platforms if manifest else (),
        priority=row.priority,
    )


def _once(row: Listing) -> Iterator[Requirement]:
    """Yield what a plugin asks for; what manifest and configuration both say, once.

    To the host no plugin conflicts with itself.
    """
    own = canonical_name(row.name)
    yield from {
        str(each): each
        for each in requirements_of(row)
        if each.kind is not RequirementKind.CONFLICT or canonical_name(each.name) != own
    }.values()


def _version(text: str | None) -> Version:
    try:
        return Version.parse(text)
    except AitbcError:
        return _UNVERSIONED
