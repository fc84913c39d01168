"""Which plugins exist, and where: found without importing any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

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
    from aitbc_hooks.discovery.schemas import CONFIG_SCHEMA, read_schema_file
    from aitbc_hooks.discovery.sources import ENTRY_POINT_GROUP, find_named

__all__ = [
    "CONFIG_SCHEMA",
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
    "read_schema_file",
]

_HOMES = {
    "CONFIG_SCHEMA": "aitbc_hooks.discovery.schemas",
    "ENTRY_POINT_GROUP": "aitbc_hooks.discovery.sources",
    "FACTORY": "aitbc_hooks.discovery.importing",
    "MANIFEST": "aitbc_hooks.discovery.manifest",
    "Candidate": "aitbc_hooks.discovery.records",
    "Catalogue": "aitbc_hooks.discovery.records",
    "Finding": "aitbc_hooks.discovery.records",
    "Manifest": "aitbc_hooks.discovery.manifest",
    "Note": "aitbc_hooks.discovery.records",
    "Rejected": "aitbc_hooks.discovery.records",
    "add": "aitbc_hooks.discovery.catalogue",
    "built_in_manifests": "aitbc_hooks.discovery.manifest",
    "discover": "aitbc_hooks.discovery.catalogue",
    "find_named": "aitbc_hooks.discovery.sources",
    "has_hookimpls": "aitbc_hooks.discovery.importing",
    "is_hookimpl": "aitbc_hooks.discovery.importing",
    "plugin_in": "aitbc_hooks.discovery.importing",
    "read_manifest": "aitbc_hooks.discovery.manifest",
    "read_schema_file": "aitbc_hooks.discovery.schemas",
}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)
