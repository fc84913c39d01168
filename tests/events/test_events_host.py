"""Events in a whole host: what is configured, what health says, how a host stops."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import types

import pytest
from sound_plugin import Sound

from aitbc_hooks import PluginManager, hookimpl
from aitbc_hooks.events import EventStatistics


def made(name="sound", **methods):
    return type("Made", (Sound,), {"name": name, **methods})


async def failing(self, event_type, data):
    if data.get("fails", True):
        raise ValueError(event_type)


def in_host(tmp_path, scenario, *plugins, **config):
    """Run a scenario in a started host."""

    async def main():
        manager = PluginManager({"state_dir": str(tmp_path), **config})
        for plugin in plugins:
            manager.register(plugin)
        async with asyncio.timeout(20), manager:
            await scenario(manager)
        return manager

    return asyncio.run(main())


class Ear:
    """Hears what the host says of plugins' health."""

    def __init__(self):
        self.heard = []

    @hookimpl
    def plugin_health_changed(self, plugin_name, health):
        self.heard.append((plugin_name, health["status"]))


def test_a_plugin_that_keeps_failing_is_degraded_until_a_trial_succeeds(tmp_path):
    ear = Ear()

    async def scenario(manager):
        manager.hooks.register(ear, "ear")
        for _ in range(3):
            await manager.broadcast_event("a", {})
        health = await manager.check_health("sound")
        assert health["status"] == "degraded"
        assert "its events pause: 2 failed within 9 s" in health["reason"]
        report = manager.report("sound")
        assert report.health == health
        assert report.events == EventStatistics(failed=2, paused=1)
        await asyncio.sleep(0.002)
        await manager.broadcast_event("a", {"fails": False})
        assert (await manager.check_health("sound"))["status"] == "active"
        assert manager.report("sound").events == EventStatistics(handled=1, failed=2, paused=1)
        await asyncio.sleep(0.01)

    in_host(
        tmp_path,
        scenario,
        made(handle_event=failing),
        events={"max_failures": 2, "failure_window": 60},
        plugins={"sound": {"enabled": True, "events": {"failure_window": 9, "retry_after": 0.001}}},
    )
    assert ear.heard == [("sound", "degraded"), ("sound", "active")]


def test_a_degraded_plugin_keeps_what_it_says_of_itself(tmp_path):
    async def health_check(self):
        return {"status": "active", "reason": "tired", "peers": 3}

    async def scenario(manager):
        await manager.broadcast_event("a", {})
        health = await manager.check_health("sound")
        assert health["peers"] == 3
        assert health["status"] == "degraded"
        assert health["reason"].startswith("tired; its events pause")

    plugin = made(handle_event=failing, health_check=health_check)
    in_host(tmp_path, scenario, plugin, events={"max_failures": 1})


def test_a_fresh_instance_begins_without_its_predecessors_failures(tmp_path):
    async def scenario(manager):
        await manager.broadcast_event("a", {})
        await manager.reload_plugin("sound")
        assert (await manager.check_health("sound"))["status"] == "active"
        assert manager.report("sound").events == EventStatistics()
        await manager.unload_plugin("sound")
        assert manager.report("sound").events == EventStatistics()

    in_host(tmp_path, scenario, made(handle_event=failing), events={"max_failures": 1})


def test_an_abandoned_handler_shows_in_the_plugins_health(tmp_path, monkeypatch):
    monkeypatch.setattr("aitbc_hooks.events.standby.GRACE", 0.001)
    release = asyncio.Event()

    async def deaf(self, event_type, data):
        while not release.is_set():
            try:
                await release.wait()
            except asyncio.CancelledError:
                continue

    async def scenario(manager):
        await manager.broadcast_event("a", {})
        health = manager.report("sound").health
        assert health["status"] == "degraded"
        assert health["reason"] == "its handler of '#' was abandoned"
        release.set()
        await asyncio.sleep(0)

    block = {"enabled": True, "timeouts": {"handle_event": 0.001}}
    in_host(tmp_path, scenario, made(handle_event=deaf), plugins={"sound": block})


