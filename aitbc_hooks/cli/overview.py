"""All plugins at one look: what `list` shows, for the price of reading an index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.cli.glance import Glance, glance
from aitbc_hooks.cli.offers import Offers, offers_of
from aitbc_hooks.cli.session import warn_of_unknown
from aitbc_hooks.errors import AitbcError
from aitbc_hooks.resolution.order import Node, start_order
from aitbc_hooks.versions.names import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.discovery import Candidate, Catalogue, Index

__all__ = ["STATES", "Listing", "Overview", "overview"]

#: What ``list --state`` may ask for.
STATES = ("enabled", "disabled", "missing", "rejected")


@attrs.frozen
class Listing:
    """One plugin as a list shows it.

    Attributes:
        candidate: What discovery has found.
        enabled: Whether the host starts it by itself.
        priority: 1 to 100.
        dependencies: What it needs, by its manifest and by the configuration.
    """

    candidate: Candidate
    enabled: bool
    priority: int
    dependencies: tuple[str, ...]

    @property
    def name(self) -> str:
        """The plugin's name."""
        return self.candidate.name

    def implements(self, hook: str) -> bool:
        """Whether the plugin is known to implement a hook."""
        manifest = self.candidate.manifest
        return manifest is not None and hook in manifest.hooks

    def record(self) -> dict[str, Any]:
        """Return it as JSON values."""
        candidate, manifest = self.candidate, self.candidate.manifest
        return {
            "name": candidate.name,
            "version": candidate.version,
            "enabled": self.enabled,
            "priority": self.priority,
            "source": candidate.source,
            "location": candidate.location,
            "description": candidate.description,
            "dependencies": list(self.dependencies),
            "isolation": "none",
            "hooks": list(manifest.hooks) if manifest else [],
            "activation": list(manifest.activation) if manifest else [],
        }


@attrs.frozen
class Overview:
    """Everything there is.

    Attributes:
        listings: The plugins, in start order.
        catalogue: The same, and what was passed over.
        missing: Names of those that are enabled and not there.
        offers: The commands that they offer.
        index: What was read of them before.
    """

    listings: tuple[Listing, ...]
    catalogue: Catalogue
    missing: tuple[str, ...]
    offers: Offers
    index: Index


def overview(session: Session, reserved: Collection[str]) -> Overview:
    """Look at all plugins; none is imported but what ``-p`` names.

    The configuration is checked once for as long as it stays the same.

    Args:
        session: Says which configuration is in force.
        reserved: The names of the host's own commands.

    Raises:
        InvalidConfigError: The configuration is invalid.
    """
    seen = glance(session.location().path, session.overrides, cached=session.cache)
    if not seen.is_valid:
        session.config()
        seen.keep_valid()
    named = any(not item.startswith("no:") for item in session.plugins)
    try:
        if not (named or session.state_dir):
            return _of_glance(seen, session.blocked(), reserved)
    except TypeError:  # a setting is a ${VARIABLE}
        pass
    return _of_manager(session, reserved)


def _of_glance(seen: Glance, blocked: Mapping[str, str], reserved: Collection[str]) -> Overview:
    warn_of_unknown(blocked.values(), seen.catalogue, seen.blocks)
    enabled = seen.enabled - set(blocked)
    known = [c for key, c in seen.catalogue.candidates.items() if key not in blocked]
    rows = [
        Listing(
            candidate,
            canonical_name(candidate.name) in enabled,
            seen.priority(candidate.name),
            _needs(candidate, seen.dependencies(candidate.name)),
        )
        for candidate in known
    ]
    missing = [
        name
        for name in seen.blocks
        if canonical_name(name) in enabled and seen.catalogue.get(name) is None
    ]
    offers = offers_of(rows, reserved)
    ordered = tuple(_in_order(rows))
    return Overview(ordered, seen.catalogue, tuple(missing), offers, seen.index)


def _of_manager(session: Session, reserved: Collection[str]) -> Overview:
    manager = session.manager()
    rows = []
    for report in manager.reports():
        candidate = manager.catalogue.get(report.name)
        if candidate is not None:
            needs = report.dependencies
            rows.append(Listing(candidate, report.enabled, report.priority, needs))
    blocked = session.blocked()
    missing = [
        name
        for name, settings in manager.settings.plugins.items()
        if settings.enabled
        and canonical_name(name) not in blocked
        and manager.catalogue.get(name) is None
    ]
    offers = offers_of(rows, reserved)
    return Overview(tuple(rows), manager.catalogue, tuple(missing), offers, manager.index)


def _needs(candidate: Candidate, configured: list[str]) -> tuple[str, ...]:
    manifest = candidate.manifest
    return (*(manifest.dependencies if manifest else ()), *configured)


def _in_order(rows: list[Listing]) -> list[Listing]:
    order = start_order(
        Node(canonical_name(row.name), _names(row.dependencies), row.priority) for row in rows
    )
    ranks = {name: rank for rank, name in enumerate(order.names)}
    rank: Callable[[Listing], int] = lambda row: ranks.get(canonical_name(row.name), len(ranks))  # noqa: E731
    return sorted(rows, key=rank)


def _names(requirements: tuple[str, ...]) -> frozenset[str]:
    if not requirements:
        return frozenset()
    from aitbc_hooks.versions import Requirement, RequirementKind  # noqa: PLC0415 - where needed

    names = set()
    for text in requirements:
        try:
            requirement = Requirement.parse(text)
        except AitbcError:
            continue  # told where the plugin is loaded
        if requirement.kind is not RequirementKind.CONFLICT:
            names.add(canonical_name(requirement.name))
    return frozenset(names)
