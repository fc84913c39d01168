"""The programs of docs/deterministic-loop.md run as they are printed, and print what it says."""

from __future__ import annotations

import asyncio
import re
import sys
import traceback
import types
from pathlib import Path

import pytest
from hypothesis import settings

from aitbc_hooks.testing import PluginTestCase
from aitbc_hooks.testing.loop import Deadlock, DetLoop

PAGE = (Path(__file__).parents[2] / "docs" / "deterministic-loop.md").read_text("utf-8")
USE, RACE, REPLAY, HANG = re.findall(r"^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
FOUND, STUCK = re.findall(r"^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def execute(source, module=None, **names):
    module = module or types.ModuleType("page")
    vars(module).update(names)
    exec(compile(source, "program.py", "exec", dont_inherit=True), vars(module))
    return module


@pytest.fixture
def race(monkeypatch):
    monkeypatch.setitem(sys.modules, "page", types.ModuleType("page"))
    return execute(RACE, sys.modules["page"])


def test_the_two_ways_to_use_it_work():
    ran = []

    async def main():
        ran.append(type(asyncio.get_running_loop()))

    names = {"asyncio": asyncio, "DetLoop": DetLoop, "PluginTestCase": PluginTestCase}
    module = execute(USE, main=main, **names)
    assert ran == [DetLoop]
    assert module.TestMine.loop_factory is DetLoop


def test_the_race_is_not_seen_first_come_first_served(race, capsys):
    async def main():
        await race.sending()
        await asyncio.sleep(0)

    for factory in (asyncio.SelectorEventLoop, DetLoop):
        with asyncio.Runner(loop_factory=factory) as runner:
            runner.run(main())
    assert capsys.readouterr().out == "sent hello\n" * 2


def test_the_race_is_found_and_printed_as_the_page_says(race):
    error, schedule = FOUND.splitlines()
    with pytest.raises(AttributeError) as caught:
        settings(database=None)(race.test_the_mailer_sends)()
    assert "".join(traceback.format_exception_only(caught.value)).startswith(error)
    assert schedule in caught.value.__notes__


def test_the_schedule_finds_it_again(race):
    execute(REPLAY, race)
    with pytest.raises(AttributeError, match="has no attribute 'queue'"):
        race.test_the_mailer_sends_though_the_worker_comes_late()


def test_the_hang_is_printed_as_the_page_says():
    with pytest.raises(Deadlock) as caught:
        execute(HANG, asyncio=asyncio, DetLoop=DetLoop)
    assert "".join(traceback.format_exception_only(caught.value)) == STUCK


def test_the_race_takes_about_ten_lines():
    test = RACE.partition("@given")[2].splitlines()
    assert len(test) <= 10


def test_the_page_names_the_defaults():
    loop = DetLoop()
    assert f"`loop.patience` ({loop.patience:g} s)" in PAGE
    for name in re.findall(r"`loop\.(\w+)", PAGE):
        assert hasattr(loop, name)
    loop.close()
