"""What a plugin's own instance sees of its lifecycle, and what it can and cannot do to it."""

from __future__ import annotations

import asyncio

import pytest
from lifecycle_single import run

from aitbc_hooks import PluginManager
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S


class Ant(BasePlugin):
    def __init__(self, context):
        super().__init__(context)
        self.called = []

    def get_metadata(self):
        return PluginMetadata("ant", "1.0.0", "An ant", "the tests", "MIT")

    async def initialize(self):
        self.called.append("initialize")
        return True

    async def start(self):
        self.called.append("start")
        return True

    async def stop(self):
        self.called.append("stop")
        return True

    async def cleanup(self):
        self.called.append("cleanup")
        return True


@pytest.fixture
def host(tmp_path):
    def start(plugin):
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(plugin, "ant")
        return manager

    return start


async def activate(manager):
    assert await manager.load_plugin("ant")
    assert await manager.start_plugin("ant")
    return manager.plugins["ant"]


def test_a_handler_that_stops_its_own_plugin_makes_a_real_transition(host):
    class Stops(Ant):
        async def handle_event(self, event_type, data):
            self.called.append(await self.stop())

    async def main():
        manager = host(Stops)
        plugin = await activate(manager)
        await manager.broadcast_event("evening", {})
        assert plugin.called == ["initialize", "start", "stop", True]
        assert plugin.status is manager.get_plugin_status("ant") is S.INACTIVE
        await manager.broadcast_event("evening", {})
        assert len(plugin.called) == 4

    run(main())


def test_a_handler_may_unload_its_own_plugin(host):
    class Leaves(Ant):
        async def handle_event(self, event_type, data):
            self.called.append(await self.cleanup())

    async def main():
        manager = host(Leaves)
        plugin = await activate(manager)
        await manager.broadcast_event("evening", {})
        assert plugin.called == ["initialize", "start", "stop", "cleanup", True]
        assert plugin.status is manager.get_plugin_status("ant") is S.UNLOADED
        assert manager.list_plugins() == []

    run(main())


def test_each_method_of_the_instance_is_the_operation_of_the_manager(host):
    async def main():
        manager = host(Ant)
        await manager.load_plugin("ant")
        plugin = manager.plugins["ant"]
        seen = []
        for method in (plugin.initialize, plugin.start, plugin.start, plugin.stop, plugin.cleanup):
            assert await method() is True
            seen.append(manager.get_plugin_status("ant"))
        assert seen == [S.LOADED, S.ACTIVE, S.ACTIVE, S.INACTIVE, S.UNLOADED]
        assert plugin.called == ["initialize", "start", "stop", "cleanup"]

    run(main())


def test_the_class_stays_as_it_was_and_so_does_the_instance_after_unloading(host):
    before = dict(vars(Ant))

    async def main():
        manager = host(Ant)
        plugin = await activate(manager)
        assert type(plugin) is Ant
        await manager.unload_plugin("ant")
        assert not {"initialize", "start", "stop", "cleanup"} & vars(plugin).keys()
        await plugin.stop()
        assert plugin.called[-1] == "stop"

    run(main())
    assert dict(vars(Ant)) == before


class Frozen(Ant):
    def __setattr__(self, name, value):
        if "called" in vars(self):
            raise AttributeError(name)
        object.__setattr__(self, name, value)


class Slotted(Ant):
    __slots__ = ("called",)


@pytest.mark.parametrize("cls", [Frozen, Slotted])
def test_a_plugin_that_takes_no_attributes_lives_all_the_same(cls, host):
    async def main():
        manager = host(cls)
        plugin = await activate(manager)
        assert await manager.stop_plugin("ant")
        assert await manager.unload_plugin("ant")
        assert plugin.called == ["initialize", "start", "stop", "cleanup"]

    run(main())


@pytest.mark.parametrize("lie", [S.ERROR, S.UNLOADED, "active", None])
def test_a_plugin_that_assigns_its_own_status_changes_nothing_for_the_host(lie, host):
    class Liar(Ant):
        async def start(self):
            self.status = lie
            return await super().start()

    async def main():
        manager = host(Liar)
        plugin = await activate(manager)
        assert manager.get_plugin_status("ant") is plugin.status is S.ACTIVE
        plugin.status = lie
        assert manager.get_plugin_status("ant") is S.ACTIVE
        assert await manager.stop_plugin("ant") is True
        assert plugin.status is S.INACTIVE

    run(main())


def test_the_default_health_check_tells_the_truth(host):
    class Clumsy(Ant):
        async def handle_event(self, event_type, data):
            raise ValueError(event_type)

    async def main():
        manager = host(Clumsy)
        await manager.load_plugin("ant")
        health = await manager.check_health("ant")
        assert (health["status"], health["uptime"], health["error_count"]) == ("loaded", None, 0)
        await manager.start_plugin("ant")
        await manager.broadcast_event("evening", {})
        health = await manager.check_health("ant")
        assert health["status"] == "active"
        assert health["uptime"] >= 0
        assert health["memory_usage"] > 0
        assert health["error_count"] == manager.report("ant").error_count == 1

    run(main())


def test_a_registered_class_gets_a_fresh_instance_for_each_load(host):
    async def main():
        manager = host(Ant)
        instances = []
        for _ in range(2):
            instances.append(await activate(manager))
            assert await manager.unload_plugin("ant")
        assert instances[0] is not instances[1]
        assert instances[0].called == instances[1].called

    run(main())


def test_a_plugin_hears_nothing_while_it_is_not_active(host):
    class Listens(Ant):
        async def handle_event(self, event_type, data):
            self.called.append(event_type)

    async def main():
        manager = host(Listens)
        await manager.load_plugin("ant")
        plugin = manager.plugins["ant"]
        for operation in ("start", "stop", "start", "unload"):
            await manager.broadcast_event(f"before.{operation}", {})
            await getattr(manager, f"{operation}_plugin")("ant")
        heard = [call for call in plugin.called if "." in call]
        assert heard == ["before.stop", "before.unload"]
        assert not asyncio.all_tasks() - {asyncio.current_task()}

    run(main())
