"""What a plugin's author tests with.

* `PluginTestCase`: base of a test class; makes plugins under the lifecycle's rules and runs
  asynchronous tests, under pytest with or without its plugins for asyncio, and under unittest.
* `make_context`: what a host gives to a plugin, with a `RecordingBus` and a `RecordingClient`.
* `conformance` and `ConformanceSuite`: whether a host can trust a plugin (the package
  `aitbc_hooks.testing.kit`); `Trial`, `find_plugin`: what its programs are written with.
* `DetLoop`: an event loop with a virtual clock and a schedule that can be chosen, for any test.

The names below are imported when they are first used. `PluginTestCase` itself needs no package
beyond this one; what is built on pytest and hypothesis needs the extra ``test``.

Example::

    class TestGreeter(PluginTestCase):
        async def test_it_greets(self):
            plugin = self.create_plugin(Greeter)
            await plugin.initialize()
            await plugin.start()
            await self.broadcast("user_login", {"user": "alice"})
            assert plugin.context.event_bus.published == [("greeted", {"user": "alice"})]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.testing.case import PluginTestCase
    from aitbc_hooks.testing.doubles import (
        HandlerFailure,
        LoudBus,
        RecordingBus,
        RecordingClient,
        Request,
        TemporaryContext,
        make_context,
    )
    from aitbc_hooks.testing.kit import (
        ConformanceSuite,
        Trial,
        conformance,
        find_plugin,
    )
    from aitbc_hooks.testing.loop import Deadlock, DetLoop, Livelock, Schedule

__all__ = [
    "ConformanceSuite",
    "Deadlock",
    "DetLoop",
    "HandlerFailure",
    "Livelock",
    "LoudBus",
    "PluginTestCase",
    "RecordingBus",
    "RecordingClient",
    "Request",
    "Schedule",
    "TemporaryContext",
    "Trial",
    "conformance",
    "find_plugin",
    "make_context",
]

_HOMES = {
    "ConformanceSuite": "aitbc_hooks.testing.kit",
    "Deadlock": "aitbc_hooks.testing.loop",
    "DetLoop": "aitbc_hooks.testing.loop",
    "HandlerFailure": "aitbc_hooks.testing.doubles",
    "Livelock": "aitbc_hooks.testing.loop",
    "LoudBus": "aitbc_hooks.testing.doubles",
    "PluginTestCase": "aitbc_hooks.testing.case",
    "RecordingBus": "aitbc_hooks.testing.doubles",
    "RecordingClient": "aitbc_hooks.testing.doubles",
    "Request": "aitbc_hooks.testing.doubles",
    "Schedule": "aitbc_hooks.testing.loop",
    "TemporaryContext": "aitbc_hooks.testing.doubles",
    "Trial": "aitbc_hooks.testing.kit",
    "conformance": "aitbc_hooks.testing.kit",
    "find_plugin": "aitbc_hooks.testing.kit",
    "make_context": "aitbc_hooks.testing.doubles",
}


if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES, extra="test", brings=("hypothesis", "pytest"))


def __dir__() -> list[str]:
    return sorted(__all__)
