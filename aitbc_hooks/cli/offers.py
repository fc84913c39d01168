"""Which commands plugins offer, as far as their manifests say; nothing is imported."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.discovery import Candidate

__all__ = [
    "DEFAULT_ENABLED",
    "Offer",
    "Offers",
    "collision",
    "find_offers",
    "glance_at_offers",
    "offers_of",
]

#: What the embedded default configuration enables; a test holds it against that file. It saves
#: ``--help``, where there is no configuration, reading one.
DEFAULT_ENABLED: Final = frozenset({"agent-cli", "translation-ai"})


@attrs.frozen
class Offer:
    """A group of commands that a plugin offers.

    Attributes:
        command: The group's name.
        help: One line.
        plugin: The plugin's name.
        enabled: Whether the host starts the plugin.
    """

    command: str
    help: str
    plugin: str
    enabled: bool


class Offers:
    """What all known plugins offer.

    Args:
        offers: The groups that manifests name.
        reserved: The names of the host's own commands.
        silent: Names of the enabled plugins that have no manifest to say what they offer.
        blocked: The groups of plugins that ``-p no:NAME`` blocks.
    """

    def __init__(
        self,
        offers: Iterable[Offer],
        reserved: Collection[str],
        silent: Iterable[str] = (),
        blocked: Iterable[Offer] = (),
    ) -> None:
        self.offers = tuple(offers)
        self.reserved = frozenset(reserved)
        self.silent = tuple(silent)
        self.blocked = tuple(blocked)

    def named(self, command: str, *, enabled: bool = True) -> list[Offer]:
        """Return the offers of one name, from plugins that are enabled, or from the others."""
        return [o for o in self.offers if o.command == command and o.enabled is enabled]

    def mounted(self) -> list[Offer]:
        """Return the groups that can be called by their name alone, sorted."""
        alone = [
            offer
            for offer in self.offers
            if offer.enabled
            and offer.command not in self.reserved
            and len(self.named(offer.command)) == 1
        ]
        return sorted(alone, key=lambda offer: offer.command)

    def callable_names(self) -> list[str]:
        """Return the names that stand for a command, as far as is known without importing."""
        return [*self.reserved, *(offer.command for offer in self.mounted())]

    def refusals(self) -> list[PluginNameError]:
        """Return, for each name that stands for nothing or for the host's own, the reason."""
        names = sorted({offer.command for offer in self.offers if offer.enabled})
        return [
            collision(name, plugins, reserved=name in self.reserved)
            for name in names
            for plugins in [[offer.plugin for offer in self.named(name)]]
            if name in self.reserved or len(plugins) > 1
        ]


def collision(command: str, plugins: Iterable[str], *, reserved: bool = False) -> PluginNameError:
    """Return the error for a name that more than one of plugins and host has (``AITBC-P11``)."""
    names = sorted(plugins)
    owners = ["the host itself", *names] if reserved else names
    ways = ", ".join(f"{name}:{command}" for name in names)
    return PluginNameError(
        f"the command {command!r} is offered by {' and '.join(owners)}.",
        hint=f"Call {ways}.",
        code="AITBC-P11",
    )


def find_offers(session: Session, reserved: Collection[str]) -> Offers:
    """Return what all known plugins offer.

    Args:
        session: Says which configuration is in force.
        reserved: The names of the host's own commands.

    Raises:
        InvalidConfigError: The configuration is invalid.
    """
    manager = session.manager()
    reports = {report.name: report for report in manager.reports()}
    everything = manager.catalogue.candidates.values()
    known = [c for c in everything if c.name in reports]
    blocked = _of((c for c in everything if c.name not in reports), lambda _: False)
    silent = [c.name for c in known if c.commands is None and reports[c.name].enabled]
    return Offers(_of(known, lambda name: reports[name].enabled), reserved, silent, blocked)


def glance_at_offers(session: Session, reserved: Collection[str]) -> Offers:
    """Return what help and completion show: the same, as far as it can be had quickly.

    The configuration is read and not checked.

    Raises:
        InvalidConfigError: The configuration cannot be read.
    """
    plain = not (session.overrides or any(name.startswith("AITBC_") for name in os.environ))
    known: Sequence[Candidate]
    if plain and session.location().path is None:
        from aitbc_hooks.discovery import Catalogue, Index, add, index_for  # noqa: PLC0415 - as
        from aitbc_hooks.discovery.sources import find_built_ins  # noqa: PLC0415 - the next

        built_in, index = Catalogue(), index_for(()) if session.cache else Index()
        for finding in find_built_ins(index):
            add(built_in, finding)
        index.save()
        enabled, known = DEFAULT_ENABLED, list(built_in.candidates.values())
    else:
        from aitbc_hooks.cli.glance import glance  # noqa: PLC0415 - PyYAML

        seen = glance(session.location().path, session.overrides, cached=session.cache)
        enabled, known = seen.enabled, list(seen.catalogue.candidates.values())
    running = enabled - session.blocked().keys()
    return Offers(_of(known, lambda name: canonical_name(name) in running), reserved)


def offers_of(listings: Sequence[Listing], reserved: Collection[str]) -> Offers:
    """Return what listed plugins offer, as far as it is known.

    Args:
        listings: The plugins.
        reserved: The names of the host's own commands.
    """
    enabled = {listing.name: listing.enabled for listing in listings}
    candidates = [listing.candidate for listing in listings]
    return Offers(_of(candidates, enabled.__getitem__), reserved)


def _of(candidates: Iterable[Candidate], is_enabled: Callable[[str], bool]) -> tuple[Offer, ...]:
    return tuple(
        Offer(command, text, candidate.name, is_enabled(candidate.name))
        for candidate in candidates
        for command, text in (candidate.commands or {}).items()
    )
