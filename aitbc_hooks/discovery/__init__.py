"""Which plugins exist, and where: found without importing any of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.discovery.again import find_again
    from aitbc_hooks.discovery.catalogue import add, discover
    from aitbc_hooks.discovery.described import keep_description, said_before
    from aitbc_hooks.discovery.forgetting import forget_modules
    from aitbc_hooks.discovery.importing import (
        FACTORY,
        collecting_imports,
        has_hookimpls,
        import_entry,
        import_folder,
        is_hookimpl,
        plugin_in,
    )
    from aitbc_hooks.discovery.index import Index, clear_indexes, index_folder, index_for
    from aitbc_hooks.discovery.installed import ENTRY_POINT_GROUP
    from aitbc_hooks.discovery.manifest import (
        MANIFEST,
        ON_START,
        Command,
        Manifest,
        Parameter,
        built_in_manifests,
        manifest_schema,
        read_manifest,
        to_table,
        to_toml,
    )
    from aitbc_hooks.discovery.records import Candidate, Catalogue, Finding, Note, Rejected
    from aitbc_hooks.discovery.schemas import CONFIG_SCHEMA, read_schema_file
    from aitbc_hooks.discovery.sources import find_built_ins, find_named

__all__ = [
    "CONFIG_SCHEMA",
    "ENTRY_POINT_GROUP",
    "FACTORY",
    "MANIFEST",
    "ON_START",
    "Candidate",
    "Catalogue",
    "Command",
    "Finding",
    "Index",
    "Manifest",
    "Note",
    "Parameter",
    "Rejected",
    "add",
    "built_in_manifests",
    "clear_indexes",
    "collecting_imports",
    "discover",
    "find_again",
    "find_built_ins",
    "find_named",
    "forget_modules",
    "has_hookimpls",
    "import_entry",
    "import_folder",
    "index_folder",
    "index_for",
    "is_hookimpl",
    "keep_description",
    "manifest_schema",
    "plugin_in",
    "read_manifest",
    "read_schema_file",
    "said_before",
    "to_table",
    "to_toml",
]

_PACKAGE = __name__ + "."
_HOMES = {
    "CONFIG_SCHEMA": "schemas",
    "ENTRY_POINT_GROUP": "installed",
    "FACTORY": "importing",
    "MANIFEST": "manifest",
    "ON_START": "manifest",
    "Candidate": "records",
    "Catalogue": "records",
    "Command": "manifest",
    "Finding": "records",
    "Index": "index",
    "Manifest": "manifest",
    "Note": "records",
    "Parameter": "manifest",
    "Rejected": "records",
    "add": "catalogue",
    "built_in_manifests": "manifest",
    "clear_indexes": "index",
    "collecting_imports": "importing",
    "discover": "catalogue",
    "find_again": "again",
    "find_built_ins": "sources",
    "find_named": "sources",
    "forget_modules": "forgetting",
    "has_hookimpls": "importing",
    "import_entry": "importing",
    "import_folder": "importing",
    "index_folder": "index",
    "index_for": "index",
    "is_hookimpl": "importing",
    "keep_description": "described",
    "manifest_schema": "manifest",
    "plugin_in": "importing",
    "read_manifest": "manifest",
    "read_schema_file": "schemas",
    "said_before": "described",
    "to_table": "manifest",
    "to_toml": "manifest",
}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, {name: _PACKAGE + home for name, home in _HOMES.items()})
