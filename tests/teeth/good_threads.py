"""Threads: of the plugin's own, of its own pool, of the loop's pool; all joined in the end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import hashlib
import json
import queue
import threading
import zlib
from pathlib import Path

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


@good()
class HashWorker(BasePlugin):
    """One worker thread with a queue; a None in the queue ends it, and joining waits in a thread."""

    def __init__(self, context):
        super().__init__(context)
        self._jobs = queue.SimpleQueue()
        self._thread = None
        self.digests = {}

    def get_metadata(self):
        return PluginMetadata("hash-worker", "1.0.0", "Hashes payloads", "Thread Author", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        self._thread = threading.Thread(target=self._work, name="hash-worker", daemon=True)
        self._thread.start()
        return True

    async def stop(self):
        await self._join()
        return True

    async def cleanup(self):
        await self._join()
        return True

    async def handle_event(self, event_type, data):
        self._jobs.put((event_type, json.dumps(data).encode()))

    async def _join(self):
        if self._thread is not None:
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)
            self._thread = None
            self._jobs = queue.SimpleQueue()

    def _work(self):
        jobs = self._jobs
        while (job := jobs.get()) is not None:
            event_type, payload = job
            self.digests[event_type] = hashlib.sha256(payload).hexdigest()


@good()
class PrivatePool(BasePlugin):
    """A pool of its own between start and stop; shutting it down waits, so it waits in a thread."""

    _pool: concurrent.futures.ThreadPoolExecutor | None = None

    def get_metadata(self):
        return PluginMetadata("private-pool", "1.4.2", "Compresses events", "Thread Author", "MIT")

    async def initialize(self):
        self.sizes = []
        return True

    async def start(self):
        self._pool = concurrent.futures.ThreadPoolExecutor(2, thread_name_prefix="compress")
        size = await asyncio.get_running_loop().run_in_executor(
            self._pool, self._compress, b"ready"
        )
        return size > 0

    async def stop(self):
        await self._shut_down()
        return True

    async def cleanup(self):
        await self._shut_down()
        return True

    async def handle_event(self, event_type, data):
        loop = asyncio.get_running_loop()
        payload = json.dumps([event_type, data]).encode()
        self.sizes.append(await loop.run_in_executor(self._pool, self._compress, payload))

    async def _shut_down(self):
        if self._pool is not None:
            await asyncio.to_thread(self._pool.shutdown, wait=True)
            self._pool = None

    @staticmethod
    def _compress(payload):
        return len(zlib.compress(payload))


@good()
class FileChecksum(BasePlugin):
    """The loop's own pool, which belongs to the host and goes on after the plugin is gone."""

    def get_metadata(self):
        return PluginMetadata("file-checksum", "1.0.0", "Sums up its files", "AITBC Team", "MIT")

    async def initialize(self):
        folder = Path(self.context.data_dir)
        await asyncio.to_thread((folder / "numbers.bin").write_bytes, bytes(range(256)) * 64)
        self.checksum = await asyncio.to_thread(self._sum, folder)
        return True

    async def start(self):
        return await asyncio.to_thread(self._sum, Path(self.context.data_dir)) == self.checksum

    async def stop(self):
        return True

    async def cleanup(self):
        return True

    @staticmethod
    def _sum(folder):
        return zlib.crc32((folder / "numbers.bin").read_bytes())


@good()
class ExecutorCalls(BasePlugin):
    """`run_in_executor` without an executor, and several calls side by side."""

    def get_metadata(self):
        return PluginMetadata("executor-calls", "1.0.0", "Sorts aside", "AITBC Team", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        loop = asyncio.get_running_loop()
        shuffled = [(index * 7919) % 1000 for index in range(1000)]
        results = await asyncio.gather(
            *(loop.run_in_executor(None, sorted, shuffled[part::4]) for part in range(4))
        )
        self.smallest = [result[0] for result in results]
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good()
class JanitorThread(BasePlugin):
    """A thread that sleeps on a threading.Event and reports to the loop from outside."""

    _thread = None

    def get_metadata(self):
        return PluginMetadata("janitor-thread", "1.0.0", "Sweeps regularly", "AITBC Team", "MIT")

    async def initialize(self):
        self.sweeps = 0
        return True

    async def start(self):
        self._finished = threading.Event()
        swept = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._thread = threading.Thread(target=self._sweep, args=(loop, swept), name="janitor")
        self._thread.start()
        await swept.wait()
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._thread is not None:
            self._finished.set()
            await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _sweep(self, loop, swept):
        while True:
            for path in Path(self.context.temp_dir).glob("*.tmp"):
                path.unlink(missing_ok=True)
            loop.call_soon_threadsafe(self._swept, swept)
            if self._finished.wait(0.2):
                return

    def _swept(self, swept):
        self.sweeps += 1
        swept.set()


@good()
class SecondLoop(BasePlugin):
    """A thread that runs an event loop of its own, and calls that cross from loop to loop."""

    _thread = None

    def get_metadata(self):
        return PluginMetadata("second-loop", "0.9.0", "Runs a loop aside", "Thread Author", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._main()))
        self._thread.start()
        await asyncio.to_thread(self._ready.wait)
        doubled = asyncio.run_coroutine_threadsafe(self._double(21), self._loop)
        return await asyncio.wrap_future(doubled) == 42

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._thread is None:
            return
        await asyncio.to_thread(self._ready.wait)
        with contextlib.suppress(RuntimeError):  # it has been closed: an earlier call got this far
            self._loop.call_soon_threadsafe(self._leave.set)
        await asyncio.to_thread(self._thread.join)
        self._thread = None

    async def _main(self):
        self._loop = asyncio.get_running_loop()
        self._leave = asyncio.Event()
        self._ready.set()
        await self._leave.wait()

    async def _double(self, number):
        await asyncio.sleep(0)
        return 2 * number
