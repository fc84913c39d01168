"""The programs of docs/strategies.md run as they are printed; the package has what it says."""

from __future__ import annotations

import re
import sys
import types
import unittest
from pathlib import Path

import pytest
from hypothesis import settings

from aitbc_hooks.testing import strategies

PAGE = (Path(__file__).parents[2] / "docs" / "strategies.md").read_text("utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture
def page(monkeypatch):
    """Return the page as a module, all of its programs executed."""
    module = types.ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    for program in PROGRAMS:
        exec(compile(program, "strategies.md", "exec", dont_inherit=True), vars(module))
    return module


#: The same every time: a test of the page is no search for failures.
always = settings(database=None, derandomize=True)


@pytest.mark.parametrize(
    "name", ["test_it_starts_with_every_configuration", "test_it_runs_with_every_line"]
)
def test_a_property_of_the_page_holds(page, name):
    always(getattr(page, name))()


def test_the_host_refuses_every_near_miss(page):
    case = type("Case", (page.TestNode, unittest.TestCase), {})
    result = unittest.TestResult()
    case("test_a_host_refuses_it").run(result)
    assert result.testsRun == 1
    assert result.wasSuccessful(), result.errors or result.failures


def test_the_handler_of_the_page_breaks_as_the_page_says(page):
    with pytest.raises(KeyError, match="id") as caught:
        always(page.test_it_copes_with_every_event)()
    assert "event_type='job.done',\n    data={}" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("name", strategies.__all__)
def test_every_public_name_is_there_and_on_the_page(name):
    assert getattr(strategies, name) is not None
    assert name in dir(strategies)
    assert re.search(rf"\b{name}\b", PAGE), name


def test_every_public_name_is_documented():
    for name in strategies.__all__:
        assert getattr(strategies, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = strategies.nonsense
