"""A module with a function for a hook that there is not."""

from __future__ import annotations

from aitbc.plugins import hookimpl


@hookimpl
async def initialize(context):
    context.logger.debug("ready")
    return True


@hookimpl
def on_start(context):
    context.logger.debug("started")
