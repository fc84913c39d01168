"""A module that can be loaded once in the life of a process."""

from __future__ import annotations

from aitbc.plugins import hookimpl

_state = {"initialized": False}


@hookimpl
async def initialize(context):
    if _state["initialized"]:
        raise RuntimeError("initialised already")
    _state["initialized"] = True
    return True


@hookimpl
async def cleanup(context):
    context.logger.debug("bye")
    return True
