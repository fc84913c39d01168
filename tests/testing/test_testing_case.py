"""`PluginTestCase`, by running the kinds of test that authors write."""

from __future__ import annotations

import asyncio
import functools
import inspect
import os
import sys
import types
import unittest

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus
from aitbc.plugins.testing import PluginTestCase
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.testing.loop import DetLoop


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


class Hanging(Counter):
    async def start(self):
        await asyncio.Event().wait()


class Replacing(Counter):
    async def initialize(self):
        async def start():
            raise AssertionError

        self.start = start
        return await super().initialize()


class TestAuthorsTests(Mixin, PluginTestCase):
    loop_factory = DetLoop  # no test waits for its deadlines

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

    async def test_a_deadline_that_passes_is_raised(self):
        plugin = self.create_plugin(Hanging)
        await plugin.initialize()
        with pytest.raises(TimeoutError, match=r"AITBC-L05.*'counter'.*start.*30 s"):
            await plugin.start()
        assert plugin.status is PluginStatus.ERROR

    async def test_a_method_that_replaces_another_does_not_escape_the_driver(self):
        plugin = self.create_plugin(Replacing)
        await plugin.initialize()
        assert await plugin.start() is True
        assert plugin.status is PluginStatus.ACTIVE
        assert Counter.log == ["initialize", "start"]  # as in a host, which found it first

    def test_the_class_of_the_plugin_is_untouched(self):
        plugin = self.create_plugin(Counter)
        assert type(plugin) is Counter
        assert Counter.start is vars(Counter)["start"]
        assert "start" in vars(plugin)


def outcome(test_class, name="test_it"):
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

    (failure,) = outcome(Failing).failures
    assert "assert not True" in failure[1]


def test_a_function_that_returns_an_awaitable_is_run_to_its_end():
    def decorated(test):
        @functools.wraps(test)
        def run(*args):
            return test(*args)

        return run

    class Failing(PluginTestCase):
        @decorated
        async def test_it(self):
            await asyncio.sleep(0)
            raise KeyError("reached")

    (error,) = outcome(Failing).errors
    assert "reached" in error[1]


def test_a_decorator_around_an_inherited_test_is_not_lost():
    def noted(test):
        @functools.wraps(test)
        def run(*args):
            Counter.log.append("decorated")
            return test(*args)

        return run

    class Base(PluginTestCase):
        async def test_it(self):
            Counter.log.append("test")
            await self.create_plugin(Counter).initialize()

    class Decorated(Base):
        test_it = noted(Base.test_it)

    assert outcome(Decorated).wasSuccessful()
    assert Counter.log == ["decorated", "test", "initialize", "cleanup"]


def test_what_a_synchronous_test_returns_stays_for_the_runner_to_complain_of():
    class Returning(PluginTestCase):
        def test_it(self):
            return 7

    assert Returning().test_it() == 7


def test_the_loop_is_of_the_authors_choice():
    made = []

    def factory():
        made.append(asyncio.SelectorEventLoop())
        return made[-1]

    class Chosen(PluginTestCase):
        loop_factory = factory

        async def test_it(self):
            assert asyncio.get_running_loop() is made[-1]

    assert outcome(Chosen).wasSuccessful()
    assert made[0].is_closed()


def test_one_instance_may_choose_its_loop_too():
    class Choosing(PluginTestCase):
        def setUp(self):
            self.loop_factory = DetLoop

        async def test_it(self):
            assert type(asyncio.get_running_loop()) is DetLoop

    assert outcome(Choosing).wasSuccessful()


def test_on_a_deterministic_loop_time_is_virtual():
    class Waiting(PluginTestCase):
        loop_factory = DetLoop

        async def test_it(self):
            before = asyncio.get_running_loop().time()
            await asyncio.sleep(86400)
            assert asyncio.get_running_loop().time() == before + 86400

    assert outcome(Waiting).wasSuccessful()


def test_on_a_deterministic_loop_a_test_that_waits_for_nothing_fails_and_its_plugin_is_put_away():
    class Stuck(PluginTestCase):
        loop_factory = DetLoop

        async def test_it(self):
            await self.create_plugin(Counter).initialize()
            await asyncio.Event().wait()

    (failure,) = outcome(Stuck).failures
    assert "Deadlock" in failure[1]
    assert Counter.log == ["initialize", "cleanup"]


