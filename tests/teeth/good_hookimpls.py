"""Plugins of marked functions: modules made of them, and objects whose methods are marked."""

from __future__ import annotations

import asyncio
import collections
import types

from corpus import good
from hypothesis import strategies as st

from aitbc.plugins import PluginMetadata, hookimpl

TEXTS = {"input_data": st.fixed_dictionaries({"text": st.text(max_size=40)})}


def module(name, *functions, **variables):
    """Return a module with these functions in it, as an import hook or a notebook makes one."""
    made = types.ModuleType(name, f"The plugin {name}.")
    vars(made).update({function.__name__: function for function in functions}, **variables)
    return made


def _greeter():
    """Nothing but an event handler: no metadata, no lifecycle, and nothing asynchronous."""
    greetings = []

    @hookimpl
    def handle_event(event_type, data):
        if event_type == "user_login":
            greetings.append(data.get("user"))

    return module("greeter", handle_event, greetings=greetings)


good.add(_greeter(), id="greeter")


def _shouter():
    """All of its hooks are plain functions where the hookspecs are asynchronous."""
    voice = {}

    @hookimpl
    def initialize(context):
        voice["logger"] = context.logger
        return True

    @hookimpl
    def start():
        return "logger" in voice

    @hookimpl
    def stop(context):
        return voice["logger"] is context.logger

    @hookimpl
    def cleanup():
        voice.clear()
        return True

    @hookimpl
    def predict(input_data):
        text = input_data.get("text")
        return {"text": text.upper()} if isinstance(text, str) else None

    return module("shouter", initialize, start, stop, cleanup, predict)


good.add(_shouter(), id="shouter", samples=TEXTS)


def _late_and_early():
    """Asks for fewer arguments, a place in the order, and hooks that other hosts may have."""
    calls = collections.Counter()

    @hookimpl(tryfirst=True)
    async def predict():
        calls["predict"] += 1

    @hookimpl(trylast=True)
    def get_model_info():
        return {"name": "late-and-early", "trained": False}

    @hookimpl(optionalhook=True)
    def render_dashboard(template):
        return template

    @hookimpl(specname="handle_event")
    async def count(data):
        calls["events"] += len(data)

    return module("late_and_early", predict, get_model_info, render_dashboard, count)


good.add(_late_and_early(), id="late-and-early")


class Watcher:
    """Watches other plugins: only hooks of the host, and no lifecycle of its own."""

    def __init__(self):
        self.transitions = collections.deque(maxlen=50)
        self.health = {}

    @hookimpl
    async def plugin_transitioned(self, plugin_name, old, new):
        await asyncio.sleep(0)
        self.transitions.append((plugin_name, old.value, new.value))

    @hookimpl
    def plugin_failed(self, plugin_name, failure):
        self.transitions.append((plugin_name, str(failure)))

    @hookimpl
    async def plugin_health_changed(self, plugin_name, health):
        self.health[plugin_name] = health.get("status")

    @hookimpl
    def host_stopping(self):
        self.health.clear()


good.add(Watcher(), id="watcher")


class Parrot:
    """An object that is handed over and used for one life after the other."""

    def __init__(self, sound):
        self._sound = sound
        self._context = None

    @hookimpl
    def get_metadata(self):
        return PluginMetadata("parrot", "1.0.0", f"Says {self._sound}", "Hook Author", "MIT")

    @hookimpl
    async def initialize(self, context):
        self._context = context
        self._repeats = 0
        return True

    @hookimpl
    async def start(self, context):
        return context is self._context

    @hookimpl
    async def cleanup(self):
        self._context = None
        return True

    @hookimpl
    async def predict(self, input_data):
        self._repeats += 1
        return {"answer": self._sound, "keys": sorted(input_data)}

    @hookimpl
    @staticmethod
    def get_model_info():
        return {"name": "parrot", "trained": True}

    def predictions(self):
        return self._repeats


good.add(Parrot("hello"), id="parrot")


@good(id="parrot-factory")
def new_parrot(context):
    """Make a fresh object for each life; its class is none of the interface's."""
    return FactoryParrot(context.config.get("sound", "hi"))


class FactoryParrot(Parrot):
    @hookimpl
    def get_metadata(self):
        return PluginMetadata("parrot-factory", "1.0.0", "Says hi", "Hook Author", "MIT")


class Worker:
    """Marked methods beside unmarked ones, and a task that belongs to the object."""

    task = None
    rounds = 0

    @hookimpl
    async def start(self):
        self.task = asyncio.create_task(self.run())
        return True

    @hookimpl
    async def stop(self):
        await self.end()
        return True

    @hookimpl
    async def cleanup(self):
        await self.end()
        return True

    @hookimpl
    async def health_check(self):
        return {"status": "working" if self.task else "idle"}

    async def end(self):
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
            self.task = None

    async def run(self):
        while True:
            await asyncio.sleep(1)
            self.rounds += 1


good.add(lambda context: Worker(), id="hook-worker")
