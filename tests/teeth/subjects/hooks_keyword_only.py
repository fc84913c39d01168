"""A module whose event handler has a keyword-only argument."""

from __future__ import annotations

from aitbc.plugins import hookimpl

sizes: dict[str, int] = {}


@hookimpl
async def handle_event(event_type, *, data):
    sizes[event_type] = len(data)
