"""`PluginTestCase` run by unittest, with no pytest in sight."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import unittest
from pathlib import Path

import pytest

from aitbc.plugins import BasePlugin, PluginMetadata, PluginStatus
from aitbc.plugins.testing import PluginTestCase
from aitbc_hooks.testing.loop import DetLoop

log: list[object] = []


class Plugin(BasePlugin):
    def get_metadata(self):
        return PluginMetadata("plugin", "1.0.0", "A plugin", "the tests", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        log.append("stop")
        return True

    async def cleanup(self):
        log.append("cleanup")
        return True


@pytest.fixture(autouse=True)
def _empty_log():
    log.clear()


def run(test_class):
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(test_class).run(result)
    return result


PROGRAM = """
import unittest
from aitbc.plugins import BasePlugin, PluginMetadata
from aitbc.plugins.testing import PluginTestCase

class Plugin(BasePlugin):
    def get_metadata(self): return PluginMetadata("plugin", "1.0.0", "d", "a", "MIT")
    async def initialize(self): return True
    async def start(self): return True
    async def stop(self): return True
    async def cleanup(self): return True

class Tests:
    def setUp(self):
        self.plugin = self.create_plugin(Plugin)
    async def test_asynchronous(self):
        self.assertTrue(await self.plugin.initialize())
        self.assertFalse(BROKEN)
    def test_synchronous(self):
        self.assertEqual(self.plugin.metadata.name, "plugin")
        self.assertFalse(BROKEN)

