"""Plugins that write down each step of their lives, and wait where a test holds them."""

import asyncio

from aitbc_hooks import BasePlugin, PluginManager, PluginMetadata


class Gate:
    """Tells that a step has been entered, and keeps it there until it is opened."""

    def __init__(self):
        self.entered = asyncio.Event()
        self.opened = asyncio.Event()


class Script:
    """Makes plugins that share one log; a step is ``name.method``."""

    def __init__(self):
        self.log = []
        self.gates = {}
        self.results = {}

    def hold(self, step):
        """Keep a step until the gate that this returns is opened."""
        self.gates[step] = Gate()
        return self.gates[step]

    async def play(self, step):
        self.log.append(step)
        if gate := self.gates.get(step):
            gate.entered.set()
            await gate.opened.wait()
        return self.results.get(step, True)

    def steps(self, method):
        """Return the plugins whose `method` was called, in the order of the calls."""
        calls = [step.split(".") for step in self.log]
        return [name for name, called in calls if called == method]

    def plugin(self, name, *needs):
        script = self

        class Scripted(BasePlugin):
            def get_metadata(self):
                return PluginMetadata(name, "1.0.0", "d", "a", "MIT", dependencies=list(needs))

            async def initialize(self):
                return await script.play(f"{name}.initialize")

            async def start(self):
                return await script.play(f"{name}.start")

            async def stop(self):
                return await script.play(f"{name}.stop")

            async def cleanup(self):
                return await script.play(f"{name}.cleanup")

        return Scripted


def manager_in(folder, *plugins, **config):
    """Return a manager whose state lies in `folder`, with those plugins registered."""
    manager = PluginManager({"state_dir": str(folder / "state"), **config})
    for plugin in plugins:
        manager.register(plugin)
    return manager
