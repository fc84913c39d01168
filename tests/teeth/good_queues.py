"""Tasks that work off queues, pipelines and backlogs, and how stop lets them finish."""

from __future__ import annotations

import asyncio
import contextlib
import time

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


def card(name, description):
    return PluginMetadata(name, "1.0.0", description, "Queue People", "ISC")


class Worker(BasePlugin):
    """A task around `work`, which subclasses write; an author's own base class."""

    task: asyncio.Task | None = None

    async def initialize(self):
        return True

    async def start(self):
        self.task = asyncio.create_task(self.work(), name=type(self).__name__)
        return True

    async def stop(self):
        await self.finish()
        return True

    async def cleanup(self):
        await self.finish()
        return True

    async def finish(self):
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait({self.task})
            self.task = None

    async def work(self):
        raise NotImplementedError


@good()
class DrainingIndexer(Worker):
    """Events are queued; stop lets the consumer finish what waits, for two seconds at most."""

    def get_metadata(self):
        return card("draining-indexer", "Indexes events")

    async def start(self):
        self.queue = asyncio.Queue(maxsize=100)
        self.index = {}
        return await super().start()

    async def stop(self):
        try:
            async with asyncio.timeout(2):
                await self.queue.join()
        except TimeoutError:
            self.context.logger.warning("%d events were not indexed", self.queue.qsize())
        return await super().stop()

    async def handle_event(self, event_type, data):
        await self.queue.put((event_type, sorted(data)))

    async def work(self):
        while True:
            event_type, keys = await self.queue.get()
            try:
                await asyncio.sleep(0.001)
                self.index[event_type] = keys
            finally:
                self.queue.task_done()


@good()
class SentinelPipeline(BasePlugin):
    """Producer and consumer; the producer's None ends the consumer, so nothing is cancelled."""

    def get_metadata(self):
        return card("sentinel-pipeline", "Counts numbers")

    async def initialize(self):
        self._tasks = ()
        return True

    async def start(self):
        self._enough = asyncio.Event()
        queue = asyncio.Queue(2)
        self._tasks = (
            asyncio.create_task(self._produce(queue)),
            asyncio.create_task(self._consume(queue)),
        )
        return True

    async def stop(self):
        self._enough.set()
        await asyncio.gather(*self._tasks)
        self._tasks = ()
        return True

    async def cleanup(self):
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        return True

    async def _produce(self, queue):
        number = 0
        while not self._enough.is_set():
            await queue.put(number)
            number += 1
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._enough.wait(), 0.05)
        await queue.put(None)

    async def _consume(self, queue):
        self.total = 0
        while (number := await queue.get()) is not None:
            self.total += number


@good()
class GeneratorPipeline(Worker):
    """An asynchronous generator with a finally of its own, closed by whoever iterates."""

    generator_open = False

    def get_metadata(self):
        return card("generator-pipeline", "Averages readings")

    async def cleanup(self):
        await super().cleanup()
        return not self.generator_open

    async def work(self):
        self.average = 0.0
        async with contextlib.aclosing(self._readings()) as readings:
            async for reading in readings:
                self.average += (reading - self.average) / 10

    async def _readings(self):
        self.generator_open = True
        try:
            reading = 20.0
            while True:
                await asyncio.sleep(0.02)
                reading += 0.5
                yield reading
        finally:
            await asyncio.sleep(0)
            self.generator_open = False


@good()
class PatientDrain(Worker):
    """stop looks again and again whether the backlog is gone, until a real second has passed."""

    def get_metadata(self):
        return card("patient-drain", "Works off a backlog")

    async def start(self):
        self.backlog = []
        return await super().start()

    async def stop(self):
        deadline = time.monotonic() + 1
        while self.backlog and time.monotonic() < deadline:  # noqa: ASYNC110 - as many look
            await asyncio.sleep(0.005)
        return await super().stop()

    async def handle_event(self, event_type, data):
        self.backlog.append(event_type)

    async def work(self):
        while True:
            if self.backlog:
                self.backlog.pop(0)
            await asyncio.sleep(0.001)
