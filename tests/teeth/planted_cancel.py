"""Faults that show only when a method is cancelled while it waits."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from planted import Pulse, Sound, planted


@planted("LIFE-05", "LIFE-07")
class IgnoresCancellation(Sound):
    """start() asks twenty times for its peer, and takes a cancellation for a missed answer."""

    async def start(self):
        for _ in range(20):
            try:
                await asyncio.sleep(1)
            except asyncio.CancelledError:
                continue
        return True


@planted("LIFE-07")
class SwallowsCancellation(Sound):
    """start() goes on after a cancellation, and says that it has succeeded."""

    async def start(self):
        for _ in range(3):
            try:  # noqa: SIM105 - as authors write
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass
        return True


@planted("LIFE-07")
class SuppressesItsCallersToo(Pulse):
    """While stop() waits for the task that it has cancelled, it swallows its own cancellation."""

    async def _end(self):
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


@planted("LIFE-05", "RES-01")
class CancelledStartLeavesTask(Pulse):
    """start() remembers its task only after it has waited for something else."""

    async def start(self):
        task = asyncio.create_task(self._beat())
        await asyncio.sleep(0.01)
        self._task = task
        return True


@planted("LIFE-05")
class CancelledStartKeepsLock(Sound):
    """start() gives its lock back only when all goes well, and cleanup() needs it."""

    def __init__(self, context):
        super().__init__(context)
        self._lock = asyncio.Lock()
        self._routes = []

    async def start(self):
        await self._lock.acquire()
        self._routes.append(await asyncio.sleep(0.01, "local"))
        self._lock.release()
        return True

    async def cleanup(self):
        async with self._lock:
            self._routes.clear()
        return True


@planted("LIFE-05", "RES-02")
class CancelledStartLeavesServer(Sound):
    """start() remembers its server only after it has announced it."""

    _server: asyncio.Server | None = None

    async def start(self):
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        await asyncio.sleep(0.01)
        self._server = server
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        if self._server is not None:
            self._server.close()
            await self._server.wait_closed()
            self._server = None
        return True

    async def _serve(self, _reader, writer):
        writer.close()

    async def cleanup(self):
        return await self._release()


@planted("LIFE-05")
class CleanupNeedsInitializeDone(Sound):
    """cleanup() uses what a cancelled initialize() has not made."""

    async def initialize(self):
        await asyncio.sleep(0.01)
        self._cache = {}
        return True

    async def cleanup(self):
        self._cache.clear()
        return True


@planted("LIFE-05")
class CleanupNeedsBothParts(Sound):
    """initialize() sets up two parts, and cleanup() cannot do with one."""

    def __init__(self, context):
        super().__init__(context)
        self._parts = {}

    async def initialize(self):
        self._parts["queue"] = []
        await asyncio.sleep(0.01)
        self._parts["index"] = {}
        return True

    async def cleanup(self):
        if self._parts:
            self._parts.pop("queue").clear()
            self._parts.pop("index").clear()
        return True


@planted("LIFE-05")
class CleanupWaitsForStart(Sound):
    """cleanup() waits for the end of a start() that was cancelled."""

    _started: asyncio.Event | None = None

    async def start(self):
        self._started = asyncio.Event()
        await asyncio.sleep(0.01)
        self._started.set()
        return True

    async def cleanup(self):
        if self._started is not None:
            await self._started.wait()
        return True


@planted("LIFE-05", "RES-01")
class CancelledStopLosesTask(Pulse):
    """stop() forgets its task before it has cancelled it."""

    async def stop(self):
        task, self._task = self._task, None
        await asyncio.sleep(0.01)
        task.cancel()
        await asyncio.wait({task})
        return True


@planted("LIFE-05", "RES-01")
class ShieldsItsConnecting(Sound):
    """start() shields what it waits for, so that goes on after the cancellation."""

    async def start(self):
        await asyncio.shield(self._connect())
        return True

    async def _connect(self):
        await asyncio.sleep(3)


@planted("LIFE-05", "RES-02")
class CancelledInitializeLeavesFile(Sound):
    """initialize() remembers the lock file's descriptor only after it has waited."""

    _lock_file: int | None = None

    async def initialize(self):
        path = Path(self.context.data_dir, "lock")
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        await asyncio.sleep(0.01)
        self._lock_file = descriptor
        return True

    async def cleanup(self):
        if self._lock_file is not None:
            os.close(self._lock_file)
            self._lock_file = None
        return True


@planted("LIFE-05")
class WaitsInFinally(Sound):
    """start() waits in its ``finally`` for what only its success brings."""

    async def start(self):
        ready = asyncio.Event()
        try:
            await asyncio.sleep(0.01)
            ready.set()
        finally:
            await ready.wait()
        return True


@planted("LIFE-05", "LIFE-07")
class RetriesAfterEveryError(Sound):
    """initialize() catches BaseException and begins again, with a longer pause each time."""

    async def initialize(self):
        for pause in (0.01, 8, 60):
            try:
                await asyncio.sleep(pause)
            except BaseException:  # noqa: BLE001 - the fault
                continue
            return True
        return False


@planted("LIFE-05", "RES-02")
class CancelledStartLeavesChild(Sound):
    """start() remembers its helper program only after the pause that it gives it to start."""

    _helper: asyncio.subprocess.Process | None = None

    async def start(self):
        helper = await asyncio.create_subprocess_exec("sleep", "15")
        await asyncio.sleep(0.01)
        self._helper = helper
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        helper, self._helper = self._helper, None
        if helper is not None:
            helper.kill()
            await helper.wait()
        return True

    async def cleanup(self):
        return await self._release()
