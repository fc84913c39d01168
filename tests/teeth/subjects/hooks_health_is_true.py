"""A module whose health is a bool."""

from __future__ import annotations

from aitbc.plugins import hookimpl

_running: list[bool] = []


@hookimpl
async def start():
    _running.append(True)
    return True


@hookimpl
async def stop():
    _running.clear()
    return True


@hookimpl
async def health_check():
    return bool(_running)
