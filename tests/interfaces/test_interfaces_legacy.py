from __future__ import annotations

import asyncio
import threading
import warnings

import pytest

from aitbc.plugins import LegacyPluginAdapter, PluginMetadata, PluginStatus
from aitbc_hooks.errors import MetadataError, PluginError

CARD = PluginMetadata("mailer", "1.0.0", "Sends mail", "AITBC Team", "MIT")


class Mailer:
    def __init__(self):
        self.calls = []
        self.threads = set()

    def setup(self):
        self.calls.append("setup")
        self.threads.add(threading.current_thread())

    async def run(self):
        self.calls.append("run")

    def stop(self):
        self.calls.append("stop")
        return False

    def take(self, event_type, data):
        self.calls.append((event_type, data))


def adapt(legacy, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return LegacyPluginAdapter(legacy, **{"metadata": CARD, **options})


def test_methods_are_mapped_by_name_and_those_of_the_interface_by_their_own():
    mailer = Mailer()
    plugin = adapt(mailer, methods={"initialize": "setup", "start": "run", "handle_event": "take"})

    async def live():
        assert await plugin.initialize() is True
        assert await plugin.start() is True
        await plugin.handle_event("mail", {"n": 1})
        assert await plugin.stop() is False
        assert await plugin.cleanup() is True

    asyncio.run(live())
    assert mailer.calls == ["setup", "run", ("mail", {"n": 1}), "stop"]


def test_a_synchronous_method_runs_in_a_thread_of_its_own():
    mailer = Mailer()
    asyncio.run(adapt(mailer, methods={"initialize": "setup"}).initialize())
    assert threading.main_thread() not in mailer.threads


def test_a_function_may_stand_for_a_method():
    mailer = Mailer()
    plugin = adapt(mailer, methods={"start": lambda legacy: legacy.calls.append("by hand")})
    assert asyncio.run(plugin.start()) is True
    assert mailer.calls == ["by hand"]


@pytest.mark.parametrize("error", [ValueError("bad"), SystemExit(2), StopIteration()])
def test_what_a_method_raises_in_its_thread_is_raised_to_the_caller(error):
    def fail(legacy):
        raise error

    expected = RuntimeError if isinstance(error, StopIteration) else type(error)

    async def call():
        with pytest.raises(expected):
            await adapt(Mailer(), methods={"start": fail}).start()

    asyncio.run(call())


def test_a_cancelled_call_ends_only_when_its_thread_has():
    log = []
    entered, release = threading.Event(), threading.Event()

    def slow(legacy):
        entered.set()
        release.wait()
        log.append("thread ended")

    async def call():
        task = asyncio.create_task(adapt(Mailer(), methods={"start": slow}).start())
        while not entered.is_set():  # noqa: ASYNC110 - a thread sets it
            await asyncio.sleep(0.001)
        task.cancel()
        await asyncio.sleep(0)
        assert not task.done()
        release.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert log == ["thread ended"]

    asyncio.run(call())


def test_health_is_the_default_with_the_legacy_objects_own_under_it():
    class Healthy:
        def ping(self):
            return {"queue": 3}

    plugin = adapt(Healthy(), methods={"health_check": "ping"})
    health = asyncio.run(plugin.health_check())
    assert health == {
        "status": "unloaded",
        "uptime": None,
        "memory_usage": 0,
        "error_count": 0,
        "queue": 3,
    }
    by_bool = adapt(Healthy(), methods={"health_check": lambda _: False})
    assert asyncio.run(by_bool.health_check())["healthy"] is False
    assert "healthy" not in asyncio.run(adapt(Mailer()).health_check())


def test_metadata_comes_from_the_argument_or_the_object():
    class Known:
        metadata = CARD

    class Asked:
        def get_metadata(self):
            return CARD

    for legacy in (Known(), Asked()):
        assert adapt(legacy, metadata=None).get_metadata() is CARD
    with pytest.raises(MetadataError, match="Mailer says nothing") as caught:
        adapt(Mailer(), metadata=None)
    assert "metadata=PluginMetadata" in str(caught.value)


@pytest.mark.parametrize(
    ("methods", "words"),
    [
        ({"begin": "setup"}, "'begin' is no method"),
        ({"start": "missing"}, "has no method 'missing'"),
    ],
)
def test_a_mapping_that_names_what_does_not_exist_is_refused(methods, words):
    with pytest.raises(PluginError, match=words) as caught:
        adapt(Mailer(), methods=methods)
    assert caught.value.plugin == "mailer"


def test_the_deprecation_names_the_plugin_and_the_replacement():
    with pytest.warns(DeprecationWarning, match=r"'mailer' \(Mailer\).*BasePlugin.*@hookimpl"):
        LegacyPluginAdapter(Mailer(), metadata=CARD)


def test_an_adapter_waits_for_the_host_to_give_it_a_context():
    plugin = adapt(Mailer())
    assert plugin.context is None
    assert plugin.status is PluginStatus.UNLOADED


def test_the_configuration_schema_is_the_legacy_objects_or_empty():
    class Strict:
        def get_config_schema(self):
            return {"type": "object"}

    assert adapt(Strict()).get_config_schema() == {"type": "object"}
    assert adapt(Mailer()).get_config_schema() == {}
