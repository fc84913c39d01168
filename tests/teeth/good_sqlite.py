"""SQLite in data_dir and in memory: on the loop, in threads, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata

SCHEMA = "CREATE TABLE IF NOT EXISTS events (type TEXT NOT NULL, data TEXT NOT NULL)"
INSERT = "INSERT INTO events VALUES (?, ?)"
COUNT = "SELECT COUNT(*) FROM events"


def row(event_type, data):
    """Everything as ASCII: payloads may hold text and numbers that SQLite does not take."""
    return json.dumps(event_type), json.dumps(data)


class Active(BasePlugin):
    """Neither starts nor stops anything."""

    async def start(self):
        return True

    async def stop(self):
        return True


@good()
class SqliteLog(Active):
    """Synchronous, from initialize to cleanup: small statements on the loop, as many do it."""

    _db: sqlite3.Connection | None = None

    def get_metadata(self):
        return PluginMetadata("sqlite-log", "1.0.0", "Logs events", "DB Author", "MIT")

    async def initialize(self):
        self._db = sqlite3.connect(Path(self.context.data_dir) / "events.sqlite3")
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = OFF")
        with self._db:
            self._db.execute(SCHEMA)
        return True

    async def handle_event(self, event_type, data):
        with self._db:
            self._db.execute(INSERT, row(event_type, data))

    async def health_check(self):
        health = await super().health_check()
        if self._db is not None:
            health["rows"] = self._db.execute(COUNT).fetchone()[0]
        return health

    async def cleanup(self):
        if self._db is not None:
            self._db.close()
            self._db = None
        return True


@good()
class SqliteThreads(Active):
    """One connection, used by one thread of the loop's pool after another; a lock keeps order.

    A thread cannot be cancelled: whoever is, waits for it, and holds the lock as long.
    """

    _db = None

    def get_metadata(self):
        return PluginMetadata("sqlite-threads", "1.1.0", "Logs aside", "DB Author", "MIT")

    async def initialize(self):
        self._lock = asyncio.Lock()
        await self._aside(self._open)
        return True

    async def handle_event(self, event_type, data):
        await self._aside(self._insert, row(event_type, data))

    async def cleanup(self):
        await self._aside(self._close)
        return True

    async def _aside(self, function, *args):
        async with self._lock:
            job = asyncio.ensure_future(asyncio.to_thread(function, *args))
            try:
                return await asyncio.shield(job)
            except asyncio.CancelledError:
                await asyncio.gather(job, return_exceptions=True)
                raise

    def _open(self):
        path = Path(self.context.data_dir, "aside.db")
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.execute(SCHEMA)

    def _insert(self, values):
        with self._db:
            self._db.execute(INSERT, values)

    def _close(self):
        if self._db is not None:
            self._db.close()


@good()
class SqliteMemory(Active):
    """A database that is gone with the connection."""

    def get_metadata(self):
        return PluginMetadata("sqlite-memory", "1.0.0", "Counts by type", "DB Author", "MIT")

    async def initialize(self):
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.execute("CREATE TABLE counts (type TEXT PRIMARY KEY, n INTEGER NOT NULL)")
        return True

    async def handle_event(self, event_type, data):
        self._db.execute(
            "INSERT INTO counts VALUES (?, 1) ON CONFLICT (type) DO UPDATE SET n = n + 1",
            (json.dumps(event_type),),
        )

    async def cleanup(self):
        self._db.close()
        return True


@good()
class SqliteOwnThread(Active):
    """A pool of one thread: SQLite sees one thread only, and the jobs keep their order."""

    def get_metadata(self):
        return PluginMetadata("sqlite-own-thread", "3.0.0", "Logs in a row", "DB Author", "MIT")

    async def initialize(self):
        self._db = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        await self._run(self._open)
        return True

    async def handle_event(self, event_type, data):
        await self._run(self._insert, row(event_type, data))

    async def health_check(self):
        health = await super().health_check()
        if getattr(self, "_db", None) is not None:
            health["rows"] = await self._run(self._count)
        return health

    async def cleanup(self):
        await self._run(self._close)
        await asyncio.to_thread(self._thread.shutdown)
        return True

    def _run(self, function, *args):
        return asyncio.get_running_loop().run_in_executor(self._thread, function, *args)

    def _open(self):
        self._db = sqlite3.connect(Path(self.context.data_dir, "row.db"))
        self._db.execute(SCHEMA)

    def _insert(self, values):
        with self._db:
            self._db.execute(INSERT, values)

    def _count(self):
        return self._db.execute(COUNT).fetchone()[0] if self._db else None

    def _close(self):
        if self._db is not None:
            self._db.close()
            self._db = None


@good()
class SqlitePerCall(Active):
    """A connection for each operation: between two of them nothing is open."""

    def get_metadata(self):
        return PluginMetadata("sqlite-per-call", "1.0.0", "Opens and closes", "DB Author", "MIT")

    async def initialize(self):
        self._path = Path(self.context.data_dir, "per-call.db")
        await asyncio.to_thread(self._execute, SCHEMA)
        return True

    async def handle_event(self, event_type, data):
        await asyncio.to_thread(self._execute, INSERT, row(event_type, data))

    async def cleanup(self):
        return True

    def _execute(self, statement, values=()):
        with contextlib.closing(sqlite3.connect(self._path)) as db, db:
            return db.execute(statement, values).fetchall()
