"""`PluginTestCase` under every way that authors have pytest set up, each test counted once."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest
from async_configurations import CONFIGURATIONS, each_configuration, run_pytest

HERE = Path(__file__).parent
SUITE = (HERE / "testing_authors_suite.py").read_text("utf-8")
MARKED = (HERE / "testing_marked_suite.py").read_text("utf-8")
BY_NAME = {configuration.name: configuration for configuration in CONFIGURATIONS}


def write(folder, name, source, *, broken):
    assert source.count("BROKEN = False") == 1
    (folder / name).write_text(source.replace("BROKEN = False", f"BROKEN = {broken}"), "utf-8")


def expected_tests():
    """Return how often each test of the suite is to run, read from its source."""
    classes = {node.name: node for node in ast.parse(SUITE).body if isinstance(node, ast.ClassDef)}

    def tests(name):
        bases = [base.id for base in classes[name].bases if isinstance(base, ast.Name)]
        inherited = {test for base in bases if base in classes for test in tests(base)}
        own = {getattr(node, "name", "") for node in classes[name].body}
        return inherited | {test for test in own if test.startswith("test")}

    counts = Counter(
        f"{name}.{test}" for name in classes if name.startswith("Test") for test in tests(name)
    )
    counts["TestKinds.test_parametrised"] = 2
    return counts


def counted(outcomes, module, outcome):
    names = (name for name, seen in outcomes.tests if seen == outcome)
    prefix = f"{module}."
    return Counter(
        name.removeprefix(prefix).split("[")[0] for name in names if name.startswith(prefix)
    )


@each_configuration
def test_every_kind_of_test_runs_once_and_its_failing_twin_fails(configuration, tmp_path):
    configuration.require()
    write(tmp_path, "test_suite.py", SUITE, broken=False)
    write(tmp_path, "test_twin.py", SUITE, broken=True)
    done = run_pytest(tmp_path, *configuration.options)
    expected = expected_tests()
    assert len(expected) > 15
    assert counted(done, "test_suite", "passed") == expected, done.output
    assert counted(done, "test_twin", "failure") == expected, done.output
    assert len(done.tests) == 2 * expected.total()


@pytest.mark.parametrize("mode", ["strict", "auto"])
@pytest.mark.parametrize("runner", ["asyncio", "anyio"])
def test_a_test_that_is_marked_for_another_runner_is_run_by_it(runner, mode, tmp_path):
    configuration = BY_NAME[f"{runner} {mode}"]
    configuration.require()
    suite = MARKED.replace("RUNNER", runner)
    write(tmp_path, "test_suite.py", suite, broken=False)
    write(tmp_path, "test_twin.py", suite, broken=True)
    done = run_pytest(tmp_path, *configuration.options)
    marked = Counter(
        f"{name}.test_marked" for name in ("TestMarked", "TestMarkedAsAClass", "TestInherited")
    )
    other = Counter(["TestMarked.test_its_plugin_was_stopped_on_the_runners_own_loop"])
    assert counted(done, "test_suite", "passed") == marked + other, done.output
    assert counted(done, "test_twin", "failure") == marked, done.output
    assert len(done.tests) == 8


def test_a_marked_test_does_not_pass_where_its_runner_is_missing(tmp_path):
    write(tmp_path, "test_suite.py", MARKED.replace("RUNNER", "asyncio"), broken=False)
    done = run_pytest(tmp_path, "-p", "no:asyncio", "-p", "no:anyio")
    assert "TestMarked.test_marked" not in counted(done, "test_suite", "passed")
    assert len(done.tests) == 4


ON_BOTH_BACKENDS = """
import anyio
import pytest
from test_suite import Plugin
from aitbc.plugins.testing import PluginTestCase


class TestOnBoth(PluginTestCase):
    @pytest.mark.anyio
    async def test_metadata(self):
        await anyio.sleep(0)
        assert self.create_plugin(Plugin).metadata.name == "plugin"
"""


def test_a_plugin_that_is_not_loaded_needs_no_asyncio(tmp_path):
    configuration = BY_NAME["anyio strict"]
    configuration.require()
    write(tmp_path, "test_suite.py", SUITE, broken=False)
    (tmp_path / "test_both.py").write_text(ON_BOTH_BACKENDS)
    done = run_pytest(tmp_path, *configuration.options, "-k", "TestOnBoth")
    assert done.tests == [
        ("test_both.TestOnBoth.test_metadata[asyncio]", "passed"),
        ("test_both.TestOnBoth.test_metadata[trio]", "passed"),
    ], done.output


ASYNC_FIXTURE = """
import asyncio
import pytest_asyncio
from aitbc.plugins.testing import PluginTestCase


@pytest_asyncio.fixture
async def loop():
    return asyncio.get_running_loop()


class TestFixture(PluginTestCase):
    async def test_it_is_another_loop(self, loop):
        assert asyncio.get_running_loop() is not loop
"""


def test_an_asynchronous_fixture_of_another_plugin_lives_on_another_loop(tmp_path):
    configuration = BY_NAME["asyncio strict"]
    configuration.require()
    (tmp_path / "test_fixture.py").write_text(ASYNC_FIXTURE)
    done = run_pytest(tmp_path, *configuration.options)
    assert done.tests == [("test_fixture.TestFixture.test_it_is_another_loop", "passed")], (
        done.output
    )


DECORATED = """
import pytest
from aitbc.plugins.testing import PluginTestCase


@pytest.mark.asyncio
class TestDecorated(PluginTestCase):
    async def test_it(self):
        assert not BROKEN
"""


@pytest.mark.parametrize(("broken", "outcome"), [(False, "passed"), (True, "failure")])
def test_a_class_that_is_decorated_for_another_runner_runs_here_once(broken, outcome, tmp_path):
    configuration = BY_NAME["asyncio auto"]
    configuration.require()
    (tmp_path / "test_decorated.py").write_text(f"BROKEN = {broken}\n{DECORATED}")
    options = [option for option in configuration.options if option not in {"-W", "error"}]
    done = run_pytest(tmp_path, *options)
    assert done.tests == [("test_decorated.TestDecorated.test_it", outcome)], done.output
    assert "Please remove the asyncio mark" in done.output


def test_a_failing_test_is_shown_from_its_own_first_line(tmp_path):
    write(tmp_path, "test_twin.py", SUITE, broken=True)
    done = run_pytest(
        tmp_path,
        "-p",
        "no:asyncio",
        "-p",
        "no:anyio",
        "-v",
        "-k",
        "TestKinds and test_with_fixtures",
    )
    assert len(done.tests) == 1
    assert "assert (seven, tmp_path.is_dir(), BROKEN) == (7, True, False)" in done.output
    assert "aitbc_hooks" not in done.output.partition("FAILURES")[2]
    assert "test_with_fixtures <-" not in done.output
