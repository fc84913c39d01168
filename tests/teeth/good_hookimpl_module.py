"""This very module is a plugin in the style of pytest, with its state in module globals."""

from __future__ import annotations

import asyncio
import sys

from corpus import good

from aitbc.plugins import PluginMetadata, hookimpl

_ticks = 0
_clock: asyncio.Task | None = None


@hookimpl
def get_metadata():
    return PluginMetadata("module-clock", "1.0.0", "Ticks in a module", "Hook Author", "MIT")


@hookimpl
def get_config_schema():
    return {"properties": {"period": {"type": "number", "minimum": 0.05, "default": 1}}}


@hookimpl
async def initialize(context):
    global _ticks  # noqa: PLW0603 - a module is a singleton, and its globals are its attributes
    _ticks = 0
    return True


@hookimpl
async def start(context):
    global _clock  # noqa: PLW0603 - the same
    _clock = asyncio.create_task(_tick(context.config.get("period", 1)))
    return True


@hookimpl
async def stop():
    await _stop_clock()
    return True


@hookimpl
async def cleanup():
    await _stop_clock()
    return True


@hookimpl
def health_check():
    return {"status": "ticking" if _clock else "still", "ticks": _ticks}


async def _stop_clock():
    global _clock  # noqa: PLW0603 - the same
    if _clock is not None:
        _clock.cancel()
        await asyncio.wait({_clock})
        _clock = None


async def _tick(period):
    global _ticks  # noqa: PLW0603 - the same
    while True:
        _ticks += 1
        await asyncio.sleep(period)


good.add(sys.modules[__name__], id="module-clock")
