"""A plugin's manifest ``plugin.toml``: what is known of it without running it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.discovery.manifest.reading import (
        MANIFEST,
        built_in_manifests,
        manifest_of,
        read_manifest,
        read_table,
    )
    from aitbc_hooks.discovery.manifest.records import (
        INTERFACES,
        ON_START,
        Command,
        Manifest,
        Parameter,
    )
    from aitbc_hooks.discovery.manifest.structuring import structure
    from aitbc_hooks.discovery.manifest.writing import manifest_schema, to_table, to_toml

__all__ = [
    "INTERFACES",
    "MANIFEST",
    "ON_START",
    "Command",
    "Manifest",
    "Parameter",
    "built_in_manifests",
    "manifest_of",
    "manifest_schema",
    "read_manifest",
    "read_table",
    "structure",
    "to_table",
    "to_toml",
]

_PACKAGE = __name__ + "."
_HOMES = {
    "INTERFACES": "records",
    "MANIFEST": "reading",
    "ON_START": "records",
    "Command": "records",
    "Manifest": "records",
    "Parameter": "records",
    "built_in_manifests": "reading",
    "manifest_of": "reading",
    "manifest_schema": "writing",
    "read_manifest": "reading",
    "read_table": "reading",
    "structure": "structuring",
    "to_table": "writing",
    "to_toml": "writing",
}

if not TYPE_CHECKING:
    __getattr__ = lazy_names(__name__, {name: _PACKAGE + home for name, home in _HOMES.items()})
