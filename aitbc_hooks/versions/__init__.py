"""Strict SemVer 2.0 versions, ranges of them, and what plugins ask of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names
from aitbc_hooks.versions.names import PLUGIN_NAME, canonical_name

if TYPE_CHECKING:
    from aitbc_hooks.versions.ranges import VersionRange
    from aitbc_hooks.versions.requirement import Requirement, RequirementKind
    from aitbc_hooks.versions.version import Version

__all__ = [
    "PLUGIN_NAME",
    "Requirement",
    "RequirementKind",
    "Version",
    "VersionRange",
    "canonical_name",
]

_HOMES = {
    "Requirement": "aitbc_hooks.versions.requirement",
    "RequirementKind": "aitbc_hooks.versions.requirement",
    "Version": "aitbc_hooks.versions.version",
    "VersionRange": "aitbc_hooks.versions.ranges",
}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)