def test_a_test_leaves_the_current_loop_of_the_thread_alone():
    class Plain(PluginTestCase):
        async def test_it(self):
            await asyncio.sleep(0)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        assert outcome(Plain).wasSuccessful()
        assert asyncio.get_event_loop_policy().get_event_loop() is loop
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def test_a_synchronous_test_makes_no_loop_unless_there_is_something_to_await():
    class Synchronous(PluginTestCase):
        def loop_factory():
            raise AssertionError

        def test_it(self):
            assert self.create_plugin(Counter).status is PluginStatus.UNLOADED

    assert outcome(Synchronous).wasSuccessful()


def test_a_plugin_that_a_synchronous_test_leaves_loaded_is_put_away():
    class Synchronous(PluginTestCase):
        def test_it(self):
            assert asyncio.run(self.create_plugin(Counter).initialize())

    assert outcome(Synchronous).wasSuccessful()
    assert Counter.log == ["initialize", "cleanup"]


def test_an_asynchronous_test_says_so_where_a_loop_runs_already():
    class Plain(PluginTestCase):
        async def test_it(self):
            raise AssertionError

        def test_synchronous(self):
            Counter.log.append("run")

    async def main():
        with pytest.raises(RuntimeError, match="another loop is running"):
            Plain().test_it()
        Plain().test_synchronous()

    asyncio.run(main())
    assert Counter.log == ["run"]


@pytest.mark.parametrize("place", ["function", "class", "base"])
@pytest.mark.parametrize("runner", ["asyncio", "anyio", "trio"])
def test_a_test_that_is_marked_for_another_runner_stays_asynchronous(runner, place):
    mark = [types.SimpleNamespace(name=runner)]  # the runners need not be installed

    async def test_it(self):
        pass

    bases = (PluginTestCase,)
    if place == "function":
        test_it.pytestmark = mark
        marked = type("Marked", bases, {"test_it": test_it})
    else:
        marked = type("Marked", bases, {"test_it": test_it, "pytestmark": mark})
    if place == "base":
        marked = type("Inherits", (marked,), {})
    assert asyncio.iscoroutinefunction(marked.test_it)


def test_a_mark_of_the_module_counts_if_it_stands_above_the_class():
    module = types.ModuleType("marked_module")
    sys.modules[module.__name__] = module
    module.pytestmark = types.SimpleNamespace(name="anyio")
    body = (
        "class Marked(PluginTestCase):\n"
        "    async def test_it(self): ...\n"
        "    def test_synchronous(self): ...\n"
    )
    vars(module)["PluginTestCase"] = PluginTestCase
    try:
        exec(body, vars(module))
    finally:
        del sys.modules[module.__name__]
    assert asyncio.iscoroutinefunction(module.Marked.test_it)
    assert not asyncio.iscoroutinefunction(module.Marked.test_synchronous)


def test_the_source_of_a_test_is_still_found():
    wrapped = inspect.unwrap(TestAuthorsTests.test_direct_calls_move_the_status)
    assert wrapped.__code__.co_filename == __file__


@pytest.mark.parametrize("name", ["setup_method", "tearDown", "setUpClass"])
def test_an_asynchronous_method_that_nobody_would_await_is_refused(name):
    async def method(self):
        pass

    with pytest.raises(TypeError, match=rf"Bad\.{name} is asynchronous.*asyncSetUp"):
        type("Bad", (PluginTestCase,), {name: method})


async def _asynchronous(*_):
    pass


async def _generator(*_):
    yield


@pytest.mark.parametrize(
    "test",
    [
        staticmethod(_asynchronous),
        classmethod(_asynchronous),
        functools.partialmethod(_asynchronous, 1),
        _generator,
    ],
    ids=["static", "class", "partial", "generator"],
)
def test_an_asynchronous_test_that_unittest_would_take_for_passed_is_refused(test):
    with pytest.raises(TypeError, match=r"Bad\.test_it is asynchronous, but no plain method"):
        type("Bad", (PluginTestCase,), {"test_it": test})


def test_what_is_marked_for_another_runner_may_be_of_any_kind():
    mark = types.SimpleNamespace(name="asyncio")

    async def marked():
        pass

    marked.pytestmark = [mark]
    static = staticmethod(marked)
    assert type("Marked", (PluginTestCase,), {"test_it": static}).test_it is marked


def test_a_test_that_yields_stays_for_the_runner_to_complain_of():
    class Yielding(PluginTestCase):
        def test_it(self):
            yield

    assert inspect.isgeneratorfunction(Yielding.test_it)


def test_a_test_that_a_class_has_put_away_stays_away():
    class Mixed(Mixin, PluginTestCase):
        test_an_inherited_asynchronous_test_runs = None

    assert Mixed.test_an_inherited_asynchronous_test_runs is None
