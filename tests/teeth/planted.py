"""The registry of planted faults, and the sound plugins into which they are planted.

A fault is one thing that is wrong in a plugin that is right otherwise, and the checks that may
honestly be said to see it; the first of them is meant to. The faults are in ``planted_*.py``,
one module for each family of checks. What does its harm when it is imported lies in ``subjects/``,
and what may take the whole process with it in ``risky/``: that runs in a child process only.
"""

from __future__ import annotations

import asyncio
import copy
import importlib
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import attrs

from aitbc.plugins import BasePlugin, PluginMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent


@attrs.frozen
class Fault:
    """A plugin with a fault.

    Attributes:
        id: A name of its own.
        target: A subclass of `BasePlugin`; a class of legacy objects, called without arguments;
            the folder of a plugin; or ``module`` or ``module:attribute``, which is to be imported
            with this folder on the path, and no earlier than it is tested.
        killers: The checks that may see it, the intended one first.
        what: The fault in one sentence.
        config: A configuration, where the plugin's schema is not enough.
        provides: What the environment provides.
        samples: Argument of a specialised interface -> strategy of values, most of them good.
        risky: Only for a child process, and folders only as a copy.
    """

    id: str
    target: type | Path | str
    killers: tuple[str, ...]
    what: str
    config: dict[str, Any] | None = None
    provides: tuple[str, ...] = ()
    samples: Mapping[str, Any] | None = None
    risky: bool = False

    def resolve(self) -> object:
        """Return the target; one that is given by its name is imported now."""
        if not isinstance(self.target, str):
            return self.target
        module, _, attribute = self.target.partition(":")
        found = importlib.import_module(module)
        return getattr(found, attribute) if attribute else found


#: The faults, as far as their modules have been imported; `every_fault` imports them all.
PLANTED: list[Fault] = []


class _Planting:
    """Decorates a class that has a fault; its docstring says which."""

    def __call__(self, *killers: str, **options: Any) -> Callable[[type], type]:
        def plant(cls: type) -> type:
            what = (cls.__doc__ or "").partition("\n")[0]
            self.add(kebab(cls.__name__), cls, *killers, what=what, **options)
            return cls

        return plant

    def add(
        self, name: str, target: type | Path | str, *killers: str, what: str, **options: Any
    ) -> None:
        PLANTED.append(Fault(name, target, killers, what, **options))


planted = _Planting()


def every_fault() -> list[Fault]:
    for module in sorted(HERE.glob("planted_*.py")):
        importlib.import_module(module.stem)
    return sorted(PLANTED, key=lambda fault: fault.id)


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


def card(name: str, **fields: Any) -> PluginMetadata:
    defaults = {
        "version": "1.4.0",
        "description": "A plugin of the tests",
        "author": "AITBC Team",
        "license": "MIT",
    }
    return PluginMetadata(name, **defaults | fields)


class Sound(BasePlugin):
    """Does nothing, and nothing wrong."""

    schema: ClassVar[dict[str, Any]] = {"type": "object", "additionalProperties": False}

    def get_metadata(self):
        return card(kebab(type(self).__name__))

    def get_config_schema(self):
        return copy.deepcopy(self.schema)

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


class Pulse(Sound):
    """Has a task that beats while the plugin is active."""

    beats = 0
    _task: asyncio.Task[None] | None = None

    async def start(self):
        self._task = asyncio.create_task(self._beat())
        return True

    async def stop(self):
        await self._end()
        return True

    async def cleanup(self):
        await self._end()
        return True

    async def _end(self):
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
            self._task = None

    async def _beat(self):
        while True:
            await asyncio.sleep(1)
            self.beats += 1


def settings(required=(), /, **properties):
    """Return the schema of these properties, and no others."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }
