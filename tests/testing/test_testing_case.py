"""`PluginTestCase`, by running the kinds of test that authors write."""

from __future__ import annotations

import asyncio
import os
import types
import unittest
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus
from aitbc.plugins.testing import PluginTestCase
from aitbc_hooks.errors import LifecycleError


class Counter(BasePlugin):
    log: list[str] = []  # noqa: RUF012 - one log for all instances, reset by each test

    def get_metadata(self):
        return PluginMetadata("counter", "1.0.0", "Counts", "Dev", "MIT")

    async def initialize(self):
        self.log.append("initialize")
        return self.context.config.get("initialize", True)

    async def start(self):
        self.log.append("start")
        if self.context.config.get("fail"):
            raise ValueError("as asked")
        return True

    async def stop(self):
        self.log.append("stop")
        return True

    async def cleanup(self):
        self.log.append("cleanup")
        return True


@pytest.fixture(autouse=True)
def empty_log():
    Counter.log.clear()


@pytest.fixture
def seven():
    return 7


class Mixin:
    """Tests that know nothing of PluginTestCase."""

    async def test_an_inherited_asynchronous_test_runs(self):
        await asyncio.sleep(0)
        self.ran = True
        assert self.create_plugin(Counter).status is PluginStatus.UNLOADED


class TestAuthorsTests(Mixin, PluginTestCase):
    def test_a_synchronous_test_makes_a_plugin_too(self):
        plugin = self.create_plugin(Counter, {"a": 1})
        assert plugin.context.config == {"a": 1}
        assert os.listdir(plugin.context.data_dir) == []  # noqa: PTH208 - as an author would

    async def test_direct_calls_move_the_status(self):
        plugin = self.create_plugin(Counter)
        seen = []
        for method in (plugin.initialize, plugin.start, plugin.stop, plugin.cleanup):
            assert await method() is True
            seen.append(plugin.status.name)
        assert seen == ["LOADED", "ACTIVE", "INACTIVE", "UNLOADED"]

    async def test_an_illegal_order_is_refused_and_calls_nothing(self):
        plugin = self.create_plugin(Counter)
        with pytest.raises(LifecycleError, match=r"cannot start in status UNLOADED.*load"):
            await plugin.start()
        assert Counter.log == []

    async def test_what_a_method_returns_is_passed_on(self):
        plugin = self.create_plugin(Counter, {"initialize": 1})
        assert await plugin.initialize() == 1
        assert plugin.status is PluginStatus.ERROR

    async def test_what_a_method_raises_is_passed_on(self):
        plugin = self.create_plugin(Counter, {"fail": True})
        await plugin.initialize()
        with pytest.raises(ValueError, match="as asked"):
            await plugin.start()
        assert plugin.status is PluginStatus.ERROR

    async def test_health_tells_the_truth(self):
        plugin = self.create_plugin(Counter)
        await plugin.initialize()
        assert (await plugin.health_check())["uptime"] is None
        await plugin.start()
        health = await plugin.health_check()
        assert health["status"] == "active"
        assert health["uptime"] >= 0

    async def test_fixtures_are_given(self, seven, tmp_path):
        assert seven == 7
        assert tmp_path.is_dir()

    @pytest.mark.parametrize("number", [1, 2])
    async def test_parametrisation_works(self, number):
        assert number in (1, 2)

    @settings(max_examples=5, database=None, derandomize=True)
    @given(number=st.integers())
    async def test_given_works(self, number):
        await asyncio.sleep(0)
        assert isinstance(number, int)

    async def test_subscriptions_work(self):
        plugin = self.create_plugin(Counter)
        log = []

        async def handle(event_type, data):
            log.append(event_type)

        plugin.context.event_bus.subscribe("a.*", handle)
        await plugin.context.event_bus.publish("a.b", {})
        await asyncio.sleep(0.01)
        assert log == ["a.b"]

    def test_the_class_of_the_plugin_is_untouched(self):
        plugin = self.create_plugin(Counter)
        assert type(plugin) is Counter
        assert Counter.start is vars(Counter)["start"]
        assert "start" in vars(plugin)


def outcome(test_class, name):
    """Run one test of a class as unittest would."""
    case = type("Case", (test_class, unittest.TestCase), {})
    result = unittest.TestResult()
    case(name).run(result)
    return result


def test_a_failing_asynchronous_test_fails():
    class Failing(PluginTestCase):
        async def test_it(self):
            await asyncio.sleep(0)
            assert not True

    (failure,) = outcome(Failing, "test_it").failures
    assert "assert not True" in failure[1]


def test_a_plugin_that_is_left_active_is_stopped_and_cleaned_up_on_the_same_loop():
    class Leaving(PluginTestCase):
        async def test_it(self):
            plugin = self.create_plugin(Counter)
            await plugin.initialize()
            await plugin.start()

    assert outcome(Leaving, "test_it").wasSuccessful()
    assert Counter.log == ["initialize", "start", "stop", "cleanup"]


def test_a_plugin_is_cleaned_up_after_a_failing_test_too():
    class Failing(PluginTestCase):
        async def test_it(self):
            await self.create_plugin(Counter).initialize()
            raise RuntimeError

    assert outcome(Failing, "test_it").errors
    assert Counter.log == ["initialize", "cleanup"]


def test_the_loop_is_of_the_authors_choice():
    made = []

    def factory():
        made.append(asyncio.SelectorEventLoop())
        return made[-1]

    class Chosen(PluginTestCase):
        loop_factory = factory

        async def test_it(self):
            assert asyncio.get_running_loop() is made[-1]

    assert outcome(Chosen, "test_it").wasSuccessful()


def test_a_test_that_is_marked_for_another_runner_is_left_to_it():
    async def test_it(self):
        pass

    test_it.pytestmark = [types.SimpleNamespace(name="anyio")]  # anyio itself is not installed
    marked = type("Marked", (PluginTestCase,), {"test_it": test_it})
    assert marked.test_it is test_it


def test_the_directories_go_with_the_test():
    class Keeping(PluginTestCase):
        def test_it(self):
            folders.append(Path(self.make_context().data_dir))
            assert folders[-1].is_dir()

    folders: list[Path] = []
    outcome(Keeping, "test_it")
    assert not folders[0].exists()


class Untidy(Counter):
    async def cleanup(self):
        raise OSError("still locked")


def test_a_test_that_passed_fails_if_the_plugin_it_left_cannot_be_cleaned_up():
    class Leaving(PluginTestCase):
        async def test_it(self):
            await self.create_plugin(Untidy).initialize()

    (failure,) = outcome(Leaving, "test_it").failures
    assert "after the test: [AITBC-L04]" in failure[1]
    assert "still locked" in failure[1]


def test_a_failing_test_is_told_before_a_failing_cleanup():
    class Failing(PluginTestCase):
        async def test_it(self):
            await self.create_plugin(Untidy).initialize()
            raise KeyError("the test's own")

    result = outcome(Failing, "test_it")
    assert "the test's own" in result.errors[0][1]
    assert not result.failures