class First(Tests, PluginTestCase, unittest.TestCase): pass
class Last(Tests, unittest.TestCase, PluginTestCase): pass
class Isolated(Tests, PluginTestCase, unittest.IsolatedAsyncioTestCase): pass
class IsolatedLast(Tests, unittest.IsolatedAsyncioTestCase, PluginTestCase): pass
"""


@pytest.mark.parametrize(("broken", "summary"), [(False, "OK"), (True, r"FAILED \(failures=8\)")])
def test_python_m_unittest_runs_every_test_once_in_either_order_of_bases(broken, summary, tmp_path):
    (tmp_path / "test_program.py").write_text(f"BROKEN = {broken}\n{PROGRAM}")
    without_pytest = tmp_path / "pytest.py"  # and unittest alone is enough
    without_pytest.write_text("raise ImportError('there is no pytest here')")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "unittest"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert re.search(rf"^Ran 8 tests in .*\n\n{summary}$", done.stderr, re.MULTILINE), done.stderr
    assert done.returncode == int(broken)


class Orders:
    """Mixed into both orders of the bases."""

    def setUp(self):
        log.append("setUp")
        self.plugin = self.create_plugin(Plugin)

    async def asyncSetUp(self):
        log.append("asyncSetUp")
        await self.plugin.initialize()
        self.loop = asyncio.get_running_loop()

    async def test_it(self):
        log.append("test")
        assert asyncio.get_running_loop() is self.loop
        await self.plugin.start()

    async def asyncTearDown(self):
        assert asyncio.get_running_loop() is self.loop
        log.append("asyncTearDown")

    def tearDown(self):
        log.append(("tearDown", self.plugin.status))


FIRST = (Orders, PluginTestCase, unittest.TestCase)
LAST = (Orders, unittest.TestCase, PluginTestCase)
AROUND = ["setUp", "asyncSetUp", "test", "asyncTearDown"]


@pytest.mark.parametrize("bases", [FIRST, LAST], ids=["first", "last"])
def test_what_surrounds_a_test_runs_in_order_and_on_its_loop(bases):
    assert run(type("Ordered", bases, {})).wasSuccessful()
    assert log == [*AROUND, "stop", "cleanup", ("tearDown", PluginStatus.UNLOADED)]


ISOLATED_FIRST = (Orders, PluginTestCase, unittest.IsolatedAsyncioTestCase)
ISOLATED_LAST = (Orders, unittest.IsolatedAsyncioTestCase, PluginTestCase)


@pytest.mark.parametrize("bases", [ISOLATED_FIRST, ISOLATED_LAST], ids=["first", "last"])
def test_an_isolated_test_case_runs_its_tests_itself_and_plugins_are_put_away_at_the_end(bases):
    assert run(type("Ordered", bases, {})).wasSuccessful()
    assert log == [*AROUND, ("tearDown", PluginStatus.ACTIVE), "stop", "cleanup"]


def test_an_isolated_test_case_may_take_its_plugin_down_itself():
    class Thorough(PluginTestCase, unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            self.plugin = self.create_plugin(Plugin)
            await self.plugin.initialize()
            await self.plugin.start()

        async def asyncTearDown(self):
            await self.plugin.stop()
            await self.plugin.cleanup()

        async def test_asynchronous(self):
            assert self.plugin.status is PluginStatus.ACTIVE

        def test_synchronous(self):
            assert self.plugin.status is PluginStatus.ACTIVE

    result = run(Thorough)
    assert (result.wasSuccessful(), result.testsRun) == (True, 2), result.errors
    assert log == ["stop", "cleanup"] * 2


def test_the_directories_of_an_isolated_test_case_go_with_it():
    class Making(PluginTestCase, unittest.IsolatedAsyncioTestCase):
        async def asyncSetUp(self):
            log.append(self.make_context().data_dir)

        async def test_it(self):
            assert self.make_context().data_dir != log[0]

    assert run(Making).wasSuccessful()
    assert not Path(log[0]).exists()


def test_an_isolated_test_case_fails_for_a_plugin_that_cannot_be_put_away():
    class Untidy(Plugin):
        async def cleanup(self):
            return False

    class Leaving(PluginTestCase, unittest.IsolatedAsyncioTestCase):
        async def test_it(self):
            await self.create_plugin(Untidy).initialize()

    ((_, text),) = run(Leaving).failures
    assert "after the test: [AITBC-L03] plugin 'plugin' in cleanup()" in text


def test_a_class_that_becomes_isolated_late_runs_its_inherited_tests_once():
    class Plain(PluginTestCase):
        async def test_it(self):
            log.append("test")
            self.loop = asyncio.get_running_loop()

    class Late(Plain, unittest.IsolatedAsyncioTestCase):
        async def asyncTearDown(self):
            assert self.loop is asyncio.get_running_loop()

    assert asyncio.iscoroutinefunction(Late.test_it)
    assert not asyncio.iscoroutinefunction(Plain.test_it)
    assert run(Late).wasSuccessful()
    assert log == ["test"]


def test_an_isolated_test_case_of_an_old_python_takes_no_loop():
    def declare():
        class Chosen(PluginTestCase, unittest.IsolatedAsyncioTestCase):
            loop_factory = DetLoop

            async def test_it(self):
                log.append(type(asyncio.get_running_loop()))

        return Chosen

    if sys.version_info >= (3, 13):
        assert run(declare()).wasSuccessful()
        assert log == [DetLoop]
    else:
        with pytest.raises(TypeError, match=r"Chosen: .* before Python 3\.13.*unittest\.TestCase"):
            declare()


def test_a_failing_set_up_keeps_the_test_and_the_tear_down_from_running():
    class Failing(PluginTestCase, unittest.TestCase):
        async def asyncSetUp(self):
            await self.create_plugin(Plugin).initialize()
            raise KeyError("too early")

        async def asyncTearDown(self):
            log.append("asyncTearDown")

        async def test_it(self):
            log.append("test")

    ((_, text),) = run(Failing).errors
    assert "too early" in text
    assert log == ["cleanup"]


def test_a_tear_down_runs_after_a_failing_test_and_both_are_told():
    class Failing(PluginTestCase, unittest.TestCase):
        async def asyncTearDown(self):
            raise KeyError("too late")

        async def test_it(self):
            raise KeyError("in the test")

    ((_, text),) = run(Failing).errors
    assert text.index("in the test") < text.index("too late")


def test_sub_tests_of_an_asynchronous_test_are_told_apart():
    class Several(PluginTestCase, unittest.TestCase):
        async def test_it(self):
            for number in range(4):
                with self.subTest(number=number):
                    await asyncio.sleep(0)
                    assert number % 2 == 0

    result = run(Several)
    assert [str(test).rpartition(" ")[2] for test, _ in result.failures] == [
        "(number=1)",
        "(number=3)",
    ]


def test_decorators_of_unittest_work():
    class Decorated(PluginTestCase, unittest.TestCase):
        @unittest.expectedFailure
        async def test_expected(self):
            raise KeyError

        @unittest.skip("not today")
        async def test_skipped(self):
            raise KeyError

    result = run(Decorated)
    assert [len(result.expectedFailures), len(result.skipped)] == [1, 1]
    assert result.wasSuccessful()


def test_class_arguments_reach_other_bases():
    class Cooperative:
        def __init_subclass__(cls, *, label="", **kwargs):
            super().__init_subclass__(**kwargs)
            cls.label = label

    class Labelled(PluginTestCase, Cooperative, label="given"):
        pass

    assert Labelled.label == "given"
