"""Objects that predate the interface, brought into it by factories around LegacyPluginAdapter.

The adapter warns that this is deprecated, each time that a factory makes one; it is no fault.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import time

from corpus import good

from aitbc.plugins import LegacyPlugin, LegacyPluginAdapter, PluginMetadata


class Mailer:
    """Knows nothing of the host: other names, nothing asynchronous, nothing returned."""

    def setup(self):
        self.box = []

    def deliver(self, kind, payload):
        self.box.append((kind, len(payload)))

    def close(self):
        self.box = None


@good(id="legacy-mailer")
def create_mailer(context):
    """Map the old names to the interface's."""
    return LegacyPluginAdapter(
        Mailer(),
        metadata=PluginMetadata("legacy-mailer", "0.9.0", "Sends mail", "Old Author", "MIT"),
        methods={"initialize": "setup", "handle_event": "deliver", "cleanup": "close"},
    )


class Printed(LegacyPlugin):
    """The class that SPEC.md prints, with the one method that it has."""

    runs = 0

    def old_method(self):
        self.runs += 1


@good(id="legacy-printed")
def create_printed(context):
    """One mapped method; the others succeed by doing nothing."""
    return LegacyPluginAdapter(
        Printed(),
        metadata=PluginMetadata("legacy-printed", "1.0.0", "Old", "AITBC Team", "MIT"),
        methods={"start": "old_method"},
    )


class Thermometer:
    """Has the interface's names already, blocks a little, and says what it is."""

    metadata = PluginMetadata("legacy-thermometer", "1.3.0", "Measures", "Old Author", "MIT")
    readings = ()

    def initialize(self):
        time.sleep(0.002)
        self.readings = [20.5]

    def start(self):
        time.sleep(0.002)
        return True

    def stop(self):
        self.readings.clear()

    def health_check(self):
        return {"temperature": self.readings[-1] if self.readings else None}

    def handle_event(self, event_type, data):
        if event_type == "reading" and isinstance(data.get("celsius"), int | float):
            self.readings.append(data["celsius"])

    def get_config_schema(self):
        return {"type": "object", "properties": {"unit": {"enum": ["C", "F"], "default": "C"}}}


good.add(lambda context: LegacyPluginAdapter(Thermometer()), id="legacy-thermometer")


class Courier:
    """Asynchronous methods already, and a health that is a bare bool."""

    def get_metadata(self):
        return PluginMetadata("legacy-courier", "2.0.0", "Carries", "Old Author", "MIT")

    async def start(self):
        self.round = asyncio.create_task(self._ride())
        return True

    async def stop(self):
        self.round.cancel()
        await asyncio.gather(self.round, return_exceptions=True)

    async def cleanup(self):
        if ride := vars(self).get("round"):
            ride.cancel()
            await asyncio.gather(ride, return_exceptions=True)

    def health_check(self):
        return not getattr(self, "round", None) or not self.round.done()

    async def _ride(self):
        for mile in itertools.count():
            self.miles = mile
            await asyncio.sleep(1)


@good(id="legacy-courier")
def create_courier(context):
    """Hand over an object without any mapping."""
    return LegacyPluginAdapter(Courier())


class Meter:
    """A daemon of the old days: a thread, and a switch that takes an argument."""

    def __init__(self, folder):
        self.folder = folder
        self.lock = threading.Lock()
        self.thread = None

    def switch(self, state):
        with self.lock:
            if state == "on":
                self.leave = threading.Event()
                self.thread = threading.Thread(target=self.measure, name="meter", daemon=True)
                self.thread.start()
            elif self.thread is not None:
                self.leave.set()
                self.thread.join()
                self.thread = None

    def measure(self):
        while not self.leave.wait(0.05):
            pass

    def __str__(self):
        return f"meter in {self.folder}"


@good(id="legacy-meter")
def create_meter(context):
    """Map methods to functions, which are called with the object first."""
    return LegacyPluginAdapter(
        Meter(context.data_dir),
        metadata=PluginMetadata("legacy-meter", "5.5.5", "Measures on", "Old Author", "MIT"),
        methods={
            "start": lambda meter: meter.switch("on"),
            "stop": lambda meter: meter.switch("off"),
            "cleanup": lambda meter: meter.switch("off"),
            "health_check": lambda meter: {"meter": "on" if meter.thread else "off"},
        },
    )


class SubclassedAdapter(LegacyPluginAdapter):
    """An adapter with methods of its own, made with the context that it has been given."""

    def __init__(self, context):
        card = PluginMetadata("legacy-subclassed", "1.0.0", "Old and new", "Old Author", "MIT")
        super().__init__(Mailer(), metadata=card, methods={"initialize": "setup"})
        self.context = context

    async def handle_event(self, event_type, data):
        self.legacy.deliver(event_type, data)

    async def cleanup(self):
        if vars(self.legacy).get("box") is not None:
            self.legacy.close()
        return await super().cleanup()


good.add(SubclassedAdapter, id="legacy-subclassed")
