"""Which plugins exist, and where: found without importing any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.discovery.catalogue import add, discover
from aitbc_hooks.discovery.manifest import MANIFEST, Manifest, read_manifest
from aitbc_hooks.discovery.records import Candidate, Catalogue, Finding, Note, Rejected
from aitbc_hooks.discovery.sources import ENTRY_POINT_GROUP, find_named

if TYPE_CHECKING:
    from aitbc_hooks.discovery.importing import FACTORY, has_hookimpls, is_hookimpl, plugin_in

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
    "has_hookimpls",
    "is_hookimpl",
    "plugin_in",
    "read_manifest",
]


def __getattr__(name: str) -> Any:
    """Import what needs the whole contract when it is first used (PEP 562)."""
    if name not in {"FACTORY", "has_hookimpls", "is_hookimpl", "plugin_in"}:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from aitbc_hooks.discovery import importing  # noqa: PLC0415 - see above

    return getattr(importing, name)
