"""A module whose initialize() returns nothing."""

from __future__ import annotations

from aitbc.plugins import hookimpl


@hookimpl
async def initialize(context):
    context.logger.debug("ready")
