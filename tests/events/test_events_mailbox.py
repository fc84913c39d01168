"""One receiver's queue: what is inside a handler, and what no failure may keep waiting."""

from __future__ import annotations

import asyncio

import pytest

from aitbc_hooks import PluginManager, PluginStatus, hookimpl
from aitbc_hooks.events import EventBus, Owner

# How a loop makes its tasks: as ever, and, from Python 3.12 on, eagerly.
FACTORIES = [None, *filter(None, [getattr(asyncio, "eager_task_factory", None)])]


def run(scenario):
    async def guarded():
        async with asyncio.timeout(20):
            return await scenario()

    return asyncio.run(guarded())


def recorder(log):
    async def handler(event_type, data):
        log.append(event_type)

    return handler


def test_a_failure_callback_that_raises_keeps_no_broadcast_waiting():
    log = []

    def on_failure(owner, event, error):
        raise RuntimeError("cannot tell")

    async def scenario():
        bus = EventBus(on_failure)
        unheard = []
        asyncio.get_running_loop().set_exception_handler(lambda loop, of: unheard.append(of))

        async def failing(event_type, data):
            log.append(event_type)
            raise ValueError

        bus.subscribe("#", failing)
        await asyncio.gather(bus.broadcast("a", {}), bus.broadcast("b", {}))
        await bus.broadcast("c", {})

    run(scenario)
    assert log[0] == "a"
    assert log[-1] == "c"


@pytest.mark.parametrize("factory", FACTORIES)
def test_a_mailbox_serves_its_handler_whatever_factory_makes_the_tasks(factory):
    log = []

    async def scenario():
        asyncio.get_running_loop().set_task_factory(factory)
        bus = EventBus()
        bus.subscribe("#", recorder(log))
        for event_type in "ab":
            await bus.broadcast(event_type, {})
        await bus.publish("c", {})
        assert log == ["a", "b"]  # publishing returns before the event is handled
        await bus.settle()

    run(scenario)
    assert log == ["a", "b", "c"]


class Background:
    """Starts a task in its handler of ``begin``, which acts when that handler has ended."""

    def __init__(self, act):
        self.log = []
        self.ended = asyncio.Event()
        self.handling = asyncio.Event()
        self.task = None
        self._act = act

    async def handle(self, event_type, data):
        if event_type == "begin":
            self.task = asyncio.create_task(self._later())
            return
        self.log.append("handler entered")
        self.handling.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.log.append("handler ended")

    async def _later(self):
        await self.ended.wait()
        await self._act()


def test_a_task_born_in_a_handler_that_has_ended_may_cancel_the_running_handler():
    async def scenario():
        bus, owner = EventBus(), Owner("plug", granted=True)
        plug = Background(lambda: bus.quiesce(owner))
        bus.subscribe("#", plug.handle, owner=owner)
        await bus.broadcast("begin", {})
        await bus.publish("wait", {})
        await plug.handling.wait()
        plug.ended.set()
        await plug.task
        return list(plug.log)  # as it is before the loop ends what is left

    assert run(scenario) == ["handler entered", "handler ended"]


def test_an_unload_from_a_task_born_in_a_handler_ends_the_running_handler_before_cleanup(tmp_path):
    class Plug(Background):
        @hookimpl
        async def handle_event(self, event_type, data):
            await self.handle(event_type, data)

        @hookimpl
        async def cleanup(self):
            self.log.append("cleanup")
            return True

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        plug = Plug(lambda: manager.unload_plugin("plug"))
        manager.register(plug, "plug")
        await manager.load_plugin("plug")
        await manager.start_plugin("plug")
        await manager.broadcast_event("begin", {})
        await manager.events.publish("wait", {})
        await plug.handling.wait()
        plug.ended.set()
        await asyncio.wait({plug.task})
        assert manager.get_plugin_status("plug") is PluginStatus.UNLOADED
        return list(plug.log)

    assert run(scenario) == ["handler entered", "handler ended", "cleanup"]


def test_a_broadcast_from_a_task_born_in_a_handler_that_has_ended_waits_for_that_receiver():
    log = []

    async def scenario():
        bus, ended = EventBus(), asyncio.Event()
        born = []

        async def later():
            await ended.wait()
            await bus.broadcast("news", {})
            log.append("broadcast returned")

        async def handler(event_type, data):
            if event_type == "begin":
                born.append(asyncio.create_task(later()))
            else:
                await asyncio.sleep(0)
                log.append("news handled")

        bus.subscribe("#", handler)
        await bus.broadcast("begin", {})
        ended.set()
        await born[0]

    run(scenario)
    assert log == ["news handled", "broadcast returned"]


def test_a_handler_is_not_called_after_its_subscription_has_ended():
    log = []

    async def scenario():
        bus = EventBus()
        subscription = bus.subscribe("#", recorder(log))
        await bus.publish("a", {})
        bus.unsubscribe(subscription)
        for _ in range(3):
            await asyncio.sleep(0)

    run(scenario)
    assert log == []
