"""A module whose event handler changes what it is given."""

from __future__ import annotations

from aitbc.plugins import hookimpl


@hookimpl
def handle_event(event_type, data):
    data["topic"] = event_type.partition(".")[0]
