"""Faults that show only after the right event, after a while, in another status or another order."""

from __future__ import annotations

import asyncio
import base64
import time
from pathlib import Path

from planted import Pulse, Sound, planted, settings


@planted("RES-01")
class LargeOrderIsWatched(Sound):
    """A large order is watched by a task that nobody ends."""

    async def handle_event(self, event_type, data):
        if event_type != "order.placed":
            return
        total = data.get("total")
        if isinstance(total, int) and total > 500:
            self.watch = asyncio.create_task(asyncio.sleep(600))


@planted("EVT-02")
class LabelsAreSorted(Sound):
    """The labels of an issue are sorted in place."""

    async def handle_event(self, event_type, data):
        labels = data.get("labels")
        if event_type.startswith("issue.") and isinstance(labels, list) and len(labels) > 1:
            if not all(isinstance(label, str) for label in labels):
                return
            labels.sort()


@planted("EVT-01")
class PassengerIsTrusted(Sound):
    """A booking with a passenger is expected to have a dict there."""

    async def handle_event(self, event_type, data):
        if event_type == "booking.made" and {"passenger", "flight"} <= data.keys():
            self.last = data["passenger"]["name"]


@planted("LOOP-01")
class WaitsBeforeRetry(Sound):
    """A delivery that may be retried is waited for with the whole loop."""

    async def handle_event(self, event_type, data):
        if event_type == "delivery.failed" and data.get("again") is True:
            time.sleep(1)


@planted("EVT-01")
class PoolIsNotReopened(Sound):
    """What stop() has closed start() does not open again, and the handler needs it."""

    closed = False

    async def stop(self):
        self.closed = True
        return True

    async def handle_event(self, event_type, data):
        if event_type == "row.changed" and self.closed:
            raise RuntimeError("the pool is closed")


KEYED = settings(["password"], password={"type": "string", "minLength": 1})


@planted("SEC-01")
class SettingsAreLoggedOnDemand(Sound):
    """The whole configuration is logged when somebody asks for a dump."""

    schema = KEYED

    async def handle_event(self, event_type, data):
        if event_type == "dump" and data.get("verbose"):
            self.context.logger.info("settings: %s", self.context.config)


@planted("SEC-01")
class SettingsAreLoggedLater(Pulse):
    """After half a minute the task logs what it works with."""

    schema = KEYED

    async def _beat(self):
        await asyncio.sleep(30)
        self.context.logger.debug("still at work with %s", self.context.config)
        await super()._beat()


@planted("SEC-01")
class CredentialsAreLogged(Sound):
    """The header that is logged has the password in Base64."""

    schema = KEYED

    async def start(self):
        pair = f"robot:{self.context.config['password']}"
        self.context.logger.debug("Basic %s", base64.b64encode(pair.encode()).decode())
        return True


@planted("CFG-04")
class SchemaIsToldLate(Sound):
    """What the plugin can be told is known only once it has started."""

    async def start(self):
        self.schema = settings(level={"enum": ["low", "high"]})
        return True


@planted("SCHED-01")
class FileIsClosedUnderWriter(Sound):
    """stop() gives the writer one turn to write its last line, and closes the file."""

    async def start(self):
        self._ending = asyncio.Event()
        self._file = Path(self.context.data_dir, "diary.txt").open("a", encoding="utf-8")  # noqa: SIM115 - it stays open
        self._writer = asyncio.create_task(self._write())
        return True

    async def _write(self):
        await self._ending.wait()
        self._file.write("the end\n")

    async def stop(self):
        self._ending.set()
        await asyncio.sleep(0)
        self._file.close()
        await asyncio.wait({self._writer})
        return True


@planted("LIFE-01")
class PassiveSideIsForgotten(Sound):
    """The passive side with a partner falls off the end of initialize()."""

    schema = settings(
        side={"enum": ["alone", "active", "passive"], "default": "alone"},
        partner={"type": "string", "default": ""},
    )

    async def initialize(self):  # noqa: RET503 - the fault
        config = self.context.config
        if config["side"] != "passive" or not config["partner"]:
            return True
        self.context.logger.info("waiting for %s", config["partner"])
