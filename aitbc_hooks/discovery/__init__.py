"""Which plugins exist, and where: found without importing any of them."""

from aitbc_hooks.discovery.catalogue import add, discover
from aitbc_hooks.discovery.importing import FACTORY, plugin_in
from aitbc_hooks.discovery.manifest import MANIFEST, Manifest, read_manifest
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
    "discover",
    "find_named",
    "plugin_in",
    "read_manifest",
]
