"""Services of the old kind, through `LegacyServiceAdapter`."""

from __future__ import annotations

import asyncio
import threading
import time
import warnings

import pytest

from aitbc.plugins import LegacyServiceAdapter, PluginMetadata, hookimpl
from aitbc.plugins.testing import PluginTestCase
from aitbc_hooks import PluginManager
from aitbc_hooks.errors import MetadataError, PluginError, PluginInactiveError
from aitbc_hooks.testing import conformance

CARD = PluginMetadata("doubler", "1.0.0", "Doubles numbers", "Old Author", "MIT")


class Doubler:
    """All of it synchronous; it remembers who called what."""

    def __init__(self):
        self.calls = []
        self.threads = set()
        self.is_well = True

    def setup(self):
        self.calls.append("setup")
        self.threads.add(threading.current_thread())

    def execute(self, request):
        self.calls.append("execute")
        self.threads.add(threading.current_thread())
        return {"number": 2 * request.get("number", 0)}

    def cleanup(self):
        self.calls.append("cleanup")

    def health_check(self):
        return self.is_well


class Mixed(Doubler):
    """Some of its methods are asynchronous."""

    async def setup(self):
        await asyncio.sleep(0)
        self.calls.append("setup")

    async def execute(self, request):
        await asyncio.sleep(0)
        return super().execute(request)

    async def health_check(self):
        return self.is_well


class Slow:
    """Blocks its thread, and would notice if somebody came in between."""

    metadata = PluginMetadata("slow", "1.0.0", "Takes its time", "Old Author", "MIT")
    inside = 0
    most_inside = 0

    def execute(self, request):
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        time.sleep(0.01)
        self.inside -= 1
        return request

    def cleanup(self):
        self.most_inside = max(self.most_inside, self.inside + 1)


def adapt(service, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return LegacyServiceAdapter(service, **options)


@pytest.mark.parametrize("kind", [Doubler, Mixed])
class TestService(PluginTestCase):
    async def start(self, kind):
        self.service = kind()
        plugin = self.create_plugin(lambda context: adapt(self.service, metadata=CARD))
        assert await plugin.initialize() is True
        assert await plugin.start() is True
        return plugin

    async def test_its_methods_are_called_at_their_times(self, kind):
        plugin = await self.start(kind)
        assert await plugin.execute({"number": 4}) == {"number": 8}
        assert await plugin.stop() is True
        assert await plugin.cleanup() is True
        assert self.service.calls == ["setup", "execute", "cleanup"]

    async def test_a_request_that_comes_as_an_event_is_answered_by_one(self, kind):
        plugin = await self.start(kind)
        await self.broadcast("doubler.execute", {"number": 21})
        await self.broadcast("user_login", {"user": "alice"})
        answer = {"request": {"number": 21}, "result": {"number": 42}}
        assert plugin.context.event_bus.published == [("doubler.executed", answer)]

    async def test_a_service_that_is_not_well_is_degraded(self, kind):
        plugin = await self.start(kind)
        assert (await plugin.health_check())["status"] == "active"
        self.service.is_well = False
        health = await plugin.health_check()
        assert (health["status"], health["healthy"]) == ("degraded", False)
        assert health["reason"] == "the service's own health_check() returned False."

    async def test_before_and_after_its_life_nothing_is_executed(self, kind):
        plugin = adapt(kind(), metadata=CARD)
        with pytest.raises(PluginInactiveError, match="is not set up"):
            await plugin.execute({})
        plugin = await self.start(kind)
        await plugin.stop()
        await plugin.cleanup()
        with pytest.raises(PluginInactiveError, match="is not set up"):
            await plugin.execute({})


def test_synchronous_methods_run_in_threads():
    service = Doubler()
    plugin = adapt(service, metadata=CARD)

    async def main():
        await plugin.initialize()
        await plugin.execute({"number": 1})

    asyncio.run(main())
    assert threading.main_thread() not in service.threads
    assert len(service.threads) == 2


def test_requests_are_executed_one_after_another_and_so_is_the_cleanup():
    service = Slow()
    plugin = adapt(service)

    async def main():
        await plugin.initialize()
        requests = [asyncio.create_task(plugin.execute(number)) for number in range(5)]
        await asyncio.sleep(0)
        await plugin.cleanup()
        return await asyncio.gather(*requests, return_exceptions=True)

    first, *others = asyncio.run(main())
    assert service.most_inside == 1
    assert first == 0
    assert {type(each) for each in others} == {PluginInactiveError}


def test_what_is_no_service_is_refused():
    with pytest.raises(PluginError, match="object has no method 'execute'"):
        adapt(object(), metadata=CARD)
    with pytest.raises(MetadataError, match="Doubler says nothing of itself"):
        adapt(Doubler())


def test_the_warning_names_the_line_that_makes_the_adapter():
    with pytest.warns(DeprecationWarning, match="'doubler' \\(Doubler\\)") as caught:
        LegacyServiceAdapter(Doubler(), metadata=CARD)
    assert caught[0].filename == __file__


class Listener:
    """Another plugin, which waits for the answer."""

    def __init__(self):
        self.heard = asyncio.Event()

    @hookimpl
    def handle_event(self, event_type, data):
        if event_type == "doubler.executed":
            self.answer = data
            self.heard.set()


def test_a_host_runs_it_as_any_plugin(tmp_path):
    service = Mixed()

    async def main():
        listener = Listener()
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(adapt(service, metadata=CARD))
        manager.register(listener, name="listener")
        async with manager:
            assert manager.report("doubler").status.name == "ACTIVE"
            await manager.broadcast_event("doubler.execute", {"number": 3})
            await listener.heard.wait()
        return listener.answer

    assert asyncio.run(main()) == {"request": {"number": 3}, "result": {"number": 6}}
    assert service.calls == ["setup", "execute", "cleanup"]


@pytest.mark.parametrize("kind", [Doubler, Mixed])
def test_the_conformance_kit_trusts_it(kind):
    report = conformance(lambda context: adapt(kind(), metadata=CARD), examples=10)
    assert report.verdict.value.startswith("CONFORMANT"), report.table()
