"""The ways in which authors have pytest set up for asynchronous tests, and runs in each."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import attrs
import pytest

if TYPE_CHECKING:
    from pathlib import Path

_ASYNCIO = ("-W", "error", "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:anyio")
_ANYIO = ("-W", "error", "-p", "no:asyncio")
_AUTO = ("-o", "asyncio_mode=auto", "-o", "anyio_mode=auto")


@attrs.frozen
class Configuration:
    """The plugins that it needs, and the options that choose it."""

    name: str
    options: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    def runs_marked(self, mark: str) -> bool:
        """Whether it has the plugin that runs tests with a mark."""
        module, plugin = {"asyncio": "pytest_asyncio", "anyio": "anyio"}[mark], f"no:{mark}"
        return importlib.util.find_spec(module) is not None and plugin not in self.options

    def require(self) -> None:
        """Skip where a plugin is not installed, as when the wheel is tested without extras."""
        for module in self.needs:
            pytest.importorskip(module, reason=f"{module} is missing; the extra dev has it")


CONFIGURATIONS = [
    Configuration("no plugin", ("-W", "error", "-p", "no:asyncio", "-p", "no:anyio")),
    Configuration("asyncio strict", (*_ASYNCIO, "-o", "asyncio_mode=strict"), ("pytest_asyncio",)),
    Configuration("asyncio auto", (*_ASYNCIO, "-o", "asyncio_mode=auto"), ("pytest_asyncio",)),
    Configuration("anyio strict", (*_ANYIO, "-o", "anyio_mode=strict"), ("anyio", "trio")),
    Configuration("anyio auto", (*_ANYIO, "-o", "anyio_mode=auto"), ("anyio", "trio")),
    Configuration("both auto", _AUTO, ("pytest_asyncio", "anyio", "trio")),
    Configuration("whatever is installed"),
]

each_configuration = pytest.mark.parametrize(
    "configuration", CONFIGURATIONS, ids=lambda configuration: configuration.name.replace(" ", "-")
)


@attrs.frozen
class Outcomes:
    """Every test that was run, as (name, outcome), in order; and what pytest has printed."""

    tests: list[tuple[str, str]]
    output: str


def run_pytest(folder: Path, *options: str) -> Outcomes:
    """Run the tests of a folder with a pytest of their own."""
    report = folder / "report.xml"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
            *(f"--rootdir={folder}", f"--junitxml={report}", *options, str(folder)),
        ],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        cwd=folder,
        timeout=300,
        check=False,
    )
    output = done.stdout + done.stderr
    assert report.exists(), output
    cases = ET.parse(report).iter("testcase")
    return Outcomes(
        [(f"{case.get('classname')}.{case.get('name')}", _of(case)) for case in cases], output
    )


def _of(case: ET.Element) -> str:
    return next(
        (child.tag for child in case if child.tag in {"failure", "error", "skipped"}), "passed"
    )
