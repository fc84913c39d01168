"""Plugins that do not give the loop back."""

from __future__ import annotations

import asyncio

from planted import Sound


class SpinsInStart(Sound):
    """Waits for a flag that only another task could set."""

    _ready = False

    async def start(self):
        while not self._ready:
            pass
        return True


class WaitsForItsOwnLoop(Sound):
    """Asks its own loop for a result, and blocks it until that comes."""

    async def start(self):
        loop = asyncio.get_running_loop()
        return asyncio.run_coroutine_threadsafe(self._ready(), loop).result()

    async def _ready(self):
        return True


class TurnsWithoutEnd(Sound):
    """Goes round and round the loop, waiting for nothing."""

    async def handle_event(self, event_type, data):
        while data is not None:  # noqa: ASYNC110 - the fault
            await asyncio.sleep(0)
