"""Announcements reach ACTIVE plugins in order, and whoever hears of one may act on it."""

import asyncio
import logging
from typing import ClassVar

from hosting_plugins import Sound, manager_in, sound

from aitbc_hooks import hookimpl


class Ear(Sound):
    """Writes down what it hears."""

    name = "ear"

    def __init__(self, context):
        super().__init__(context)
        self.heard = []

    @hookimpl
    async def plugin_transitioned(self, plugin_name, old, new):
        self.heard.append(f"{plugin_name} {old.name} {new.name}")

    @hookimpl
    def plugin_failed(self, plugin_name, failure):
        self.heard.append(f"{plugin_name} {failure.code}")

    @hookimpl
    async def host_started(self, plugin_names):
        self.heard.append(f"started {' '.join(plugin_names)}")

    @hookimpl
    async def host_stopping(self, plugin_names):
        self.heard.append(f"stopping {' '.join(plugin_names)}")


async def with_ear(tmp_path, *plugins, ear=Ear):
    manager = manager_in(tmp_path, ear, *plugins, auto_load=False)
    await manager.load_plugin("ear")
    await manager.start_plugin("ear")
    await manager._announcer.settle(5)
    return manager, manager.plugins["ear"]


def test_transitions_are_announced_in_their_order(tmp_path):
    async def scenario():
        manager, ear = await with_ear(tmp_path, sound())
        ear.heard.clear()
        await manager.load_plugin("alpha")
        await manager.start_plugin("alpha")
        await manager.stop_plugin("alpha")
        await manager.unload_plugin("alpha")
        await manager._announcer.settle(5)
        heard = list(ear.heard)
        await manager.stop()
        return heard

    assert asyncio.run(scenario()) == [
        "alpha UNLOADED LOADING",
        "alpha LOADING LOADED",
        "alpha LOADED ACTIVE",
        "alpha ACTIVE INACTIVE",
        "alpha INACTIVE UNLOADING",
        "alpha UNLOADING UNLOADED",
    ]


def test_a_failure_is_announced(tmp_path):
    async def initialize(self):
        return None

    async def scenario():
        manager, ear = await with_ear(tmp_path, sound(initialize=initialize))
        await manager.load_plugin("alpha")
        await manager._announcer.settle(5)
        heard = list(ear.heard)
        await manager.stop()
        return heard

    assert "alpha AITBC-L03" in asyncio.run(scenario())


def test_the_host_announces_its_start_and_its_stop_with_the_active_plugins(tmp_path):
    ears = []

    class Kept(Ear):
        def __init__(self, context):
            super().__init__(context)
            ears.append(self)

    async def scenario():
        manager = manager_in(
            tmp_path, Kept, sound("first"), sound("second", fields={"dependencies": ["first"]})
        )
        async with manager:
            pass

    asyncio.run(scenario())
    heard = [item for item in ears[0].heard if item.startswith("st")]
    assert heard == ["started ear first second", "stopping second first ear"]


def test_a_plugin_that_is_not_active_hears_nothing(tmp_path):
    async def scenario():
        manager, ear = await with_ear(tmp_path, sound())
        await manager.stop_plugin("ear")
        await manager._announcer.settle(5)
        ear.heard.clear()
        await manager.load_plugin("alpha")
        await manager._announcer.settle(5)
        assert ear.heard == []
        await manager.stop()

    asyncio.run(scenario())


def acting(action):
    class Acting(Ear):
        manager = None
        outcomes: ClassVar[list] = []

        @hookimpl
        async def plugin_transitioned(self, plugin_name, old, new):
            if plugin_name == "alpha":
                await action(self, new)

    return Acting


def test_who_hears_of_a_transition_may_ask_for_the_next_one_of_that_plugin(tmp_path):
    """Also while the plugin is still inside the transition that was announced."""

    async def action(self, new):
        if new.name == "LOADING":
            self.outcomes.append(await self.manager.unload_plugin("alpha"))

    ear_class = acting(action)

    async def initialize(self):
        await asyncio.sleep(0.05)
        return True

    async def scenario():
        manager, _ = await with_ear(tmp_path, sound(initialize=initialize), ear=ear_class)
        ear_class.manager = manager
        assert await manager.load_plugin("alpha")
        await manager._announcer.settle(5)
        assert manager.get_plugin_status("alpha").name == "UNLOADED"
        await manager.stop()

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert ear_class.outcomes == [True]


