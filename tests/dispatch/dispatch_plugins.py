"""Small plugins and managers, shared by the tests of dispatch."""

from __future__ import annotations

import asyncio

import pluggy

from aitbc_hooks.dispatch import HookManager
from aitbc_hookspecs import HookspecMarker

hookspec = HookspecMarker("dispatch")
hookimpl = pluggy.HookimplMarker("dispatch")


class Plugin:
    """An object whose attributes are its implementations."""

    def __init__(self, **functions):
        vars(self).update(functions)


def plugin(function, **options):
    """Return a plugin whose only implementation is `function`, under the name ``hook``."""
    return Plugin(hook=hookimpl(**options)(function))


def specify(manager, function, **options):
    """Add `function` as a hookspec of the name ``hook``."""
    manager.add_hookspecs(type("Specs", (), {"hook": staticmethod(hookspec(**options)(function))}))


async def async_spec(arg): ...


def sync_spec(arg): ...


def manager_of(*plugins, spec=async_spec, strict=False, report=None, **options):
    """Return a manager of one hook, and plugins p0, p1, … that are registered in order."""
    manager = HookManager("dispatch", strict=strict, on_error=report)
    specify(manager, spec, **options)
    for index, each in enumerate(plugins):
        manager.register(each, f"p{index}")
    return manager


def call(manager, **arguments):
    """Call the async hook in an event loop."""

    async def main():
        return await manager.hook.hook(**(arguments or {"arg": 1}))

    return asyncio.run(main())


def answering(value):
    """Return a plugin whose async implementation gives `value`."""

    async def hook(arg):
        await asyncio.sleep(0)
        return value

    return plugin(hook)


def failing(error):
    """Return a plugin whose async implementation raises `error`."""

    async def hook(arg):
        await asyncio.sleep(0)
        raise error

    return plugin(hook)
