"""Health checks: degraded with a reason, words of the plugin's own, details, probes."""

from __future__ import annotations

import asyncio
import collections
import os
import time

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus


class Base(BasePlugin):
    """Succeeds at everything."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class DegradedAtFirst(Base):
    """Degraded, with a reason, until it has had an event; then it is what the driver says."""

    events = 0

    def get_metadata(self):
        return PluginMetadata("degraded-at-first", "1.0.0", "Warms up", "AITBC Team", "MIT")

    async def handle_event(self, event_type, data):
        self.events += 1

    async def health_check(self):
        health = await super().health_check()
        if self.status is PluginStatus.ACTIVE and not self.events:
            health |= {"status": "degraded", "reason": "no event has come yet"}
        return health


@good()
class OwnWords(Base):
    """Its health is its own business: no default keys, a word of its own, nested details."""

    def get_metadata(self):
        return PluginMetadata("own-words", "1.0.0", "Speaks its mind", "AITBC Team", "MIT")

    async def health_check(self):
        return {
            "status": "ready" if self.status is PluginStatus.ACTIVE else "resting",
            "checks": [{"name": "disk", "ok": True}, {"name": "clock", "ok": None}],
            "pid": os.getpid(),
        }


@good()
class Latencies(Base):
    """Figures of a sliding window, as floats, with None where there are none."""

    def __init__(self, context):
        super().__init__(context)
        self._seconds = collections.deque(maxlen=100)

    def get_metadata(self):
        return PluginMetadata("latencies", "1.0.0", "Measures itself", "AITBC Team", "MIT")

    async def handle_event(self, event_type, data):
        begin = time.perf_counter()
        await asyncio.sleep(0)
        self._seconds.append(time.perf_counter() - begin)

    async def health_check(self):
        health = await super().health_check()
        known = sorted(self._seconds)
        health["latency"] = {
            "median": known[len(known) // 2] if known else None,
            "worst": known[-1] if known else None,
        }
        return health


@good()
class ProbedHealth(Base):
    """Asks a part of itself each time, and gives up on it after a moment."""

    _probes = 0

    def get_metadata(self):
        return PluginMetadata("probed-health", "1.0.0", "Probes itself", "AITBC Team", "MIT")

    async def health_check(self):
        health = await super().health_check()
        try:
            await asyncio.wait_for(self._probe(), timeout=0.02)
        except TimeoutError:
            return health | {"status": "degraded", "reason": "the probe did not answer"}
        return health

    async def _probe(self):
        self._probes += 1
        await asyncio.sleep(60 if self._probes % 4 == 0 else 0)


@good()
class ErrorCounter(Base):
    """Counts errors of its own beside those that the driver counts for it."""

    def __init__(self, context):
        super().__init__(context)
        self.rejected = 0

    def get_metadata(self):
        return PluginMetadata("error-counter", "1.0.0", "Counts errors", "AITBC Team", "MIT")

    async def handle_event(self, event_type, data):
        if "amount" in data and not isinstance(data["amount"], int | float):
            self.rejected += 1

    async def health_check(self):
        health = await super().health_check()
        return {**health, "error_count": health["error_count"] + self.rejected}


@good()
class CountsSeconds(Base):
    """Its health shows a number that grows with the time, and so do its events."""

    def get_metadata(self):
        return PluginMetadata("counts-seconds", "1.0.0", "Keeps the time", "AITBC Team", "MIT")

    async def start(self):
        self.seconds = 0
        self._task = asyncio.create_task(self._count())
        return True

    async def _count(self):
        while True:
            await asyncio.sleep(1)
            self.seconds += 1
            await self.context.event_bus.publish("second", {"number": self.seconds})

    async def stop(self):
        self._task.cancel()
        await asyncio.wait({self._task})
        return True

    async def health_check(self):
        health = await super().health_check()
        return health | {"seconds": getattr(self, "seconds", 0)}