def test_a_mailboxs_bound_and_policy_are_configured(tmp_path):
    log = []

    async def handle_event(self, event_type, data):
        await asyncio.sleep(0)
        log.append((self.name, event_type))

    async def scenario(manager):
        for event_type in "abcd":
            await manager.events.publish(event_type, {})

    in_host(
        tmp_path,
        scenario,
        made("one", handle_event=handle_event),
        made("two", handle_event=handle_event),
        events={"mailbox": 2, "when_full": "drop_oldest"},
        plugins={"two": {"enabled": True, "events": {"mailbox": 3}}},
    )
    assert [event_type for name, event_type in log if name == "one"] == ["c", "d"]
    assert [event_type for name, event_type in log if name == "two"] == ["b", "c", "d"]


def test_a_stopping_host_lets_waiting_events_be_handled(tmp_path, caplog):
    log = []

    async def handle_event(self, event_type, data):
        await asyncio.sleep(0.001)
        log.append(event_type)

    async def scenario(manager):
        for event_type in "abc":
            await manager.events.publish(event_type, {})

    in_host(tmp_path, scenario, made(handle_event=handle_event))
    assert log == ["a", "b", "c"]
    assert not [record for record in caplog.records if record.levelno >= logging.WARNING]


def test_what_a_stopping_host_has_no_time_for_is_counted_and_logged(tmp_path, caplog):
    async def handle_event(self, event_type, data):
        await asyncio.Event().wait()

    async def scenario(manager):
        for event_type in "abc":
            await manager.events.publish(event_type, {})

    in_host(tmp_path, scenario, made(handle_event=handle_event), events={"drain": 0.001})
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.getMessage() == "3 events were not handled within 0.001 s and are lost"


def test_a_host_that_has_stopped_leaves_no_task(tmp_path):
    async def main():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(made(handle_event=failing))
        async with manager:
            await manager.broadcast_event("a", {})
            await manager.events.publish("b", {})
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


@pytest.mark.parametrize("parameters", ["event_type, data", "data", "event_type", "", "data, event_type"])  # fmt: skip
def test_a_handler_gets_the_arguments_that_it_names(tmp_path, parameters):
    names = [name.strip() for name in parameters.split(",") if name]
    code = f"async def handle_event({parameters}): log.append(({''.join(f'{n}, ' for n in names)}))"
    module = types.ModuleType("functions")
    module.log = []
    exec(code, vars(module))
    module.handle_event = hookimpl(module.handle_event)

    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(module, "functions")
        async with manager:
            await manager.broadcast_event("a", {"n": 1})

    asyncio.run(scenario())
    values = {"event_type": "a", "data": {"n": 1}}
    assert module.log == [tuple(values[name] for name in names)]


def test_unloading_ends_every_handler_of_the_plugin_but_the_one_that_asks(tmp_path):
    log = []

    class Two(Sound):
        async def initialize(self):
            self.context.event_bus.subscribe("go", self.slow)
            self.context.event_bus.subscribe("go", self.unload)
            return True

        async def cleanup(self):
            log.append("cleanup")
            return True

        async def slow(self, event_type, data):
            try:
                await asyncio.sleep(10)
            finally:
                log.append("slow has ended")

        async def unload(self, event_type, data):
            await asyncio.sleep(0.01)
            assert await data["manager"].unload_plugin("sound") is True
            log.append("unload goes on")

    async def scenario(manager):
        await manager.broadcast_event("go", {"manager": manager})

    in_host(tmp_path, scenario, Two)
    assert log == ["slow has ended", "cleanup", "unload goes on"]


def test_a_plugin_that_is_restarted_is_well_again_at_once(tmp_path):
    ear = Ear()

    async def scenario(manager):
        manager.hooks.register(ear, "ear")
        await manager.check_health("sound")
        await manager.broadcast_event("a", {})
        assert manager.report("sound").health["status"] == "degraded"
        await manager.stop_plugin("sound")
        assert "pause" not in (await manager.check_health("sound")).get("reason", "")
        await manager.start_plugin("sound")
        assert manager.report("sound").health["status"] != "degraded"

    in_host(tmp_path, scenario, made(handle_event=failing), events={"max_failures": 1})


def test_a_host_can_be_started_again_after_its_loop_has_ended_without_a_stop(tmp_path):
    manager = PluginManager({"state_dir": str(tmp_path)})
    manager.register(made())

    asyncio.run(manager.start())

    async def again():
        with contextlib.suppress(RuntimeError):
            await manager.stop()
        await manager.start()
        assert manager.report("sound").status.name == "ACTIVE"
        await manager.stop()

    asyncio.run(again())
