"""A plugin of one file: no manifest, no schema, no package; the folder's name is the plugin's."""

from __future__ import annotations

from collections import Counter
from typing import Any

from aitbc.plugins import PluginContext, PluginMetadata, hookimpl

_counts: Counter[str] = Counter()


@hookimpl
def get_metadata() -> PluginMetadata:
    """Say who this is."""
    return PluginMetadata("bare-counter", "0.0.1", "Counts", "Folder Author", "Unlicense")


@hookimpl
async def initialize(context: PluginContext) -> bool:
    """Begin at zero."""
    _counts.clear()
    return True


@hookimpl
async def stop(context: PluginContext) -> bool:
    """Say what was counted."""
    context.logger.info("%d events", _counts.total())
    return True


@hookimpl
async def handle_event(event_type: str, data: dict[str, Any]) -> None:
    """Count."""
    _counts[event_type] += 1
