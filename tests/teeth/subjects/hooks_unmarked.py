"""A module with one function that lacks its mark."""

from __future__ import annotations

from aitbc.plugins import hookimpl

greeted: list[str] = []


async def start(context):
    context.logger.debug("hello")
    return True


@hookimpl
def handle_event(event_type, data):
    if event_type == "user_login":
        greeted.append(str(data.get("user")))
