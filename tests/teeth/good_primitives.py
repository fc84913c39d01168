"""The primitives of asyncio: lock, condition, event, semaphore."""

from __future__ import annotations

import asyncio

from corpus import good
from good_queues import Worker, card

from aitbc.plugins import BasePlugin


@good()
class ConditionPool(BasePlugin):
    """Two seats, and a condition that those wait on who find none."""

    def __init__(self, context):
        super().__init__(context)
        self._seats = 2
        self._changed = asyncio.Condition()
        self.served = 0

    def get_metadata(self):
        return card("condition-pool", "Two at a time")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        async with self._changed:
            await self._changed.wait_for(lambda: self._seats == 2)
        return True

    async def cleanup(self):
        return True

    async def handle_event(self, event_type, data):
        async with asyncio.TaskGroup() as group:
            for _ in range(4):
                group.create_task(self._serve())

    async def _serve(self):
        async with self._changed:
            await self._changed.wait_for(lambda: self._seats > 0)
            self._seats -= 1
        try:
            await asyncio.sleep(0)
            self.served += 1
        finally:
            self._seats += 1
            async with self._changed:
                self._changed.notify_all()


@good()
class LimitedFanOut(BasePlugin):
    """Event handlers leave tasks behind that stop, and after a failed stop cleanup, ends."""

    def __init__(self, context):
        super().__init__(context)
        self._limit = asyncio.Semaphore(3)
        self._background = set()
        self.done = 0

    def get_metadata(self):
        return card("limited-fan-out", "At most three at once")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def handle_event(self, event_type, data):
        for key in data:
            task = asyncio.create_task(self._process(key))
            self._background.add(task)
            task.add_done_callback(self._background.discard)

    async def _end(self):
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)

    async def _process(self, key):
        async with self._limit:
            await asyncio.sleep(0.01)
            self.done += 1


@good()
class SingleFlight(BasePlugin):
    """Many ask, one fetches: a lock around a cache that is filled when it is first needed."""

    def get_metadata(self):
        return card("single-flight", "Fetches once")

    async def initialize(self):
        self._lock = asyncio.Lock()
        self._cached = {}
        return True

    async def start(self):
        await asyncio.gather(self.get("rates"), self.get("rates"), self.get("rates"))
        return self.fetches == 1

    async def stop(self):
        self._cached.clear()
        self.fetches = 0
        return True

    async def cleanup(self):
        return True

    fetches = 0

    async def get(self, key):
        async with self._lock:
            if key not in self._cached:
                await asyncio.sleep(0.001)
                self.fetches += 1
                self._cached[key] = len(key)
            return self._cached[key]


@good()
class PausedByEvents(Worker):
    """An event that is set and cleared by what comes over the bus."""

    def get_metadata(self):
        return card("paused-by-events", "Can be told to pause")

    async def start(self):
        self.going = asyncio.Event()
        self.going.set()
        self.rounds = 0
        return await super().start()

    async def handle_event(self, event_type, data):
        if event_type == "control.pause":
            self.going.clear()
        elif event_type == "control.resume":
            self.going.set()

    async def work(self):
        while True:
            await self.going.wait()
            self.rounds += 1
            await asyncio.sleep(0.5)
