"""A module that begins a task and never ends it."""

from __future__ import annotations

import asyncio

from aitbc.plugins import hookimpl

_tasks: list[asyncio.Task[None]] = []


async def _poll(logger):
    while True:
        await asyncio.sleep(10)
        logger.debug("nothing new")


@hookimpl
async def start(context):
    _tasks.append(asyncio.create_task(_poll(context.logger)))
    return True


@hookimpl
async def stop():
    _tasks.clear()
    return True
