"""Background tasks: begun in start, cancelled and awaited in stop."""

from __future__ import annotations

import asyncio
import contextlib

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


@good()
class Heartbeat(BasePlugin):
    """The commonest idiom of all: stop swallows a cancellation that meets it while it awaits."""

    def __init__(self, context):
        super().__init__(context)
        self._task = None
        self.beats = 0

    def get_metadata(self):
        return PluginMetadata("heartbeat", "1.0.0", "Says that it is alive", "AITBC Team", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {"interval": {"type": "number", "minimum": 1, "default": 30}},
        }

    async def initialize(self):
        return True

    async def start(self):
        self._task = asyncio.create_task(self._beat(self.context.config.get("interval", 30)))
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def _beat(self, interval):
        while True:
            self.beats += 1
            await self.context.event_bus.publish("heartbeat.beat", {"beats": self.beats})
            await asyncio.sleep(interval)


@good(example={"feeds": ["news", "prices"]})
class FeedPollers(BasePlugin):
    """One task for each configured feed, kept in a set that empties itself."""

    def __init__(self, context):
        super().__init__(context)
        self._tasks = set()
        self.polls = dict.fromkeys(context.config.get("feeds", ()), 0)

    def get_metadata(self):
        return PluginMetadata("feed-pollers", "0.3.1", "Polls feeds", "R. Author", "BSD-3-Clause")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {
                "feeds": {
                    "type": "array",
                    "items": {"type": "string", "minLength": 1},
                    "uniqueItems": True,
                    "maxItems": 8,
                }
            },
            "additionalProperties": False,
        }

    async def initialize(self):
        return True

    async def start(self):
        for feed in self.polls:
            task = asyncio.create_task(self._poll(feed), name=f"poll:{feed}")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return True

    async def stop(self):
        await self._cancel_all()
        return True

    async def cleanup(self):
        await self._cancel_all()
        return True

    async def _cancel_all(self):
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _poll(self, feed):
        while True:
            self.polls[feed] += 1
            await asyncio.sleep(5)


@good()
class GroupRunner(BasePlugin):
    """A task group that lives in a task of its own; start waits until it has been entered."""

    _runner = None

    def get_metadata(self):
        return PluginMetadata("group-runner", "1.2.0", "Runs a task group", "AITBC Team", "MIT")

    async def initialize(self):
        self.collected = []
        return True

    async def start(self):
        self._stopping = asyncio.Event()
        running = asyncio.Event()
        self._runner = asyncio.create_task(self._run(running), name="group-runner")
        await running.wait()
        return True

    async def stop(self):
        self._stopping.set()
        await self._runner
        return True

    async def cleanup(self):
        if self._runner is not None:
            self._runner.cancel()
            await asyncio.wait({self._runner})
        return True

    async def _run(self, running):
        async with asyncio.TaskGroup() as group:
            workers = [group.create_task(self._collect(source)) for source in ("a", "b", "c")]
            running.set()
            await self._stopping.wait()
            for worker in workers:
                worker.cancel()

    async def _collect(self, source):
        while True:
            await asyncio.sleep(1)
            self.collected.append(source)


@good()
class PeriodicTimer(BasePlugin):
    """A timer without a task: a callback that schedules itself, and a handle to cancel."""

    _handle = None
    ticks = 0

    def get_metadata(self):
        return PluginMetadata("periodic-timer", "1.0.0", "Ticks", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        self._schedule(asyncio.get_running_loop())
        return True

    async def stop(self):
        self._unschedule()
        return True

    async def cleanup(self):
        self._unschedule()
        return True

    def _schedule(self, loop):
        self._handle = loop.call_later(0.5, self._tick, loop)

    def _unschedule(self):
        if self._handle:
            self._handle.cancel()
        self._handle = None

    def _tick(self, loop):
        self.ticks += 1
        self._schedule(loop)


@good()
class WarmCache(BasePlugin):
    """Begins its task in initialize, so that it is warm when it starts; the task ends by itself."""

    def get_metadata(self):
        return PluginMetadata("warm-cache", "1.0.0", "Loads ahead", "AITBC Team", "MIT")

    async def initialize(self):
        self._entries = {}
        self._warming = asyncio.create_task(self._warm())
        return True

    async def start(self):
        # start may be the second one: a finished task can be awaited as often as one likes.
        await asyncio.shield(self._warming)
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        self._warming.cancel()
        await asyncio.gather(self._warming, return_exceptions=True)
        self._entries.clear()
        return True

    async def _warm(self):
        for key in range(20):
            await asyncio.sleep(0.001)
            self._entries[key] = key * key

    async def health_check(self):
        return {**await super().health_check(), "entries": len(self._entries)}


@good()
class Supervisor(BasePlugin):
    """Restarts a worker that fails; the failures are its business and end in its log."""

    _task = None
    restarts = 0

    def get_metadata(self):
        return PluginMetadata("supervisor", "1.0.0", "Restarts its worker", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        self._task = asyncio.create_task(self._supervise())
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._task and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _supervise(self):
        delay = 0.01
        while True:
            try:
                await self._work()
            except ConnectionError as error:
                self.restarts += 1
                self.context.logger.warning("worker failed, again in %.2f s: %s", delay, error)
                await asyncio.sleep(delay)
                delay = min(delay * 2, 60)

    async def _work(self):
        await asyncio.sleep(0.01)
        raise ConnectionResetError("the peer went away")
