"""Faults in health, events, and what is told about secrets."""

from __future__ import annotations

import asyncio
import datetime as dt
import statistics
import time
from typing import Any, ClassVar

from planted import Pulse, Sound, planted, settings


@planted("HLTH-01")
class HealthIsNone(Sound):
    """health_check() logs the health and returns nothing."""

    async def health_check(self):
        self.context.logger.debug("healthy")


@planted("HLTH-01")
class HealthIsText(Sound):
    """health_check() returns a word."""

    async def health_check(self):
        return "ok"


@planted("HLTH-01")
class HealthHasDate(Sound):
    """health_check() has a datetime in it, which JSON does not know."""

    async def health_check(self):
        health = await super().health_check()
        return health | {"checked": dt.datetime.now(dt.UTC)}


@planted("HLTH-01")
class HealthHasNan(Sound):
    """The mean of no latencies is NaN, which JSON does not know either."""

    async def health_check(self):
        return await super().health_check() | {"latency": self._mean([])}

    @staticmethod
    def _mean(latencies):
        return statistics.fmean(latencies) if latencies else float("nan")


@planted("HLTH-01")
class HealthLacksStatus(Sound):
    """health_check() has everything but a status."""

    async def health_check(self):
        return {"healthy": True, "checks": 3}


@planted("HLTH-01")
class HealthStatusIsEnum(Sound):
    """The status in the health is the enum's member, not its value."""

    async def health_check(self):
        return {"status": self.status, "queue": 0}


@planted("HLTH-01")
class HealthNeedsStart(Sound):
    """health_check() computes an uptime that there is not before start()."""

    _since: float | None = None

    async def start(self):
        self._since = time.monotonic()
        return True

    async def health_check(self):
        return {"status": self.status.value, "uptime": time.monotonic() - self._since}


@planted("HLTH-01")
class HealthFailsAfterStop(Pulse):
    """health_check() asks the task that stop() has put away."""

    _was_started = False

    async def start(self):
        self._was_started = True
        return await super().start()

    async def health_check(self):
        health = await super().health_check()
        return health | {"beating": not self._task.done()} if self._was_started else health


@planted("EVT-01")
class EventExpectsKey(Sound):
    """The branch for one type of event takes a key for granted."""

    def __init__(self, context):
        super().__init__(context)
        self._jobs = set()

    async def handle_event(self, event_type, data):
        if event_type == "job.finished":
            self._jobs.discard(data["job_id"])


@planted("EVT-01")
class EventHangs(Sound):
    """The branch for one type of event waits for another event, which cannot come meanwhile."""

    def __init__(self, context):
        super().__init__(context)
        self._unlocked = asyncio.Event()

    async def handle_event(self, event_type, data):
        match event_type:
            case "door.locked":
                await self._unlocked.wait()
            case "door.unlocked":
                self._unlocked.set()


@planted("EVT-01")
class EventSplitsType(Sound):
    """An event's type is split into two parts, whether it has them or not."""

    async def handle_event(self, event_type, data):
        area, name = event_type.split(".")
        self.context.logger.debug("%s in %s", name, area)


@planted("EVT-02")
class EventMarksPayload(Sound):
    """The payload of one type of event gets another key."""

    async def handle_event(self, event_type, data):
        if event_type == "transaction_completed":
            data["seen_by"] = self.metadata.name


@planted("EVT-02")
class EventEmptiesLists(Sound):
    """Lists within the payload are emptied while they are read."""

    async def handle_event(self, event_type, data):
        for value in data.values():
            while isinstance(value, list) and value:
                value.pop()


@planted("EVT-02")
class EventReturnsAnswer(Sound):
    """handle_event() returns whether it was interested."""

    async def handle_event(self, event_type, data):
        return event_type.startswith("user")


@planted("RES-01")
class EventLeavesTask(Sound):
    """Each event starts a task that nobody waits for or ends."""

    def __init__(self, context):
        super().__init__(context)
        self._notices = set()

    async def handle_event(self, event_type, data):
        self._notices.add(asyncio.create_task(self._notify_later(event_type)))

    async def _notify_later(self, event_type):
        await asyncio.sleep(300)
        self.context.logger.debug("%s, five minutes ago", event_type)


class Keyed(Sound):
    """Has a key that must not be told."""

    schema: ClassVar[dict[str, Any]] = settings(
        ["api_key"], api_key={"type": "string", "minLength": 8, "writeOnly": True}
    )


@planted("SEC-01")
class LogsItsKey(Keyed):
    """start() logs its configuration, key included."""

    async def start(self):
        self.context.logger.info("starting with %s", self.context.config)
        return True


@planted("SEC-01")
class HealthTellsKey(Keyed):
    """The health shows the headers that are sent, key included."""

    async def health_check(self):
        headers = {"Authorization": f"Bearer {self.context.config['api_key']}"}
        return await super().health_check() | {"headers": headers}


@planted("SEC-01")
class ReprTellsKey(Keyed):
    """The plugin's repr has the key."""

    def __repr__(self):
        return f"<{type(self).__name__} api_key={self.context.config['api_key']!r}>"


@planted("SEC-01")
class EventTellsKey(Keyed):
    """start() publishes an event with the configuration in it."""

    async def start(self):
        await self.context.event_bus.publish("plugin.ready", {"config": self.context.config})
        return True
