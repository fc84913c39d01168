"""Which plugins exist, and where: found without importing any of them."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aitbc_hooks.discovery.catalogue import add, discover
    from aitbc_hooks.discovery.importing import FACTORY, has_hookimpls, is_hookimpl, plugin_in
    from aitbc_hooks.discovery.manifest import (
        MANIFEST,
        Manifest,
        built_in_manifests,
        read_manifest,
    )
    from aitbc_hooks.discovery.records import Candidate, Catalogue, Finding, Note, Rejected
    from aitbc_hooks.discovery.sources import ENTRY_POINT_GROUP, find_named

__all__ = [
    "ENTRY_POINT_GROUP",
    "FACTORY",
    "MANIFEST",
    "Candidate",
    "Catalogue",
    "Finding",
    "Manifest",
    "Note",
    "Rejected",
    "add",
    "built_in_manifests",
    "discover",
    "find_named",
    "has_hookimpls",
    "is_hookimpl",
    "plugin_in",
    "read_manifest",
]

_HOMES = {
    "ENTRY_POINT_GROUP": "sources",
    "FACTORY": "importing",
    "MANIFEST": "manifest",
    "Candidate": "records",
    "Catalogue": "records",
    "Finding": "records",
    "Manifest": "manifest",
    "Note": "records",
    "Rejected": "records",
    "add": "catalogue",
    "built_in_manifests": "manifest",
    "discover": "catalogue",
    "find_named": "sources",
    "has_hookimpls": "importing",
    "is_hookimpl": "importing",
    "plugin_in": "importing",
    "read_manifest": "manifest",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it lives, once (PEP 562)."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    return value
