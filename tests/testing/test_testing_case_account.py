"""What `PluginTestCase` does after a test: puts plugins away, and says what has gone unnoticed."""

from __future__ import annotations

import asyncio
import threading
import types
import unittest
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus
from aitbc.plugins.testing import PluginTestCase, make_context
from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.testing.loop import DetLoop

log: list[str] = []


class Tidy(BasePlugin):
    name = "tidy"

    def get_metadata(self):
        return PluginMetadata(self.name, "1.0.0", "Tidy", "the tests", "MIT")

    async def initialize(self):
        log.append(f"{self.name} initialize")
        return True

    async def start(self):
        log.append(f"{self.name} start")
        return True

    async def stop(self):
        log.append(f"{self.name} stop")
        return True

    async def cleanup(self):
        log.append(f"{self.name} cleanup")
        return True


class Second(Tidy):
    name = "second"


class Untidy(Tidy):
    name = "untidy"

    async def cleanup(self):
        raise OSError("still locked")


@pytest.fixture(autouse=True)
def _empty_log():
    log.clear()


def outcome(test_class, name="test_it"):
    """Run one test of a class as unittest would."""
    case = type("Case", (test_class, unittest.TestCase), {})
    result = unittest.TestResult()
    case(name).run(result)
    return result


def is_folder(path):
    return Path(path).is_dir()


def complaint(test_class):
    """Return how a test fails, which would have passed but for the account."""
    result = outcome(test_class)
    assert not result.errors
    ((_, text),) = result.failures
    return text.partition("AssertionError: ")[2]


async def activate(case, plugin_class, **named):
    plugin = case.create_plugin(plugin_class, **named)
    await plugin.initialize()
    await plugin.start()
    return plugin


def test_plugins_are_put_away_in_reverse_order_on_the_tests_own_loop():
    class Noting(Tidy):
        async def stop(self):
            assert asyncio.get_running_loop() is self.loop
            return await super().stop()

    class Leaving(PluginTestCase):
        async def test_it(self):
            (await activate(self, Noting)).loop = asyncio.get_running_loop()
            await self.create_plugin(Second).initialize()
            log.clear()

    assert outcome(Leaving).wasSuccessful()
    assert log == ["second cleanup", "tidy stop", "tidy cleanup"]


def test_what_a_test_has_put_away_itself_is_left_alone():
    class Thorough(PluginTestCase):
        async def test_it(self):
            plugin = await activate(self, Tidy)
            await plugin.cleanup()
            log.clear()

    assert outcome(Thorough).wasSuccessful()
    assert log == []


def test_plugins_are_put_away_after_a_failing_test_too():
    class Failing(PluginTestCase):
        async def test_it(self):
            await activate(self, Tidy)
            raise RuntimeError

    assert outcome(Failing).errors
    assert log[-2:] == ["tidy stop", "tidy cleanup"]


def test_plugins_are_put_away_after_a_test_that_is_skipped_half_way():
    class Skipping(PluginTestCase):
        async def test_it(self):
            await activate(self, Tidy)
            raise unittest.SkipTest("half way")

    assert outcome(Skipping).skipped
    assert log[-2:] == ["tidy stop", "tidy cleanup"]


def test_a_test_that_passed_fails_for_every_plugin_that_cannot_be_put_away():
    class Leaving(PluginTestCase):
        async def test_it(self):
            await self.create_plugin(Untidy).initialize()
            await self.create_plugin(Tidy).initialize()
            await self.create_plugin(Untidy).initialize()

    text = complaint(Leaving)
    assert text.count("after the test: [AITBC-L04] plugin 'untidy' in cleanup(): OSError") == 2
    assert 'raise OSError("still locked")' in text
    assert log[-1] == "tidy cleanup"


def test_a_failing_test_is_told_before_what_could_not_be_put_away():
    class Failing(PluginTestCase):
        async def test_it(self):
            await self.create_plugin(Untidy).initialize()
            raise KeyError("the test's own")

    ((_, text),) = outcome(Failing).errors
    assert 'KeyError: "the test\'s own"\nafter the test: [AITBC-L04]' in text


def test_a_stop_that_fails_in_a_cleanup_which_succeeds_is_told():
    class Stopping(Tidy):
        async def stop(self):
            return False

    class Cleaning(PluginTestCase):
        async def test_it(self):
            plugin = await activate(self, Stopping)
            assert await plugin.cleanup() is True

    assert "[AITBC-L03] plugin 'tidy' in stop(): expected True, got False" in complaint(Cleaning)


def test_a_failure_that_a_call_has_told_of_is_not_told_again():
    class Told(PluginTestCase):
        async def test_it(self):
            plugin = self.create_plugin(Untidy)
            await plugin.initialize()
            with pytest.raises(OSError, match="still locked"):
                await plugin.cleanup()

    assert outcome(Told).wasSuccessful()


