"""Faults of legacy objects, which reach the host through LegacyPluginAdapter."""

from __future__ import annotations

import threading
import time

from planted import card, kebab, planted

#: Seconds after which what blocks comes to an end; the machine is not the plugin's.
LASTING = 40


class SoundLegacy:
    """Knows nothing of asyncio, and returns nothing."""

    def __init__(self):
        self._inbox = []

    def get_metadata(self):
        return card(kebab(type(self).__name__))

    def initialize(self):
        self._inbox.clear()

    def start(self):
        self._inbox.append("hello")

    def stop(self):
        self._inbox.append("goodbye")

    def cleanup(self):
        self._inbox.clear()

    def health_check(self):
        return {"inbox": len(self._inbox)}

    def handle_event(self, event_type, data):
        self._inbox.append(event_type)


@planted("LEG-01")
class LegacySaysNothing(SoundLegacy):
    """Neither get_metadata() nor an attribute tells what it is."""

    get_metadata = None


@planted("LEG-01")
class LegacyMetadataIsADict(SoundLegacy):
    """What it is stands in a dict, which the adapter does not read."""

    get_metadata = None
    metadata = {"name": "legacy-metadata-is-a-dict", "version": "1.0.0"}  # noqa: RUF012 - as authors write


@planted("LEG-01")
class LegacyMetadataNeedsSetup(SoundLegacy):
    """What it is can be asked only after initialize()."""

    def initialize(self):
        self._name = "legacy-metadata-needs-setup"

    def get_metadata(self):
        return card(self._name)


@planted("LEG-02", "HLTH-01")
class LegacyHealthRaises(SoundLegacy):
    """health_check() raises until there is something to tell."""

    def health_check(self):
        return {"inbox": len(self._inbox), "last": self._inbox[-1]}

    def start(self):
        """Wait for mail."""


@planted("LEG-02", "HLTH-01")
class LegacyHealthIsItself(SoundLegacy):
    """health_check() returns the object, which JSON does not know."""

    def health_check(self):
        return self


@planted("LEG-02", "HLTH-01")
class LegacyHealthHasNumber(SoundLegacy):
    """Its health has a number for the status, which takes the place of the host's word."""

    def health_check(self):
        return {"status": 200}


@planted("LEG-02", "EVT-01")
class LegacyEventTakesOne(SoundLegacy):
    """handle_event() has one parameter, for an event object of former times."""

    def handle_event(self, event):
        self._inbox.append(event)


@planted("LEG-02", "EVT-01")
class LegacyEventParses(SoundLegacy):
    """handle_event() expects the type to be a number, as it was."""

    def handle_event(self, event_type, data):
        self._inbox.append(int(event_type))


@planted("LIFE-01", "LEG-03")
class LegacyStartReturnsOk(SoundLegacy):
    """start() returns a word, which is neither None nor True."""

    def start(self):
        return "ok"


@planted("LIFE-03", "LIFE-06")
class LegacyCleanupJoins(SoundLegacy):
    """cleanup() joins a thread that start() makes."""

    def start(self):
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._ended.wait, args=(LASTING,), daemon=True)
        self._thread.start()

    def cleanup(self):
        self._ended.set()
        self._thread.join()


@planted("LEG-03", "LIFE-01")
class LegacyStartBlocks(SoundLegacy):
    """start() is the main loop itself, and does not return."""

    def start(self):
        end = time.monotonic() + LASTING
        while time.monotonic() < end:
            time.sleep(1)


@planted("RES-02", "LEG-03")
class LegacyLeavesThread(SoundLegacy):
    """start() starts a thread, and nothing ends it."""

    def start(self):
        threading.Thread(target=threading.Event().wait, args=(20,), daemon=True).start()
