"""Which plugins a host would run: the host's own rules, applied to what manifests say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks import __version__
from aitbc_hooks.cli.ground import host_range, misfits
from aitbc_hooks.cli.reasoning.obstacles import Obstacle
from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.known import Known
    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.relations import Link
    from aitbc_hooks.config import HostConfig

__all__ = ["Judge"]


class Judge:
    """Knows of every plugin what keeps it from running.

    They are judged in start order, so that of two that conflict the first runs.

    Args:
        known: All that is known.
        config: The configuration in force.
    """

    def __init__(self, known: Known, config: HostConfig) -> None:
        self.known = known
        self.config = config
        self.host_version = config.host_version or __version__
        self.blocked = known.session.blocked()
        self._relations = known.relations
        self._names = [row.name for row in known.overview.listings]
        self._obstacles: dict[str, tuple[Obstacle, ...]] = {}
        for row in known.overview.listings:
            self._obstacles[canonical_name(row.name)] = tuple(self._judge(row))

    def obstacles(self, key: str) -> tuple[Obstacle, ...]:
        """Return what keeps a plugin from running, the most important first; nothing if it runs.

        Args:
            key: A canonical name, of a plugin that is there or not.
        """
        if key in self.blocked:
            return (Obstacle.blocked(self.blocked[key]),)
        if key not in self._obstacles:
            return tuple(self._absent(key))
        return self._obstacles[key]

    def runs(self, key: str) -> bool:
        """Whether nothing is known that keeps a plugin from running."""
        return key in self._obstacles and not self._obstacles[key]

    def enabled_by(self, name: str) -> str | None:
        """Return what says that a plugin is enabled or not; None if nothing does."""
        listed = self.config.listed_name(name)
        return None if listed is None else self.config.origin("plugins", listed, "enabled")

    def _judge(self, row: Listing) -> Iterator[Obstacle]:
        key = canonical_name(row.name)
        if not row.enabled:
            yield Obstacle.disabled(row.name, self.enabled_by(row.name))
        manifest = row.candidate.manifest
        if manifest is not None:
            for what in misfits(manifest, self.host_version):
                yield Obstacle.misfit(what, host_range(manifest))
        if problem := self.known.undescribed.get(row.name):
            yield Obstacle.undescribed(row, problem)
        for circle in self._relations.circles:
            if key in circle:
                path = self._relations.path(circle)
                yield Obstacle.circle([self._relations.name(each) for each in path])
        for link in self._relations.asked_by(key):
            yield from self._of_link(link)
        yield from self._conflicts(row, key)

    def _of_link(self, link: Link) -> Iterator[Obstacle]:
        """Yield what is wrong with what a plugin needs, or works with."""
        other = self._relations.listings.get(link.target)
        if other is None:
            if link.kind is RequirementKind.NEED:
                yield self._unmet(link)
            return
        counts = link.kind is RequirementKind.NEED or self.runs(link.target)
        if link.kind is not RequirementKind.CONFLICT and counts and not link.fits:
            yield Obstacle.version(link, other)
        if link.kind is RequirementKind.NEED and not self._in_one_circle(link):
            if link.target not in self._obstacles:  # judged later: it is behind a cycle, or in one
                yield Obstacle.waits(other.name)
            elif self._obstacles[link.target]:
                yield Obstacle.lacks(other.name, self._obstacles[link.target][0])

    def _unmet(self, link: Link) -> Obstacle:
        if link.target in self.blocked:
            return Obstacle.lacks(
                link.requirement.name, Obstacle.blocked(self.blocked[link.target])
            )
        for rejected in self.known.overview.catalogue.rejected:
            if canonical_name(rejected.name) == link.target:
                return Obstacle.lacks(link.requirement.name, Obstacle.passed_over(rejected))
        return Obstacle.missing(link, self._names)

    def _in_one_circle(self, link: Link) -> bool:
        return any({link.source, link.target} <= circle for circle in self._relations.circles)

    def _conflicts(self, row: Listing, key: str) -> Iterator[Obstacle]:
        found: dict[str, str] = {}
        for link in (*self._relations.asked_by(key), *self._relations.asked_of(key)):
            other = link.target if link.source == key else link.source
            if link.kind is RequirementKind.CONFLICT and link.fits and other != key:
                found.setdefault(other, link.source)
        for other, source in sorted(found.items()):
            if self.runs(other):
                name, declared_by = self._relations.name(other), self._relations.name(source)
                yield Obstacle.conflict(row.name, name, declared_by=declared_by)

    def _absent(self, key: str) -> Iterator[Obstacle]:
        rejected = [
            each
            for each in self.known.overview.catalogue.rejected
            if canonical_name(each.name) == key
        ]
        yield from map(Obstacle.passed_over, rejected)
        if not rejected:
            name = self.config.listed_name(key) or self._relations.name(key)
            advice = "Install it, or put it into a folder of plugin_paths."
            if self.config.lists(key):
                advice += f" Or disable it: aitbc-hooks disable {name}."
            yield Obstacle.unknown(name, self._names, advice)