def test_a_plugin_in_error_is_cleaned_up():
    class Refusing(Tidy):
        async def initialize(self):
            return None

    class Seeing(PluginTestCase):
        async def test_it(self):
            plugin = self.create_plugin(Refusing)
            assert await plugin.initialize() is None
            assert plugin.status is PluginStatus.ERROR

    assert outcome(Seeing).wasSuccessful()
    assert log == ["tidy cleanup"]


class LeavesTask(Tidy):
    async def start(self):
        self.task = asyncio.create_task(self.beat(), name="heart")
        return await super().start()

    async def beat(self):
        await asyncio.sleep(3600)


@pytest.mark.parametrize("by_the_test", [True, False])
def test_a_plugin_that_leaves_a_task_behind_fails_the_test_and_the_task_is_named(by_the_test):
    tasks = []

    class Leaving(PluginTestCase):
        async def test_it(self):
            plugin = await activate(self, LeavesTask)
            tasks.append(plugin.task)
            if by_the_test:
                await plugin.cleanup()

    expected = (
        "after the test: [AITBC-L10] plugin 'tidy' in cleanup(): left behind: "
        "task heart of LeavesTask.beat() (cancelled).\n"
    )
    assert complaint(Leaving) == expected
    assert tasks[0].cancelled()


def test_a_test_class_may_allow_leftovers():
    class Leaving(PluginTestCase):
        allow_leftovers = True

        async def test_it(self):
            await activate(self, LeavesTask)

    assert outcome(Leaving).wasSuccessful()


def test_a_task_that_is_about_to_end_is_no_leftover():
    class Cancelling(LeavesTask):
        async def stop(self):
            self.task.cancel()
            return await super().stop()

    class Leaving(PluginTestCase):
        async def test_it(self):
            await activate(self, Cancelling)

    assert outcome(Leaving).wasSuccessful()


def test_a_task_of_an_event_handler_is_the_plugins_and_one_of_the_test_is_not():
    class Handling(Tidy):
        async def handle_event(self, event_type, data):
            self.task = asyncio.create_task(asyncio.sleep(3600), name=event_type)

    class Leaving(PluginTestCase):
        async def test_it(self):
            self.own = asyncio.create_task(asyncio.sleep(3600), name="of the test")
            plugin = await activate(self, Handling)
            await self.broadcast("broadcast", {})
            plugin.task.cancel()
            await self.send_event(plugin, "sent", {})

    text = complaint(Leaving)
    assert "left behind: task sent of sleep() (cancelled)" in text
    assert "of the test" not in text
    assert "broadcast" not in text


def test_a_task_of_a_constructor_is_a_leftover_though_the_plugin_was_never_loaded():
    class Eager(Tidy):
        def __init__(self, context):
            super().__init__(context)
            self.task = asyncio.create_task(asyncio.sleep(3600), name="too early")

    class Making(PluginTestCase):
        async def test_it(self):
            self.create_plugin(Eager)

    assert "plugin 'tidy': left behind: task too early" in complaint(Making)


def test_a_thread_that_outlives_the_plugin_is_a_leftover_and_one_of_the_test_is_not():
    enough = threading.Event()

    class Threading(Tidy):
        async def start(self):
            threading.Thread(target=enough.wait, name="of the plugin").start()
            return True

    def wait():
        enough.wait()

    class Leaving(PluginTestCase):
        async def test_it(self):
            plugin = await activate(self, Threading)
            threading.Thread(target=wait, name="of the test").start()
            assert plugin.status is PluginStatus.ACTIVE

    try:
        text = complaint(Leaving)
    finally:
        enough.set()
    assert "left behind: thread of the plugin (goes on)." in text
    assert "of the test" not in text


def test_a_task_that_ignores_its_cancellation_ends_the_test_all_the_same():
    class Stubborn(PluginTestCase):
        loop_factory = DetLoop

        async def test_it(self):
            async def go_on():
                while not enough:
                    try:
                        await asyncio.Event().wait()
                    except asyncio.CancelledError:
                        continue

            task = asyncio.create_task(go_on(), name="stubborn")
            await asyncio.sleep(0)
            assert not task.done()

    enough: list[bool] = []
    assert complaint(Stubborn) == "after the test: task stubborn ignores its cancellation.\n"


def test_a_thread_of_the_executor_that_goes_on_ends_the_test_all_the_same():
    enough = threading.Event()

    class Working(PluginTestCase):
        loop_factory = DetLoop

        async def test_it(self):
            self.task = asyncio.create_task(asyncio.to_thread(enough.wait))
            await asyncio.sleep(0)

    try:
        assert complaint(Working) == "after the test: a thread of asyncio.to_thread() goes on.\n"
    finally:
        enough.set()


def test_what_a_handler_of_a_published_event_raises_fails_the_test():
    class Handling(Tidy):
        async def handle_event(self, event_type, data):
            raise ValueError("as asked")

    class Publishing(PluginTestCase):
        async def test_it(self):
            await activate(self, Handling)
            other = await activate(self, Second)
            await other.context.event_bus.publish("a.b", {})
            await other.context.event_bus.settle()

    text = complaint(Publishing)
    assert (
        "after the test: plugin 'tidy' failed to handle event 'a.b': ValueError: as asked" in text
    )
    assert 'raise ValueError("as asked")' in text


