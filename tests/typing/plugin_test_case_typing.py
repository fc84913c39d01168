"""What plugin authors' test classes look like to mypy and pyright. Checked by both, never run."""

from __future__ import annotations

from functools import partial
from typing import Any, assert_type

from aitbc.plugins import BasePlugin, PluginContext, PluginMetadata, PluginStatus, hookimpl
from aitbc.plugins.testing import PluginTestCase, make_context
from aitbc_hooks.testing import DetLoop, LoudBus, RecordingBus, Request, TemporaryContext


class Greeter(BasePlugin):
    def __init__(self, context: PluginContext, greeting: str = "hello") -> None:
        super().__init__(context)
        self.greeting = greeting

    def get_metadata(self) -> PluginMetadata:
        return PluginMetadata("greeter", "1.0.0", "Greets", "the tests", "MIT")

    async def initialize(self) -> bool:
        return True

    async def start(self) -> bool:
        return True

    async def stop(self) -> bool:
        return True

    async def cleanup(self) -> bool:
        return True


def make_greeter(context: PluginContext) -> Greeter:
    return Greeter(context, "hi")


class Clock:
    @hookimpl
    def start(self) -> bool:
        return True


class TestGreeter(PluginTestCase):
    loop_factory = DetLoop
    allow_leftovers = True

    async def asyncSetUp(self) -> None:
        self.plugin = self.create_plugin(Greeter)

    def test_metadata(self) -> None:
        assert_type(self.plugin, Greeter)
        assert_type(self.create_plugin(Greeter, {"a": 1}), Greeter)
        assert_type(self.create_plugin(partial(Greeter, greeting="hi")), Greeter)
        assert_type(self.create_plugin(make_greeter), Greeter)
        assert_type(self.create_plugin(Greeter, context=make_context(), check=False), Greeter)
        assert_type(self.create_plugin(Clock()), Any)

    async def test_lifecycle(self) -> None:
        assert_type(await self.plugin.initialize(), bool)
        assert_type(self.plugin.status, PluginStatus)
        assert_type(await self.broadcast("a", {}), None)
        assert_type(await self.send_event(self.plugin, "a", {}), bool)

    def test_doubles(self) -> None:
        context = self.make_context({"a": 1}, name="greeter")
        assert_type(context, TemporaryContext)
        assert_type(context.event_bus, RecordingBus)
        assert_type(context.event_bus.published, list[tuple[str, dict[str, Any]]])
        assert_type(context.event_bus.events, LoudBus)
        context.api_client.answer("GET", "/x", {"a": 1}, ConnectionError, self.answer)
        assert_type(RecordingBus().subscriptions[0].pattern, str)

    def answer(self, request: Request) -> dict[str, Any]:
        return {"endpoint": request.endpoint}


def mistakes(case: TestGreeter) -> None:
    case.create_plugin(Greeter, ["a"])  # type: ignore[call-overload]
    case.create_plugin(Greeter, chekc=False)  # type: ignore[call-overload]
    case.make_context("a")  # type: ignore[arg-type]
    case.broadcast("a", {})  # type: ignore[unused-coroutine]
    case.create_plugin(Greeter).greet()  # type: ignore[attr-defined]
