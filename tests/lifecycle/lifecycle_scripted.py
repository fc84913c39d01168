"""Plugins that do what they are told, and tell what is done to them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pluggy
from lifecycle_faults import RAISES, act

from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hookspecs import hookimpl

if TYPE_CHECKING:
    from lifecycle_world import World

_hookspec = pluggy.HookspecMarker("aitbc")


class PokeSpecs:
    @_hookspec
    def poke(self):
        """Ask every plugin that hook calls reach for its name."""


class ScriptedPlugin(BasePlugin):
    """Does what the world has planned for its methods, and writes down that it was called."""

    name: str
    world: World
    about: PluginMetadata

    def __init__(self, context):
        self.world.constructions += 1
        self.world.latest.pop(self.name, None)
        fault = self.world.behaviour(self.name, "construct").fault
        if fault in RAISES:
            raise RAISES[fault]
        self.entries = []
        self.path = ()
        super().__init__(context)
        self.world.latest[self.name] = self

    @property
    def status(self):
        """What the driver shows of the status; the path is all that it has shown."""
        return self.path[-1] if self.path else S.UNLOADED

    @status.setter
    def status(self, status):
        if status is not self.status:
            self.world.see_arrow(self, self.status, status)
            self.path = (*self.path, status)

    def get_metadata(self):
        return self.about

    async def initialize(self):
        return await self._do("initialize")

    async def start(self):
        return await self._do("start")

    async def stop(self):
        return await self._do("stop")

    async def cleanup(self):
        return await self._do("cleanup")

    async def handle_event(self, event_type, data):
        await self._do("handle_event", data["number"])

    @hookimpl
    def poke(self):
        return self.name

    async def _do(self, method, event=None):
        world, behaviour = self.world, self.world.behaviour(self.name, method)
        entry = world.enter(self, method, behaviour, event)
        try:
            for _ in range(behaviour.pauses):
                await asyncio.sleep(0)
            if behaviour.request is not None:
                await world.answer(behaviour.request)
            entry.value = await act(behaviour.fault, world.release)
        except BaseException as error:
            entry.error = error
            raise
        finally:
            entry.ended = world.loop.time()
            world.check_needs()
        return entry.value
