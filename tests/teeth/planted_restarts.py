"""Faults of a second start: nothing goes on any more, or the old instance is in the way."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sqlite3
import threading
from pathlib import Path

from planted import Sound, planted


@planted("LIFE-08")
class PollerStaysStopped(Sound):
    """The event that ends the poller is set by stop(), and cleared by nobody."""

    def __init__(self, context):
        super().__init__(context)
        self._stopping = asyncio.Event()
        self._poller = None

    async def start(self):
        self._poller = asyncio.create_task(self._poll())
        return True

    async def _poll(self):
        while not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), 30)

    async def stop(self):
        self._stopping.set()
        await asyncio.wait({self._poller})
        return True


@planted("LIFE-08")
class ThreadStaysStopped(Sound):
    """The same with a thread."""

    def __init__(self, context):
        super().__init__(context)
        self._stopping = threading.Event()
        self._thread = None

    async def start(self):
        self._thread = threading.Thread(target=self._poll, name="poller", daemon=True)
        self._thread.start()
        return True

    def _poll(self):
        while not self._stopping.wait(30):
            pass

    async def stop(self):
        self._stopping.set()
        await asyncio.to_thread(self._thread.join)
        return True


@planted("LIFE-08")
class SleepsWhatIsLeft(Sound):
    """Stopped, it means to poll never again, and forgets that when it is started: so it waits."""

    interval: float | None = 5
    _poller = None

    async def start(self):
        self._poller = asyncio.create_task(self._poll())
        return True

    async def _poll(self):
        wake = asyncio.Event()
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), self.interval)

    async def stop(self):
        self.interval = None
        self._poller.cancel()
        await asyncio.wait({self._poller})
        return True


@planted("LIFE-08")
class SubscribesOnce(Sound):
    """initialize() subscribes, stop() ends that, and start() does not know of it."""

    async def initialize(self):
        self._orders = self.context.event_bus.subscribe("orders.*", self._count)
        self.orders = 0
        return True

    async def _count(self, event_type, data):
        self.orders += 1

    async def stop(self):
        if self._orders is not None:
            self.context.event_bus.unsubscribe(self._orders)
            self._orders = None
        return True


@planted("LIFE-08")
class ServesOnce(Sound):
    """A server that exists already is taken for one that listens."""

    _server = None

    async def start(self):
        if self._server is None:
            self._server = await asyncio.start_server(
                self._serve, "127.0.0.1", 0, start_serving=False
            )
            await self._server.start_serving()
        return True

    async def _serve(self, reader, writer):
        writer.close()

    async def stop(self):
        self._server.close()
        await self._server.wait_closed()
        return True

    async def cleanup(self):
        if self._server is not None:
            self._server.close()
        return True


@planted("LIFE-09")
class LocksUntilCleanup(Sound):
    """A lock file is made by initialize() and kept until cleanup()."""

    _lock: Path | None = None

    async def initialize(self):
        lock = Path(self.context.data_dir, "lock")
        with lock.open("x"):
            self._lock = lock
        return True

    async def cleanup(self):
        if self._lock is not None:
            self._lock.unlink()
            self._lock = None
        return True


@planted("LIFE-09")
class HoldsDatabaseUntilCleanup(Sound):
    """A database that start() takes for itself alone is closed by cleanup(), not by stop()."""

    _jobs: sqlite3.Connection | None = None

    async def start(self):
        if self._jobs is None:
            path = Path(self.context.data_dir, "jobs.sqlite3")
            self._jobs = sqlite3.connect(path, timeout=0, isolation_level=None)
            self._jobs.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._jobs.execute("CREATE TABLE IF NOT EXISTS jobs (id INTEGER)")
        return True

    async def cleanup(self):
        if self._jobs is not None:
            self._jobs.close()
            self._jobs = None
        return True


@planted("LIFE-09")
class CleansUpForOthers(Sound):
    """cleanup() removes the note of who runs, also if that is somebody else by now."""

    async def start(self):
        Path(self.context.data_dir, "running").write_text(f"{os.getpid()} {id(self)}")
        return True

    async def cleanup(self):
        Path(self.context.data_dir, "running").unlink(missing_ok=True)
        return True


@planted("LIFE-09")
class StateIsASet(Sound):
    """The state that a new version gets is none that JSON knows."""

    def __init__(self, context):
        super().__init__(context)
        self.seen = {"alice"}

    async def export_state(self):
        return {"seen": self.seen}

    async def import_state(self, state):
        self.seen = set(state["seen"])


@planted("LIFE-09")
class StateOfAnotherName(Sound):
    """What import_state() looks for export_state() calls otherwise."""

    total = 0

    def export_state(self):
        return {"total": self.total}

    def import_state(self, state):
        self.total = state["count"]
