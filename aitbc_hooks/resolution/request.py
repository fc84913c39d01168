"""What is asked of the solver: releases, what is wanted of them, and the host's own terms."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.versions import (
    Requirement,
    RequirementKind,
    Version,
    VersionRange,
    canonical_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["BUDGET", "HOST", "Release", "Request"]

#: The name under which the host itself stands among the plugins: it has exactly one version.
HOST: Final = "aitbc"

#: Steps (looks at one rule) that a search may take: seconds, where a good case takes milliseconds.
BUDGET: Final = 10_000_000


@attrs.frozen
class Release:
    """One version of a plugin that could be taken.

    Attributes:
        name: The plugin's name; names that differ in case alone are one plugin.
        version: Its version.
        requirements: What it asks of other plugins.
        requires_host: The host versions that it works with. The host is not chosen: a pre-release
            of it counts by its order.
        platforms: The platforms that it supports; none, or ``any``, means all of them.
        yanked: Why its author took it back (may be empty); None if it stands.
        priority: 1 to 100; lower starts first where requirements leave the choice.

    Raises:
        PluginNameError: The name is the host's own.
    """

    name: str
    version: Version
    requirements: tuple[Requirement, ...] = ()
    requires_host: VersionRange = attrs.field(factory=VersionRange)
    platforms: tuple[str, ...] = ()
    yanked: str | None = None
    priority: int = 50

    def __attrs_post_init__(self) -> None:
        if self.key == HOST:
            raise PluginNameError(
                f"{HOST!r} is how requirements name the host.",
                plugin=self.name,
                hint="Give the plugin another name.",
            )

    @classmethod
    def of(
        cls,
        name: str,
        version: str,
        requirements: Iterable[str] = (),
        *,
        requires_host: str = "",
        platforms: Iterable[str] = (),
        yanked: str | None = None,
        priority: int = 50,
    ) -> Release:
        """Make a release of texts.

        Raises:
            VersionError: The version, a requirement or the range of host versions is not
                well-formed.
            PluginNameError: The name is the host's own.
        """
        return cls(
            name,
            Version.parse(version),
            tuple(Requirement.parse(text) for text in requirements),
            VersionRange.parse(requires_host),
            tuple(platforms),
            yanked,
            priority,
        )

    @property
    def key(self) -> str:
        """The name as names are compared."""
        return canonical_name(self.name)


def _requirements(roots: Iterable[Requirement]) -> tuple[Requirement, ...]:
    return tuple(roots)


def _releases(releases: Iterable[Release]) -> tuple[Release, ...]:
    return tuple(releases)


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _keys(names: Iterable[str]) -> frozenset[str]:
    return frozenset(canonical_name(name) for name in names)


def _keys_or_all(names: bool | Iterable[str]) -> bool | frozenset[str]:  # noqa: FBT001 - a converter
    return names if isinstance(names, bool) else _keys(names)


def _key_pairs(pairs: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    return frozenset((canonical_name(name), version) for name, version in pairs)


def _needs_only(_: object, __: object, roots: tuple[Requirement, ...]) -> None:
    for root in roots:
        if root.kind is not RequirementKind.NEED:
            raise ValueError(f"expected what is needed, got {str(root)!r}")


def _by_key(versions: Mapping[str, Version]) -> dict[str, Version]:
    return {canonical_name(name): version for name, version in versions.items()}


@attrs.frozen
class Request:
    """What to find a set of versions for. The order in which anything is given does not matter.

    Attributes:
        roots: What the user has enabled, each with a range or without.
        releases: Every release of every plugin that is known.
        host_version: The host's version; None if nothing is to be held against it.
        platforms: The names of the platform that the host runs on, the one to show first; none
            if nothing is to be held against it.
        prereleases: Plugins whose pre-releases may be taken although no range names them; True
            for all plugins.
        disabled: Plugins that may not be taken.
        accepted: Yanked releases, as name and version in text, that may be taken all the same.
        current: Name -> the version in use: kept where possible, whether it was yanked since or
            is a pre-release; everything else is taken as new as possible.
        budget: The steps after which the search gives up.
    """

    roots: tuple[Requirement, ...] = attrs.field(converter=_requirements, validator=_needs_only)
    releases: tuple[Release, ...] = attrs.field(converter=_releases)
    host_version: Version | None = None
    platforms: tuple[str, ...] = attrs.field(default=(), converter=_texts)
    prereleases: bool | frozenset[str] = attrs.field(default=False, converter=_keys_or_all)
    disabled: frozenset[str] = attrs.field(default=frozenset(), converter=_keys)
    accepted: frozenset[tuple[str, str]] = attrs.field(default=frozenset(), converter=_key_pairs)
    current: Mapping[str, Version] = attrs.field(factory=dict, converter=_by_key)
    budget: int = BUDGET

    def takes_prereleases(self, key: str) -> bool:
        """Whether pre-releases of a plugin may be taken although no range names them."""
        if isinstance(self.prereleases, bool):
            return self.prereleases
        return key in self.prereleases

    def in_use(self, key: str, version: Version) -> bool:
        """Whether a plugin's version is the one in use."""
        current = self.current.get(key)
        return current is not None and current.sort_key == version.sort_key
