"""Starts and stops of the whole host that overlap, or whose callers are cancelled."""

import asyncio
import itertools

import pytest
from manager_script import Gate, Script, manager_in
from sound_plugin import Sound

from aitbc_hooks import PluginManager, PluginStatus, hookimpl
from aitbc_hooks.errors import LifecycleError


def run(scenario):
    async def guarded():
        async with asyncio.timeout(30):
            return await scenario()

    return asyncio.run(guarded())


def at_every_moment(scenario):
    """Run `scenario` with 1, 2, 3, … rounds of the loop, until it says that this was too late."""
    rounds = itertools.takewhile(lambda moment: run(lambda: scenario(moment)), itertools.count(1))
    assert len(list(rounds)) > 5


async def turns(count):
    """Let everything else run for as many rounds of the loop."""
    for _ in range(count):
        await asyncio.sleep(0)


def tasks():
    """Return the names of all tasks but the current one."""
    return sorted(task.get_name() for task in asyncio.all_tasks() - {asyncio.current_task()})


class Farewell:
    """Keeps the host where it announces that it is about to stop."""

    def __init__(self):
        self.gate = Gate()

    @hookimpl
    async def host_stopping(self, plugin_names):
        self.gate.entered.set()
        await self.gate.opened.wait()


def test_a_stop_at_any_moment_of_a_start_leaves_nothing_and_the_host_can_start_again(tmp_path):
    async def scenario(moment):
        script = Script()
        manager = manager_in(tmp_path, script.plugin("lib"), script.plugin("app", "lib"))
        starting = asyncio.create_task(manager.start())
        await turns(moment)
        in_time = not starting.done()
        await manager.stop()
        await starting
        assert manager.list_plugins() == []
        assert tasks() == []
        await manager.start()
        assert manager.get_plugin_status("app") is PluginStatus.ACTIVE
        await manager.stop()
        return in_time

    at_every_moment(scenario)


def test_a_stop_waits_for_the_start_that_is_under_way(tmp_path):
    script = Script()
    gate = script.hold("lib.start")

    async def scenario():
        manager = manager_in(tmp_path, script.plugin("lib"), script.plugin("app", "lib"))
        starting = asyncio.create_task(manager.start())
        await gate.entered.wait()
        stopping = asyncio.create_task(manager.stop())
        await turns(20)
        gate.opened.set()
        await asyncio.gather(starting, stopping)
        assert manager.list_plugins() == []

    run(scenario)
    assert script.log[2:] == [
        "lib.start",
        "app.start",
        "app.stop",
        "app.cleanup",
        "lib.stop",
        "lib.cleanup",
    ]


def test_a_second_stop_does_not_touch_a_host_that_was_started_after_the_first_one(tmp_path):
    async def scenario(moment):
        script = Script()
        manager = manager_in(tmp_path, script.plugin("lib"), script.plugin("app", "lib"))
        await manager.start()
        first = asyncio.create_task(manager.stop())
        await turns(moment)
        second = asyncio.create_task(manager.stop())
        await turns(1)
        if in_time := not first.done():
            await first
            await manager.start()
            await second
            assert manager.get_plugin_status("app") is PluginStatus.ACTIVE
            with pytest.raises(LifecycleError) as caught:
                await manager.start()
            assert caught.value.code == "AITBC-L01"
            await manager.stop()
        return in_time

    at_every_moment(scenario)


def test_two_concurrent_stops_unload_each_plugin_once_and_both_return_when_all_is_unloaded(
    tmp_path,
):
    script = Script()
    gate = script.hold("app.stop")

    async def scenario():
        manager = manager_in(tmp_path, script.plugin("lib"), script.plugin("app", "lib"))
        await manager.start()

        async def stop():
            await manager.stop()
            return manager.list_plugins()

        stopping = [asyncio.create_task(stop()) for _ in range(2)]
        await gate.entered.wait()
        await turns(5)
        gate.opened.set()
        assert await asyncio.gather(*stopping) == [[], []]

    run(scenario)
    assert script.log[4:] == ["app.stop", "app.cleanup", "lib.stop", "lib.cleanup"]


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("step", ["farewell", "app.stop", "app.cleanup", "lib.stop"])
def test_a_cancelled_stop_unloads_everything_before_it_raises(tmp_path, step, times):
    script, farewell = Script(), Farewell()
    if step == "farewell":
        gate = farewell.gate
    else:
        gate = script.hold(step)
        farewell.gate.opened.set()

    async def scenario():
        plugins = script.plugin("lib"), script.plugin("app", "lib")
        manager = manager_in(tmp_path, *plugins, farewell)
        await manager.start()
        stopping = asyncio.create_task(manager.stop())
        await gate.entered.wait()
        for _ in range(times):
            stopping.cancel()
            await turns(3)
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        assert manager.list_plugins() == []
        assert tasks() == []
        await manager.start()
        assert manager.get_plugin_status("app") is PluginStatus.ACTIVE
        await manager.stop()

    run(scenario)
    assert script.log[4:8] == ["app.stop", "app.cleanup", "lib.stop", "lib.cleanup"]


def test_a_start_that_is_cancelled_twice_unloads_everything_before_it_raises(tmp_path):
    script = Script()
    start, cleanup = script.hold("app.start"), script.hold("app.cleanup")

    async def scenario():
        manager = manager_in(tmp_path, script.plugin("lib"), script.plugin("app", "lib"))
        starting = asyncio.create_task(manager.start())
        await start.entered.wait()
        starting.cancel()
        await cleanup.entered.wait()
        starting.cancel()
        await turns(3)
        cleanup.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await starting
        assert manager.list_plugins() == []

    run(scenario)
    assert script.steps("cleanup") == ["app", "lib"]


@pytest.mark.parametrize("method", ["start", "stop"])
def test_a_plugin_that_stops_the_host_inside_the_hosts_own_start_or_stop_is_refused_at_once(
    tmp_path, method
):
    async def ask(self):
        with pytest.raises(LifecycleError) as caught:
            await manager.stop()
        codes.append(caught.value.code)
        return True

    codes = []
    manager = PluginManager({"state_dir": str(tmp_path)})
    manager.register(type("Impatient", (Sound,), {method: ask}))

    async def scenario():
        async with manager:
            assert manager.get_plugin_status("sound") is PluginStatus.ACTIVE

    run(scenario)
    assert codes == ["AITBC-L02"]


def test_an_event_handler_may_stop_the_host(tmp_path):
    async def handle_event(self, event_type, data):
        await manager.stop()

    manager = PluginManager({"state_dir": str(tmp_path)})
    manager.register(type("Leaving", (Sound,), {"handle_event": handle_event}))

    async def scenario():
        await manager.start()
        await manager.broadcast_event("system_shutdown", {})
        assert manager.get_plugin_status("sound") is PluginStatus.UNLOADED
        assert manager.report("sound").failure is None

    run(scenario)
