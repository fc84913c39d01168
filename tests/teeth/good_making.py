"""How a plugin may come to be: factories, callables, late schemas, lazy resources, delegation."""

from __future__ import annotations

import asyncio
import functools
import json
import types

from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


class Plain(BasePlugin):
    """Succeeds at everything."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


class Journal(Plain):
    """Needs more than a context, so there is a factory for it."""

    def __init__(self, context, *, sink, prefix=""):
        self._sink = sink
        self._prefix = prefix
        super().__init__(context)

    def get_metadata(self):
        return PluginMetadata(f"{self._prefix}journal", "1.0.0", "Notes", "F. Author", "MIT")

    async def handle_event(self, event_type, data):
        self._sink(event_type)


@good(id="journal")
def create_plugin(context):
    """Make the plugin; the metadata is known to the instance alone."""
    return Journal(context, sink=[].append)


def _journal(prefix, context):
    return Journal(context, sink=set().add, prefix=prefix)


good.add(functools.partial(_journal, "partial-"), id="partial-journal")


class JournalFactory:
    """A callable object; each plugin gets a share of what the factory holds for all."""

    def __init__(self):
        self._words = types.MappingProxyType({"prefix": "shared-"})

    def __call__(self, context):
        notes = {}
        return Journal(context, sink=functools.partial(notes.setdefault, "last"), **self._words)


good.add(JournalFactory(), id="shared-journal")


@good(example={"mode": "fast"})
class LateSchema(Plain):
    """Its schema needs the instance, and is another object on each call with the same content."""

    modes = ("fast", "exact")

    def __init__(self, context):
        self._documented = {mode: mode.title() for mode in self.modes}
        super().__init__(context)

    def get_metadata(self):
        return PluginMetadata("late-schema", "1.0.0", "Has modes", "F. Author", "MIT")

    def get_config_schema(self):
        return {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "type": "object",
            "required": ["mode"],
            "properties": {
                "mode": {"oneOf": [{"const": m, "title": t} for m, t in self._documented.items()]},
                "range": {
                    "type": "array",
                    "prefixItems": [{"type": "integer"}, {"type": "integer"}],
                    "items": False,
                    "minItems": 2,
                },
            },
        }

    async def initialize(self):
        self.exact = self.context.config["mode"] == "exact"
        self.low, self.high = sorted(self.context.config.get("range", (0, 9)))
        return self.low <= self.high


@good()
class LazyTable(Plain):
    """Opens nothing before it is needed for the first time, maybe never."""

    _file = None

    def get_metadata(self):
        return PluginMetadata("lazy-table", "1.0.0", "Opens late", "F. Author", "MIT")

    async def handle_event(self, event_type, data):
        self._opened().write(json.dumps({event_type: data}) + "\n")

    async def cleanup(self):
        if self._file is not None:
            self._file.close()
            self._file = None
        return True

    def _opened(self):
        if self._file is None:
            self._file = open(self.context.data_dir + "/lazy.jsonl", "a")  # noqa: PTH123, SIM115 - closed in cleanup
        return self._file


class Engine:
    """What does the work, and has never heard of plugins."""

    running = False

    async def start_engine(self):
        await asyncio.sleep(0)
        self.running = True

    async def stop_engine(self):
        self.running = False
        await asyncio.sleep(0)

    def revolutions(self):
        return 800 if self.running else 0


@good()
class Delegating(BasePlugin):
    """A thin face of something else, which answers to every unknown name."""

    def __init__(self, context):
        self._engine = Engine()
        super().__init__(context)

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._engine, name)

    def get_metadata(self):
        return PluginMetadata("delegating", "1.0.0", "Drives an engine", "F. Author", "MIT")

    async def initialize(self):
        return not self.running

    async def start(self):
        await self.start_engine()
        return self.running

    async def stop(self):
        await self.stop_engine()
        return not self.running

    async def cleanup(self):
        await self.stop_engine()
        return True

    async def health_check(self):
        return {**await super().health_check(), "revolutions": self.revolutions()}


def _class_for(protocol, port):
    """Return a class made at run time; its name says nothing and its module is this one."""

    async def start(self):
        self.address = f"{protocol}://localhost:{port}"
        return True

    def get_metadata(self):
        return PluginMetadata(f"{protocol}-gateway", "1.0.0", "A gateway", "F. Author", "MIT")

    return type("Gateway", (Plain,), {"start": start, "get_metadata": get_metadata})


for _protocol, _port in (("coap", 5683), ("mqtt", 1883)):
    good.add(_class_for(_protocol, _port), id=f"{_protocol}-gateway")
