"""Faults that leave something behind: tasks, coroutines, threads, descriptors, children."""

from __future__ import annotations

import asyncio
import concurrent.futures
import os
import socket
import sqlite3
import tempfile
import threading
from pathlib import Path
from typing import ClassVar

from planted import Sound, planted

#: Seconds after which what is left behind ends by itself; the machine is not the plugin's.
LASTING = 20


@planted("RES-01")
class LeavesTask(Sound):
    """start() starts a task and keeps no reference by which it could be ended."""

    async def start(self):
        asyncio.create_task(self._poll())  # noqa: RUF006 - the fault
        return True

    async def _poll(self):
        while True:  # noqa: ASYNC110 - it polls
            await asyncio.sleep(1)


@planted("RES-01")
class CancelsWithoutWaiting(Sound):
    """cleanup() cancels its task, which takes its time to end, and does not wait for that."""

    _task: asyncio.Task[None] | None = None

    async def start(self):
        self._task = asyncio.create_task(self._poll())
        return True

    async def cleanup(self):
        if self._task is not None:
            self._task.cancel()
        return True

    async def _poll(self):
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(2)


@planted("RES-01")
class NeverRetrieves(Sound):
    """A task of start() fails, and nobody looks at its exception."""

    _warming: asyncio.Task[None] | None = None

    async def start(self):
        self._warming = asyncio.create_task(self._warm())
        await asyncio.sleep(0)
        return True

    async def _warm(self):
        raise FileNotFoundError("index.bin")


@planted("RES-01")
class NeverAwaits(Sound):
    """stop() calls a coroutine function and forgets the await."""

    async def stop(self):
        self._flush()
        return True

    async def _flush(self):
        self.context.logger.debug("flushed")


@planted("RES-01", "RES-02")
class TimerGoesOn(Sound):
    """A timer sets itself again and again, and nothing ends it."""

    async def start(self):
        self._tick()
        return True

    def _tick(self):
        asyncio.get_running_loop().call_later(60, self._tick)


@planted("RES-02")
class LeavesThread(Sound):
    """start() starts a thread, and nothing ends it."""

    async def start(self):
        never = threading.Event()
        threading.Thread(target=never.wait, args=(LASTING,), daemon=True, name="poller").start()
        return True


@planted("RES-02")
class LeavesExecutor(Sound):
    """A pool of threads is used and never shut down."""

    async def initialize(self):
        self._pool = concurrent.futures.ThreadPoolExecutor(2)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._pool, lambda: True)


@planted("RES-02")
class LeavesServer(Sound):
    """The server is never closed, and the class holds on to it."""

    _servers: ClassVar[list[asyncio.Server]] = []

    async def start(self):
        self._servers.append(await asyncio.start_server(self._serve, "127.0.0.1", 0))
        return True

    async def _serve(self, _reader, writer):
        writer.close()


@planted("RES-02")
class LeavesSocket(Sound):
    """A listening socket is closed by nobody but the garbage collector."""

    async def start(self):
        self._socket = socket.create_server(("127.0.0.1", 0))
        return True


@planted("RES-02")
class LeavesTransport(Sound):
    """stop() forgets the transport of a datagram endpoint instead of closing it."""

    _transport: asyncio.BaseTransport | None = None

    async def start(self):
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            asyncio.DatagramProtocol, local_addr=("127.0.0.1", 0)
        )
        return True

    async def stop(self):
        self._transport = None
        return True


@planted("RES-02")
class LeavesDescriptor(Sound):
    """mkstemp() returns an open descriptor too, and that is overlooked."""

    async def initialize(self):
        _, self._scratch = tempfile.mkstemp(dir=self.context.temp_dir)
        return True

    async def cleanup(self):
        Path(self._scratch).unlink(missing_ok=True)
        return True


@planted("RES-02")
class LeavesDatabase(Sound):
    """A ``with`` ends the transaction, and the database stays open."""

    async def start(self):
        self._db = sqlite3.connect(Path(self.context.data_dir, "visits.sqlite3"))
        with self._db:
            self._db.execute("CREATE TABLE IF NOT EXISTS visits (at REAL)")
        return True


@planted("RES-02")
class LeavesReader(Sound):
    """A pipe is closed, and the loop still watches it."""

    _pipe: tuple[int, int] | None = None

    async def start(self):
        self._pipe = os.pipe()
        asyncio.get_running_loop().add_reader(self._pipe[0], os.read, self._pipe[0], 1)
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        pipe, self._pipe = self._pipe, None
        for descriptor in pipe or ():
            os.close(descriptor)
        return True

    async def cleanup(self):
        return await self._release()


@planted("RES-02")
class LeavesChild(Sound):
    """A child process is started and never ended."""

    async def start(self):
        self._helper = await asyncio.create_subprocess_exec("sleep", str(LASTING))
        return True


@planted("RES-02")
class LeavesZombie(Sound):
    """A child process that has ended is never waited for."""

    async def start(self):
        child = os.posix_spawn("/bin/true", ["true"], {})
        self._children = [*getattr(self, "_children", []), child]
        return True
