"""Which plugins exist: all sources together, each name once."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.index import Index
from aitbc_hooks.discovery.installed import find_installed
from aitbc_hooks.discovery.records import Candidate, Catalogue, Finding, Note, Rejected
from aitbc_hooks.discovery.sources import find_built_ins
from aitbc_hooks.errors import PluginNameError
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

__all__ = ["add", "discover", "whole"]


def discover(
    plugin_paths: Iterable[Path] = (),
    *,
    into: Catalogue | None = None,
    index: Index | None = None,
) -> Catalogue:
    """Find the plugins of the given folders, of installed distributions, and the built-in ones.

    Nothing is imported. Where two have one name, the earlier in that order is meant; the other
    is reported as rejected (``AITBC-P07``). A place that cannot be looked through is a note.

    Args:
        plugin_paths: Folders of plugins, the most important first.
        into: A catalogue to add to; what it holds already comes before everything found.
        index: What is known of them from before; what is new is written to it.
    """
    catalogue = Catalogue() if into is None else into
    index = Index() if index is None else index
    folders = (whole(str(path), find_in_folder(path, index)) for path in plugin_paths)
    installed = whole("entry points", find_installed(index))
    built_in = whole("built-in plugins", find_built_ins(index))
    for finding in itertools.chain(*folders, installed, built_in):
        add(catalogue, finding)
    index.save()
    return catalogue


def whole(place: str, findings: Iterator[Finding]) -> Iterator[Finding]:
    """Yield what one source finds; where it fails, say so and let the other sources be asked."""
    try:
        yield from findings
    except Exception as error:  # noqa: BLE001 - whatever it is, the other sources are sound
        yield Note(place, f"not everything could be looked through: {error!r}")


def add(catalogue: Catalogue, finding: Finding) -> None:
    """Enter one finding; a candidate whose name is taken is entered as rejected."""
    if isinstance(finding, Note):
        catalogue.notes.append(finding)
    elif isinstance(finding, Rejected):
        catalogue.rejected.append(finding)
    else:
        _add_candidate(catalogue, finding)


def _add_candidate(catalogue: Catalogue, candidate: Candidate) -> None:
    holder = catalogue.candidates.setdefault(canonical_name(candidate.name), candidate)
    if holder is candidate:
        return
    error = PluginNameError(
        f"the name is taken by the plugin of {holder.source} {holder.location}.",
        plugin=candidate.name,
        hint="Rename one of them, or remove it from the configured places.",
    )
    catalogue.rejected.append(Rejected(candidate.name, candidate.source, candidate.location, error))
