"""The author's page: what `aitbc_hooks.testing` offers, and the programs that are printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from async_configurations import run_pytest

import aitbc.plugins.testing
import aitbc_hooks.testing

PAGE = Path(__file__).parents[2] / "docs" / "testing-plugins.md"


@pytest.mark.parametrize("name", aitbc_hooks.testing.__all__)
def test_every_public_name_is_there_and_listed(name):
    assert getattr(aitbc_hooks.testing, name) is not None
    assert name in dir(aitbc_hooks.testing)


@pytest.mark.parametrize("name", aitbc.plugins.testing.__all__)
def test_the_specifications_path_gives_the_same_objects(name):
    assert getattr(aitbc.plugins.testing, name) is getattr(aitbc_hooks.testing, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'PluginTestCas'"):
        _ = aitbc_hooks.testing.PluginTestCas


def test_importing_the_page_imports_nothing_that_costs():
    code = "import sys, aitbc_hooks.testing, aitbc.plugins.testing\nprint(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    modules = set(done.stdout.split())
    costly = {"hypothesis", "pytest", "unittest", "jsonschema", "cattrs", "yaml"}
    assert not costly & modules
    assert not [name for name in modules if name.startswith("aitbc_hooks.testing.")]


def test_the_printed_programs_pass_as_they_are_printed_and_fail_for_another_greeter(tmp_path):
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    page = "\n".join(blocks)
    (tmp_path / "test_page.py").write_text(page)
    twin = page.replace('"greeted"', '"insulted"', 1)
    (tmp_path / "test_twin.py").write_text(twin)
    done = run_pytest(tmp_path, "-W", "error", "-p", "no:asyncio", "-p", "no:anyio")
    outcomes = dict(done.tests)
    assert len(done.tests) == len(outcomes) == 12, done.output
    failing = {name for name, outcome in outcomes.items() if outcome != "passed"}
    assert failing == {"test_twin.TestGreeter.test_it_greets_who_logs_in"}, done.output
