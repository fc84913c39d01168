"""A module whose event handler takes an argument of its own."""

from __future__ import annotations

from aitbc.plugins import hookimpl

seen: list[str] = []


@hookimpl
def handle_event(event_type, data, source):
    seen.append(f"{event_type} from {source}: {len(data)}")
