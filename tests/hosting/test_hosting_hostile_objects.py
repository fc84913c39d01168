"""Plugins whose objects and methods break what every Python object may be expected to keep."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest
from hosting_plugins import Sound, manager_in, sound

from aitbc_hooks import PluginStatus, hookimpl
from aitbc_hooks.hosting import health as health_module
from aitbc_hooks.hosting.health import HealthProbe, UnwellError

# How a loop makes its tasks: as ever, and, from Python 3.12 on, eagerly.
FACTORIES = [None, *filter(None, [getattr(asyncio, "eager_task_factory", None)])]


class Unprintable(Exception):  # noqa: N818 - not only raised, returned too
    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


async def raising(self):
    raise Unprintable


async def returning(self):
    return Unprintable()


def run(scenario):
    async def guarded():
        async with asyncio.timeout(20):
            return await scenario()

    return asyncio.run(guarded())


class Stubborn:
    """A method that ignores its cancellation, until the test has ended in one way or another."""

    def __init__(self):
        self._may_end = asyncio.Event()

    async def __call__(self):
        while not self._may_end.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await self._may_end.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._may_end.set()


async def started(manager, *names):
    for name in names:
        assert await manager.load_plugin(name) is True
        assert await manager.start_plugin(name) is True
    return manager


@pytest.mark.parametrize(
    ("method", "operations"),
    [
        ("initialize", ["load"]),
        ("start", ["load", "start"]),
        ("stop", ["load", "start", "stop"]),
        ("cleanup", ["load", "unload"]),
    ],
)
@pytest.mark.parametrize(("act", "code"), [(raising, "AITBC-L04"), (returning, "AITBC-L03")])
def test_what_cannot_be_printed_is_a_failure_like_any_other(
    tmp_path, method, operations, act, code
):
    async def scenario():
        manager = manager_in(tmp_path, sound(**{method: act}))
        outcomes = [await getattr(manager, f"{each}_plugin")("alpha") for each in operations]
        report = manager.report("alpha")
        assert outcomes == [*[True] * (len(operations) - 1), False]
        assert report.status.name == ("UNLOADED" if method == "cleanup" else "ERROR")
        assert (report.failure.method, report.failure.code) == (method, code)
        assert "Unprintable" in report.failure.message
        await manager.unload_plugin("alpha")
        assert manager.get_plugin_status("alpha") is PluginStatus.UNLOADED

    run(scenario)


@pytest.mark.parametrize("act", [raising, returning])
def test_a_health_check_that_gives_what_cannot_be_printed_is_bad_health(tmp_path, act):
    async def scenario():
        manager = await started(manager_in(tmp_path, sound(health_check=act)), "alpha")
        health = await manager.check_health("alpha")
        await manager.stop()
        return health

    health = run(scenario)
    assert health["status"] == "error"
    assert "Unprintable" in health["reason"]


class Unreadable:
    """Has no attribute but its own, and does not say so as Python expects it, once it is armed."""

    def __init__(self, *, armed):
        self.armed = armed
        self.heard = []

    def __getattr__(self, name):
        raise (KeyError if self.armed else AttributeError)(name)

    @hookimpl
    async def handle_event(self, event_type, data):
        self.armed = True
        self.heard.append(event_type)
        raise ValueError(event_type)


@pytest.mark.parametrize("armed", [True, False])
def test_a_plugin_whose_attributes_cannot_be_asked_for_lives_and_hears_every_event(tmp_path, armed):
    async def scenario():
        manager, plugin = manager_in(tmp_path), Unreadable(armed=armed)
        manager.register(plugin, "alpha")
        await started(manager, "alpha")
        await asyncio.gather(*(manager.broadcast_event(event_type, {}) for event_type in "ab"))
        assert plugin.heard == ["a", "b"]
        assert manager.report("alpha").error_count == 2
        await manager.stop()

    run(scenario)


def is_folder(path):
    return Path(path).is_dir()


def test_an_instance_under_a_second_name_is_refused_and_keeps_its_context(tmp_path):
    async def scenario():
        manager, plugin = manager_in(tmp_path), sound()(None)
        manager.register(plugin, "alpha")
        manager.register(plugin, "beta")
        await started(manager, "alpha")
        context = plugin.context
        assert await manager.load_plugin("beta") is False
        assert manager.report("beta").failure.code == "AITBC-P07"
        assert plugin.context is context
        assert is_folder(context.temp_dir)
        assert plugin.status is manager.get_plugin_status("alpha") is PluginStatus.ACTIVE
        await manager.stop()

    run(scenario)


def test_a_health_check_that_was_abandoned_stays_so_when_an_earlier_one_ends_well(monkeypatch):
    monkeypatch.setattr(health_module, "GRACE", 0.01)

    async def scenario():
        entered, may_end = asyncio.Event(), asyncio.Event()

        async def patient():
            entered.set()
            await may_end.wait()
            return {"status": "active"}

        with Stubborn() as stubborn:
            checks = iter([patient, stubborn, patient])

            def health_check():
                return next(checks)()

            probe = HealthProbe(health_check, None, name="alpha", deadline=15)
            first = asyncio.create_task(probe.ask())
            await entered.wait()
            probe._deadline = 0.01
            with pytest.raises(UnwellError, match="did not end"):
                await probe.ask()
            may_end.set()
            assert await first == {"status": "active"}
            with pytest.raises(UnwellError, match="abandoned"):
                await probe.ask()

    run(scenario)


class Ear(Sound):
    """Hears of transitions, and waits in the first one of another plugin until it may fail."""

    name = "ear"

    def __init__(self, context):
        super().__init__(context)
        self.heard = []
        self.may_fail = asyncio.Event()

    @hookimpl
    async def plugin_transitioned(self, plugin_name, old, new):
        if plugin_name == self.name:
            return
        self.heard.append(new.name)
        if len(self.heard) == 1:
            await self.may_fail.wait()
            raise asyncio.CancelledError


def test_a_cancellation_of_a_hooks_own_does_not_lose_later_announcements(tmp_path):
    async def scenario():
        manager = await started(manager_in(tmp_path, Ear, sound()), "ear")
        ear = manager.plugins["ear"]
        await manager.load_plugin("alpha")
        ear.may_fail.set()
        await manager._announcer.settle(20)
        heard = list(ear.heard)
        await manager.stop()
        return heard

    assert run(scenario) == ["LOADING", "LOADED"]


@pytest.mark.parametrize("factory", FACTORIES)
def test_an_announcement_is_made_after_the_fact_whatever_factory_makes_the_tasks(tmp_path, factory):
    class Hearing(Sound):
        name = "ear"
        heard = []  # noqa: RUF012 - this test's own class

        @hookimpl
        async def host_started(self, plugin_names):
            self.heard.append(plugin_names)

    async def scenario():
        asyncio.get_running_loop().set_task_factory(factory)
        manager = await started(manager_in(tmp_path, Hearing), "ear")
        for number in "12":
            manager._announcer.tell("host_started", plugin_names=[number])
        assert Hearing.heard == []
        await manager._announcer.settle(20)
        await manager.stop()

    run(scenario)
    assert Hearing.heard == [["1"], ["2"]]


def test_the_handlers_of_a_plugin_that_is_called_no_more_are_ended_at_its_unloading(tmp_path):
    async def scenario():
        handling, ended = asyncio.Event(), []

        async def handle_event(self, event_type, data):
            handling.set()
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(event_type)

        with Stubborn() as stubborn:

            async def stop(self):
                await stubborn()

            made = sound(handle_event=handle_event, stop=stop)
            plugins = {"alpha": {"enabled": True, "timeouts": {"stop": 0.01}}}
            manager = await started(manager_in(tmp_path, made, plugins=plugins), "alpha")
            manager._known.get("alpha").lifecycle._grace = 0.01
            await manager.events.publish("wait", {})
            await handling.wait()
            assert await manager.unload_plugin("alpha") is False
            assert manager.report("alpha").failure.code == "AITBC-L06"
            assert ended == ["wait"]

    run(scenario)
