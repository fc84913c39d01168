"""A plugin in a folder whose source is rewritten, and a host that reloads it."""

import asyncio
import contextlib
import sys

import pluggy
from sound_plugin import Sound

from aitbc_hooks import PluginManager
from aitbc_hooks.discovery.importing import synthetic_name
from aitbc_hooks.testing.loop import DetLoop
from aitbc_hookspecs import hookimpl

NAME = "subject"

#: Each method notes that it was entered, in the list that is the host's ``api_client``.
SOURCE = """
import asyncio
from aitbc.plugins import BasePlugin, PluginMetadata, hookimpl
from . import helper

GENERATION, FAULT, HOW = {generation!r}, {fault!r}, {how!r}
NEEDS = {needs!r}

def fail(where):
    if where != FAULT:
        return True
    if HOW == "interrupt":
        raise KeyboardInterrupt
    if HOW == "exit":
        raise SystemExit(3)
    if HOW == "raise":
        raise RuntimeError(f"no {{where}}")
    return False

fail("import")

class Plugin(BasePlugin):
    def __init__(self, context):
        super().__init__(context)
        self.state, self.starts = None, 0
        fail("construct")

    async def enter(self, method):
        self.context.api_client.append((GENERATION, method))
        if method == FAULT and HOW == "hang":
            await asyncio.Event().wait()
        if fail(method):
            self.context.api_client.append((GENERATION, f"{{method}} is done"))
            return True
        return False

    def get_metadata(self):
        name = "another" if FAULT == "metadata" else "subject"
        return PluginMetadata(name, f"{{GENERATION}}.0.0", "d", "a", "MIT", dependencies=NEEDS)

    def get_config_schema(self):
        return {{"required": ["nothing"]}} if FAULT == "config" else {{}}

    @hookimpl
    def {poke}:
        return GENERATION

    async def initialize(self):
        return await self.enter("initialize")

    async def start(self):
        self.starts += 1
        if self.starts > 1 and FAULT == "restart":
            return False
        return await self.enter("start")

    async def stop(self):
        return await self.enter("stop")

    async def cleanup(self):
        return await self.enter("cleanup")
"""

STATE = """
    async def export_state(self):
        await self.enter("export_state")
        return {"from": GENERATION, "before": self.state}

    def import_state(self, state):
        self.context.api_client.append((GENERATION, "import_state"))
        self.state = state
        return fail("import_state")
"""

hookspec = pluggy.HookspecMarker("aitbc")


class PokeSpecs:
    @hookspec
    def poke(self):
        """Say which generation you are."""


class Neighbour:
    """A plugin whose hooks stand beside the subject's."""

    def __init__(self, word):
        self.word = word

    @hookimpl
    def poke(self):
        return self.word


class Dependent(Sound):
    name, needs = "dependent", (NAME,)


class Reloads:
    """A host with the subject in a folder, between two neighbours of the same priority."""

    def __init__(self, path, **settings):
        self.folder = path / "plugins" / NAME
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "helper.py").write_text("VALUE = 1\n")
        self.journal = []
        timeouts = dict.fromkeys(
            ("initialize", "start", "stop", "cleanup", "export_state", "import_state"), 1
        )
        block = {"enabled": True, "timeouts": timeouts, **settings}
        self.manager = PluginManager(
            {
                "state_dir": str(path / "state"),
                "plugin_paths": [str(self.folder.parent)],
                "plugins": {NAME: block},
            },
            api_client=self.journal,
        )
        self.manager.hooks.add_hookspecs(PokeSpecs)
        self.told = []
        self.manager.hooks.register(self, "the test")

    @hookimpl
    def plugin_transitioned(self, plugin_name, old, new):
        if plugin_name == NAME:
            self.told.append((old.name, new.name))

    @hookimpl
    def plugin_failed(self, plugin_name, failure):
        if plugin_name == NAME:
            self.told.append(failure.code)

    def write(self, generation, fault=None, how="raise", *, state=STATE, needs=()):
        """Write the subject's source; same size or time of the files do not matter."""
        poke = "poke(self, unknown)" if fault == "contract" else "poke(self)"
        fields = {"fault": fault, "how": how, "poke": poke, "needs": list(needs)}
        text = SOURCE.format(generation=generation, **fields)
        (self.folder / "plugin.py").write_text(text + state)

    async def load_all(self, *, dependent=True):
        """Load neighbour, subject, neighbour, so that the subject stands between them."""
        manager = self.manager
        manager.register(Neighbour("first"), "first")
        manager.register(Neighbour("last"), "last")
        if dependent:
            manager.register(Dependent)
            await manager.load_plugin("dependent")
        for name in ("first", NAME, "last"):
            await manager.load_plugin(name)
        for name in ("first", "last"):
            assert await manager.start_plugin(name)

    async def reload(self):
        """Reload the subject; what its methods raise counts as False."""
        with contextlib.suppress(KeyboardInterrupt):
            return await self.manager.reload_plugin(NAME)
        return False

    @property
    def status(self):
        return self.manager.get_plugin_status(NAME)

    @property
    def failure(self):
        return self.manager.report(NAME).failure

    def answers(self):
        return self.manager.hooks.hook.poke()

    def order(self):
        """Return the plugins that implement the hook, in the order of registration."""
        return [impl.plugin_name for impl in self.manager.hooks.hook.poke.get_hookimpls()]

    def notes(self, generation):
        """Return what one generation has noted, in order."""
        return [note for number, note in self.journal if number == generation]

    def calls(self, generation):
        """Return the methods of one generation that were entered, in order."""
        return [note for note in self.notes(generation) if " " not in note]

    @property
    def folder_name(self):
        """What the names of all packages begin with that the subject's folder is imported as."""
        return synthetic_name(self.folder.resolve())

    def modules(self):
        """Return the modules of the subject's folder that are imported now."""
        return [name for name in sys.modules if name.startswith(self.folder_name)]

    def packages(self):
        """Return how often the subject's folder is imported now."""
        return [name for name in self.modules() if "." not in name]

    async def told_of(self):
        """Return what was announced of the subject, and forget it."""
        await self.manager._announcer.settle(10)
        told, self.told = self.told, []
        return told


def run(scenario):
    """Run a coroutine function on a loop with virtual time: a hang costs nothing."""
    with asyncio.Runner(loop_factory=DetLoop) as runner:
        return runner.run(scenario())
