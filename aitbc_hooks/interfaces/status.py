"""The seven statuses of a plugin (SPEC.md, Base Plugin Interface)."""

from __future__ import annotations

from enum import Enum

__all__ = ["PluginStatus"]


class PluginStatus(Enum):
    """Plugin operational states."""

    UNLOADED = "unloaded"
    LOADING = "loading"
    LOADED = "loaded"
    ACTIVE = "active"
    INACTIVE = "inactive"
    ERROR = "error"
    UNLOADING = "unloading"
