"""Faults that disturb the others on the loop: blocking it, relying on its order, sharing."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path
from typing import Any, ClassVar

from planted import Pulse, Sound, planted


@planted("LOOP-01")
class SleepsInStart(Sound):
    """start() gives its peer a moment with time.sleep()."""

    async def start(self):
        time.sleep(0.1)
        return True


@planted("LOOP-01")
class SleepsInEvent(Sound):
    """handle_event() slows itself down with time.sleep()."""

    async def handle_event(self, event_type, data):
        time.sleep(0.06)


@planted("LOOP-01")
class ConnectsBlocking(Sound):
    """start() looks for a server with a blocking connect."""

    async def start(self):
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", 1), timeout=5).close()
        return True


@planted("LOOP-01")
class ResolvesBlocking(Sound):
    """initialize() asks for an address in the loop's thread."""

    async def initialize(self):
        self._address = socket.getaddrinfo("localhost", 80, type=socket.SOCK_STREAM)[0][4]
        return True


@planted("LOOP-01")
class RunsProgram(Sound):
    """start() runs a program and waits for it with subprocess.run()."""

    async def start(self):
        done = subprocess.run(["true"], check=False)
        return done.returncode == 0


@planted("LOOP-01")
class ComputesInEvent(Sound):
    """handle_event() searches for a number with many zeros, and lets nobody else run."""

    async def handle_event(self, event_type, data):
        end = time.thread_time() + 0.08  # a busy machine gives no other share of it
        nonce = 0
        while time.thread_time() < end:
            nonce += 1


@planted("LOOP-01")
class JoinsThread(Sound):
    """stop() waits for a thread that looks only now and then whether it is to end."""

    _thread: threading.Thread | None = None

    async def start(self):
        self._ending = False
        self._thread = threading.Thread(target=self._poll, daemon=True)
        self._thread.start()
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        thread, self._thread = self._thread, None
        if thread is not None:
            self._ending = True
            thread.join()
        return True

    def _poll(self):
        pause = threading.Event()
        while not self._ending:
            pause.wait(0.08)

    async def cleanup(self):
        return await self._release()


@planted("SCHED-01")
class ExpectsOrder(Sound):
    """Two loads that run side by side are expected to end in the order in which they began."""

    async def start(self):
        self._tables = []
        await asyncio.gather(self._load("users"), self._load("orders"))
        return self._tables == ["users", "orders"]

    async def _load(self, table):
        await asyncio.sleep(0)
        self._tables.append(table)


@planted("SCHED-01")
class NotifiesTooEarly(Sound):
    """start() notifies a task of which it only believes that it is waiting already."""

    async def start(self):
        self._ready = asyncio.Condition()
        listener = asyncio.create_task(self._listen())
        try:
            await asyncio.sleep(0)
            async with self._ready:
                self._ready.notify_all()
            await asyncio.wait({listener})
        finally:
            listener.cancel()
            await asyncio.wait({listener})
        return True

    async def _listen(self):
        async with self._ready:
            await self._ready.wait()


@planted("ISO-01")
class SharesSessions(Sound):
    """The table of sessions belongs to the class, so a second instance finds its place taken."""

    _sessions: ClassVar[dict[str, object]] = {}

    async def start(self):
        if "main" in self._sessions:
            return False
        self._sessions["main"] = self
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        if self._sessions.get("main") is self:
            del self._sessions["main"]
        return True

    async def cleanup(self):
        return await self._release()


@planted("ISO-01")
class ClearsForAll(Sound):
    """cleanup() of one instance clears the cache that the others use."""

    _cache: ClassVar[dict[str, Any]] = {}
    _is_set_up = False

    async def initialize(self):
        self._cache["model"] = "small"
        self._is_set_up = True
        return True

    async def cleanup(self):
        self._cache.clear()
        self._is_set_up = False
        return True

    async def health_check(self):
        health = await super().health_check()
        return health | {"model": self._cache["model"]} if self._is_set_up else health


@planted("ISO-01")
class SharesLock(Sound):
    """A lock of the class is held while an instance is active."""

    _turn: ClassVar[set[int]] = set()

    async def start(self):
        while self._turn:  # noqa: ASYNC110 - as authors write
            await asyncio.sleep(0.1)
        self._turn.add(id(self))
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        self._turn.discard(id(self))
        return True

    async def cleanup(self):
        return await self._release()


@planted("ISO-01", "RES-04")
class SharesTempFile(Sound):
    """The lock file has the same name in the system's temporary directory for all instances."""

    _lock = Path(tempfile.gettempdir(), "aitbc-shares-temp-file.lock")
    _holds = False

    async def start(self):
        self._lock.touch(exist_ok=False)
        self._holds = True
        return True

    async def stop(self):
        return await self._release()

    async def _release(self):
        if self._holds:
            self._lock.unlink(missing_ok=True)
            self._holds = False
        return True

    async def cleanup(self):
        return await self._release()


@planted("ISO-01")
class HasFixedPort(Sound):
    """The server listens on one port, whichever instance it is."""

    _server: asyncio.Server | None = None

    async def start(self):
        # Cancelled while it begins to serve, start_server() loses a server that is open already.
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 20687, start_serving=False
        )
        await self._server.start_serving()
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


@planted("ISO-01")
class StopsTheLast(Pulse):
    """The class remembers the task of the instance that was started last, and stop() ends that."""

    async def start(self):
        type(self)._task = asyncio.create_task(self._beat())
        return True

    async def _end_task(self):
        task, type(self)._task = type(self)._task, None
        task.cancel()
        await asyncio.wait({task})
        return True

    async def cleanup(self):
        return self._task is None or await self._end_task()

    async def stop(self):
        return await self._end_task()
