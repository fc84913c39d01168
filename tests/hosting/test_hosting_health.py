"""Health checks: a sick plugin is no sick host, and a change is announced once."""

import asyncio

import pytest
from hosting_plugins import Sound, manager_in, sound

from aitbc_hooks import hookimpl
from aitbc_hooks.hosting import health as health_module


@pytest.fixture(autouse=True)
def _short_grace(monkeypatch):
    monkeypatch.setattr(health_module, "GRACE", 0.02)


def health_of(tmp_path, health_check, times=1, **block):
    async def scenario():
        plugins = {"alpha": {"enabled": True, **block}}
        manager = manager_in(tmp_path, sound(health_check=health_check), plugins=plugins)
        manager.register(sound("beta"))
        async with manager:
            for _ in range(times):
                health = await manager.check_health("alpha")
            return health, manager.report("alpha"), await manager.check_health("beta")

    return asyncio.run(scenario())


def test_the_default_health_tells_the_truth(tmp_path):
    async def scenario():
        manager = manager_in(tmp_path, sound())
        async with manager:
            return await manager.check_health("alpha")

    health = asyncio.run(scenario())
    assert health["status"] == "active"
    assert health["uptime"] >= 0
    assert health["memory_usage"] > 0
    assert health["error_count"] == 0


def bad_checks():
    async def raising(self):
        raise ValueError("sick")

    async def exiting(self):
        raise SystemExit(3)

    async def cancelled(self):
        raise asyncio.CancelledError

    async def timing_out(self):
        raise TimeoutError("of the node")

    async def text(self):
        return "fine"

    def synchronous(self):
        raise ValueError("sick")

    return [
        (raising, "raised ValueError: sick"),
        (exiting, "raised SystemExit: 3"),
        (cancelled, "raised CancelledError"),
        (timing_out, "raised TimeoutError: of the node"),
        (text, "returned 'fine', expected a dict"),
        (synchronous, "raised ValueError: sick"),
    ]


@pytest.mark.parametrize(("health_check", "reason"), bad_checks())
def test_a_check_that_fails_is_the_plugins_health_and_no_other_ones(tmp_path, health_check, reason):
    health, report, other = health_of(tmp_path, health_check)
    assert health["status"] == "error"
    assert reason in health["reason"]
    assert report.error_count >= 1
    assert other["status"] == "active"


def test_a_check_that_hangs_is_ended_at_its_deadline(tmp_path):
    async def health_check(self):
        await asyncio.sleep(60)

    health, _, other = health_of(tmp_path, health_check, timeouts={"health_check": 0.05})
    assert health["reason"] == "health_check() did not end within 0.05 s"
    assert other["status"] == "active"


def test_a_check_that_ignores_its_cancellation_is_abandoned_and_never_called_again(tmp_path):
    calls = []
    release = []

    async def health_check(self):
        calls.append(self)
        release.append(asyncio.Event())
        while not release[-1].is_set():
            try:
                await release[-1].wait()
            except asyncio.CancelledError:
                continue

    async def stop(self):
        for event in release:
            event.set()
        return True

    async def scenario():
        plugins = {"alpha": {"enabled": True, "timeouts": {"health_check": 0.05}}}
        plugin = sound(health_check=health_check, stop=stop)
        manager = manager_in(tmp_path, plugin, plugins=plugins, auto_load=False)
        await manager.load_plugin("alpha")
        await manager.start_plugin("alpha")
        first = await manager.check_health("alpha")
        second = await manager.check_health("alpha")
        await manager.stop()
        return first, second

    first, second = asyncio.run(scenario())
    assert "did not end" in first["reason"]
    assert "abandoned" in second["reason"]
    assert len(calls) == 1


def test_a_host_stops_although_a_check_hangs(tmp_path):
    async def health_check(self):
        await asyncio.sleep(3600)

    async def scenario():
        async with manager_in(tmp_path, sound(health_check=health_check)):
            await asyncio.sleep(0)

    asyncio.run(asyncio.wait_for(scenario(), 20))


def test_a_change_is_announced_once(tmp_path):
    heard = []
    states = ["active", "active", "degraded", "degraded", "active"]

    class Changing(Sound):
        def __init__(self, context):
            super().__init__(context)
            self.own = {}

        async def health_check(self):
            self.own["status"] = states[0]
            return self.own  # the same dict again and again

    class Listening(Sound):
        name = "beta"

        @hookimpl
        async def plugin_health_changed(self, plugin_name, health):
            heard.append((plugin_name, health["status"]))

    async def scenario():
        manager = manager_in(tmp_path, Changing, Listening)
        async with manager:
            while states:
                await manager.check_health("alpha")
                states.pop(0)
                await asyncio.sleep(0.01)
                if not states:
                    break

    asyncio.run(scenario())
    assert heard == [("alpha", "degraded"), ("alpha", "active")]


def test_a_plugin_of_functions_may_wrap_other_plugins_checks(tmp_path):
    class Wrapping:
        @hookimpl(wrapper=True)
        def get_config_schema(self):
            return (yield)

        @hookimpl(wrapper=True)
        async def health_check(self):
            result = yield
            yield result

    async def scenario():
        manager = manager_in(tmp_path)
        manager.register(Wrapping(), "alpha")
        async with manager:
            return await manager.check_health("alpha"), manager.report("alpha")

    health, report = asyncio.run(scenario())
    assert health == {"status": "active"}
    assert report.failure is None


def test_an_unloaded_plugin_has_no_health_of_its_own(tmp_path):
    async def scenario():
        manager = manager_in(tmp_path, sound())
        assert await manager.check_health("alpha") == {"status": "unloaded"}

    asyncio.run(scenario())


def test_a_slow_check_delays_nobody_elses_and_is_not_asked_again_meanwhile(tmp_path):
    asked = {"slow": 0, "quick": 0}

    async def slow(self):
        asked["slow"] += 1
        await asyncio.Event().wait()

    async def quick(self):
        asked["quick"] += 1
        return {"status": "active"}

    async def scenario():
        manager = manager_in(tmp_path, sound("slow", health_check=slow))
        manager.register(sound("quick", health_check=quick))
        manager._health._interval = 0.001
        async with manager, asyncio.timeout(10):
            while asked["quick"] < 3:  # noqa: ASYNC110 - that is the claim: it gets there
                await asyncio.sleep(0.001)

    asyncio.run(scenario())
    assert asked["slow"] == 1