class Asking(Tidy):
    async def start(self):
        try:
            await self.context.api_client.get("/height", timeout=3)
        except AssertionError:
            log.append("hushed up")
        return True


def test_a_request_without_an_answer_fails_the_test_though_the_plugin_hushed_it_up():
    class Careless(PluginTestCase):
        async def test_it(self):
            await activate(self, Asking)

    expected = "after the test: no answer was scripted for GET /height (timeout=3).\n"
    assert complaint(Careless) == expected
    assert "hushed up" in log


def test_a_context_that_the_test_has_made_elsewhere_is_looked_at_too_and_not_closed():
    with make_context() as context:

        class Own(PluginTestCase):
            async def test_it(self):
                await activate(self, Asking, context=context)

        assert "GET /height" in complaint(Own)
        assert Path(context.data_dir).is_dir()


def test_the_directories_of_a_test_go_with_it():
    folders = []

    class Keeping(PluginTestCase):
        def test_it(self):
            folders.append(Path(self.make_context().data_dir))
            folders.append(Path(self.create_plugin(Tidy).context.temp_dir))
            assert [folder.is_dir() for folder in folders] == [True, True]

    assert outcome(Keeping).wasSuccessful()
    assert [folder.parent.exists() for folder in folders] == [False, False]


def test_each_example_is_a_test_of_its_own_and_what_was_made_before_stays():
    seen = []

    class Examples(PluginTestCase):
        def setUp(self):
            self.shared = self.create_plugin(Tidy)

        @settings(max_examples=3, database=None, derandomize=True, phases=[Phase.generate])
        @given(number=st.integers())
        async def test_it(self, number):
            seen.append(is_folder(self.shared.context.data_dir))
            assert await self.shared.initialize() is True
            seen.append(self.make_context().data_dir)
            await activate(self, Second)

    assert outcome(Examples).wasSuccessful()
    assert seen[::2] == [True] * 3
    assert [Path(folder).exists() for folder in seen[1::2]] == [False] * 3
    one = ["tidy initialize", "second initialize", "second start", "second stop"]
    assert log == [*one, "second cleanup", "tidy cleanup"] * 3


def test_what_an_example_has_made_is_forgotten_after_it():
    made = []

    class Examples(PluginTestCase):
        @settings(max_examples=2, database=None, derandomize=True, phases=[Phase.generate])
        @given(number=st.integers())
        async def test_it(self, number):
            made.append(self.create_plugin(Tidy))
            assert await self.send_event(made[-1], "a", {}) is False
            if len(made) > 1:
                with pytest.raises(LookupError, match="was not made by create_plugin"):
                    await self.send_event(made[0], "a", {})

    assert outcome(Examples).wasSuccessful()
    assert len(made) == 2


class Elsewhere(PluginTestCase):
    """Its tests are left to another runner, which is `asyncio.run` here."""

    pytestmark = types.SimpleNamespace(name="asyncio")

    async def asyncSetUp(self):
        log.append("asyncSetUp")

    async def asyncTearDown(self):
        log.append("asyncTearDown")

    async def test_passing(self):
        await activate(self, Untidy)

    async def test_failing(self):
        await activate(self, Untidy)
        raise KeyError("the test's own")

    async def test_calling_another(self):
        await self.test_calling_none()
        log.append("test")

    async def test_calling_none(self):
        log.append("called")


def test_the_account_of_a_test_that_another_runner_runs_is_the_same():
    with pytest.raises(AssertionError, match=r"^after the test: \[AITBC-L04\] plugin 'untidy'"):
        asyncio.run(Elsewhere().test_passing())
    around = ["asyncSetUp", "untidy initialize", "untidy start", "asyncTearDown", "untidy stop"]
    assert log == around
    with pytest.raises(KeyError) as failed:
        asyncio.run(Elsewhere().test_failing())
    (note,) = failed.value.__notes__
    assert note.startswith("after the test: [AITBC-L04] plugin 'untidy' in cleanup(): OSError")
    assert log == around * 2


def test_a_test_inside_another_is_surrounded_by_nothing_of_its_own():
    asyncio.run(Elsewhere().test_calling_another())
    assert log == ["asyncSetUp", "called", "test", "asyncTearDown"]


def test_a_method_after_the_cleanup_is_refused_and_a_second_life_may_begin():
    class Again(PluginTestCase):
        async def test_it(self):
            plugin = await activate(self, Tidy)
            await plugin.cleanup()
            with pytest.raises(LifecycleError, match="cannot start in status UNLOADED"):
                await plugin.start()
            assert await plugin.initialize() is True
            assert await plugin.start() is True
            plugin.context.event_bus.subscribe("a", print)

    assert outcome(Again).wasSuccessful()
    assert log == ["tidy initialize", "tidy start", "tidy stop", "tidy cleanup"] * 2
