"""Faults in the four methods: what they return, their order, and the status."""

from __future__ import annotations

import enum
import shutil
import sqlite3
from pathlib import Path
from typing import Any, ClassVar

from planted import Pulse, Sound, planted, settings

from aitbc.plugins import PluginStatus


@planted("LIFE-01")
class InitializeReturnsNone(Sound):
    """initialize() returns nothing."""

    async def initialize(self):
        self.context.logger.debug("ready")


@planted("LIFE-01")
class InitializeReturnsOk(Sound):
    """initialize() returns a word instead of True."""

    async def initialize(self):
        return "ok"


@planted("LIFE-01")
class StartReturnsOne(Sound):
    """start() returns 1, the number of workers that it has started."""

    async def start(self):
        return len(["worker"])


@planted("LIFE-01")
class StopReturnsNone(Pulse):
    """stop() ends its task and returns nothing."""

    async def stop(self):
        await self._end()


@planted("LIFE-01")
class CleanupExpectsTask(Pulse):
    """cleanup() cancels the task that stop() has already put away."""

    async def cleanup(self):
        self._task.cancel()
        return True


@planted("LIFE-01")
class StartRaisesSystemExit(Sound):
    """start() is the main() of a program, which ends with sys.exit(0)."""

    async def start(self):
        raise SystemExit(0)


@planted("LIFE-01")
class FailsAtZero(Sound):
    """A legal setting of 0 is divided by."""

    schema: ClassVar[dict[str, Any]] = settings(
        ["per_minute"], per_minute={"type": "integer", "minimum": 0, "maximum": 600}
    )

    async def start(self):
        self._pause = 60 / self.context.config["per_minute"]
        return True


@planted("LIFE-01")
class FailsAtMaximum(Sound):
    """The largest legal number of workers is one too many for the table of slots."""

    schema: ClassVar[dict[str, Any]] = settings(
        ["workers"], workers={"type": "integer", "minimum": 1, "maximum": 16}
    )

    async def initialize(self):
        slots = [False] * 16
        slots[self.context.config["workers"]] = True
        return True


@planted("LIFE-01")
class FailsOnEmptyList(Sound):
    """The first endpoint is taken from a list that may be empty."""

    schema: ClassVar[dict[str, Any]] = settings(
        ["endpoints"], endpoints={"type": "array", "items": {"type": "string"}}
    )

    async def initialize(self):
        self._primary, *self._others = self.context.config["endpoints"]
        return True


@planted("LIFE-01")
class FailsOnUnicode(Sound):
    """A text of the configuration is encoded as ASCII."""

    schema: ClassVar[dict[str, Any]] = settings(["greeting"], greeting={"type": "string"})

    async def initialize(self):
        self._greeting = self.context.config["greeting"].encode("ascii")
        return True


@planted("LIFE-01")
class RequiresOptionalKey(Sound):
    """A setting that the schema does not require is read as if it were there."""

    schema: ClassVar[dict[str, Any]] = settings(endpoint={"type": "string"})

    async def start(self):
        self._endpoint = self.context.config["endpoint"]
        return True


@planted("LIFE-02", "LIFE-06")
class StartsOnce(Sound):
    """A flag that stop() does not take back makes the second start() fail."""

    _started = False

    async def start(self):
        if self._started:
            return False
        self._started = True
        return True


@planted("LIFE-02", "LIFE-06")
class StopClosesDatabase(Sound):
    """stop() closes the database that only initialize() opens."""

    _db: sqlite3.Connection | None = None

    async def initialize(self):
        self._db = sqlite3.connect(Path(self.context.data_dir, "jobs.sqlite3"))
        return True

    async def start(self):
        self._db.execute("CREATE TABLE IF NOT EXISTS jobs (id INTEGER)")
        return True

    async def stop(self):
        self._db.close()
        return True

    async def cleanup(self):
        if self._db is not None:
            self._db.close()
        return True


@planted("LIFE-02", "LIFE-06")
class StopRemovesDataDir(Sound):
    """stop() tidies up so well that the data directory is gone."""

    async def start(self):
        Path(self.context.data_dir, "journal").write_text("started\n")
        return True

    async def stop(self):
        shutil.rmtree(self.context.data_dir)
        return True


@planted("LIFE-03", "LIFE-06")
class CleanupNeedsStart(Sound):
    """cleanup() uses what only start() makes."""

    async def start(self):
        self._sessions = {}
        return True

    async def cleanup(self):
        self._sessions.clear()
        return True


@planted("LIFE-03", "LIFE-06")
class CleanupTellsWhetherItDid(Sound):
    """cleanup() returns whether there was anything to do."""

    _used = False

    async def start(self):
        self._used = True
        return True

    async def cleanup(self):
        return self._used


@planted("LIFE-04")
class SecondCleanupRaises(Sound):
    """cleanup() deletes an entry that a second call does not find any more."""

    def __init__(self, context):
        super().__init__(context)
        self._handles = {"main": object()}

    async def cleanup(self):
        del self._handles["main"]
        return True


@planted("LIFE-06")
class WritesItsStatus(Sound):
    """start() sets the status itself, before it has succeeded."""

    async def start(self):
        self.status = PluginStatus.ACTIVE
        return True


class Phase(enum.StrEnum):
    RUNNING = "active"
    IDLE = "inactive"


@planted("LIFE-06")
class WritesLookAlikeStatus(Sound):
    """start() and stop() set the status to members of an enum of the plugin's own."""

    async def start(self):
        self.status = Phase.RUNNING
        return True

    async def stop(self):
        self.status = Phase.IDLE
        return True


@planted("LIFE-06")
class EventSetsError(Sound):
    """An event of a type that it does not know makes the plugin set its status to ERROR."""

    async def handle_event(self, event_type, data):
        if event_type != "user_login":
            self.status = PluginStatus.ERROR


@planted("LIFE-06")
class StatusIsComputed(Sound):
    """The status is a property that knows two of the seven, and ignores the host."""

    _running = False

    @property
    def status(self):
        return PluginStatus.ACTIVE if self._running else PluginStatus.LOADED

    @status.setter
    def status(self, value):
        """Keep the one that is computed."""

    async def start(self):
        self._running = True
        return True

    async def stop(self):
        self._running = False
        return True


@planted("LIFE-06", "LIFE-02")
class RunsOutOfSlots(Sound):
    """Each start() takes a slot that stop() does not give back; the third finds none."""

    def __init__(self, context):
        super().__init__(context)
        self._slots = ["first", "second"]

    async def start(self):
        self._slot = self._slots.pop()
        return True