def test_who_hears_of_a_transition_may_stop_itself(tmp_path):
    async def action(self, new):
        if new.name == "ACTIVE":
            self.outcomes.append(await self.manager.stop_plugin("ear"))

    ear_class = acting(action)

    async def scenario():
        manager, _ = await with_ear(tmp_path, sound(), ear=ear_class)
        ear_class.manager = manager
        await manager.load_plugin("alpha")
        await manager.start_plugin("alpha")
        await manager._announcer.settle(5)
        assert manager.get_plugin_status("ear").name == "INACTIVE"
        await manager.stop()

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert ear_class.outcomes == [True]


def test_who_hears_of_a_transition_may_stop_the_whole_host(tmp_path):
    async def action(self, new):
        if new.name == "ACTIVE":
            await self.manager.stop()
            self.outcomes.append(self.manager.list_plugins())

    ear_class = acting(action)

    async def scenario():
        manager, _ = await with_ear(tmp_path, sound(), ear=ear_class)
        ear_class.manager = manager
        await manager.load_plugin("alpha")
        await manager.start_plugin("alpha")
        await manager._announcer.settle(5)

    asyncio.run(asyncio.wait_for(scenario(), 20))
    assert ear_class.outcomes == [[]]


def test_a_wrapper_that_raises_does_not_end_the_announcements(tmp_path, caplog):
    class Wrapping:
        @hookimpl(wrapper=True)
        async def plugin_transitioned(self):
            result = yield
            raise RuntimeError("wrapped")
            yield result

    async def scenario():
        manager, ear = await with_ear(tmp_path, sound())
        manager.register(Wrapping(), "wrapping")
        await manager.load_plugin("wrapping")
        await manager.start_plugin("wrapping")
        await manager._announcer.settle(5)
        ear.heard.clear()
        with caplog.at_level(logging.ERROR):
            await manager.load_plugin("alpha")
            await manager._announcer.settle(5)
        heard = list(ear.heard)
        await manager.stop()
        return heard

    assert asyncio.run(scenario()) == ["alpha UNLOADED LOADING", "alpha LOADING LOADED"]
    assert any("announcement" in record.getMessage() for record in caplog.records)


def test_an_implementation_that_raises_keeps_nobody_from_hearing(tmp_path):
    class Raising(Sound):
        name = "raising"

        @hookimpl(tryfirst=True)
        async def plugin_transitioned(self, plugin_name, old, new):
            raise RuntimeError("no")

    async def scenario():
        manager, ear = await with_ear(tmp_path, sound(), Raising)
        await manager.load_plugin("raising")
        await manager.start_plugin("raising")
        await manager._announcer.settle(5)
        ear.heard.clear()
        await manager.load_plugin("alpha")
        await manager._announcer.settle(5)
        heard = list(ear.heard)
        assert manager.report("raising").error_count == 3  # its own start too
        await manager.stop()
        return heard

    assert asyncio.run(scenario()) == ["alpha UNLOADED LOADING", "alpha LOADING LOADED"]


def test_what_was_not_told_before_the_host_stopped_is_never_told(tmp_path):
    async def action(self, new):
        self.heard.append(new.name)
        await asyncio.Event().wait()

    ear_class = acting(action)

    async def scenario():
        manager, ear = await with_ear(tmp_path, sound(), ear=ear_class)
        await manager.load_plugin("alpha")
        await asyncio.sleep(0.01)
        await manager._announcer.close()
        manager._announcer.tell("host_started", plugin_names=[])
        await manager._announcer.settle(5)
        heard = list(ear.heard)
        await manager.stop()
        return heard

    assert asyncio.run(scenario()) == ["LOADING", "started "]
