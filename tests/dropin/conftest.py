"""The marker ``dropin``: tests that run programs from the package index.

They need that index, and minutes, so they are deselected unless ``AITBC_DROPIN=1``; `.ci/dropin`
sets it. A test is never skipped.
"""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from dropin_programs import HERE, Comparison, Program

if TYPE_CHECKING:
    from pathlib import Path

#: They hold the tests of programs, not of this package.
collect_ignore = ["plugins", "projects"]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if os.environ.get("AITBC_DROPIN") == "1":
        return
    away = [item for item in items if item.get_closest_marker("dropin")]
    if away:
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if item not in away]


@pytest.fixture(scope="session")
def wheels(tmp_path_factory) -> Path:
    """A directory with the wheels of this package and of the plugins."""
    directory = tmp_path_factory.mktemp("wheels")
    pip = [sys.executable, "-m", "pip", "wheel", "-qq", "--no-deps", "--no-build-isolation"]
    sources = [str(HERE.parents[1]), str(HERE / "plugins")]
    subprocess.run([*pip, "--wheel-dir", str(directory), *sources], check=True)
    return directory


@pytest.fixture(scope="module")
def program(request, wheels, tmp_path_factory) -> Program:
    """The program of a module's ``REQUIREMENTS``, installed."""
    environment = tmp_path_factory.mktemp(request.module.__name__)
    return Program.install(environment, wheels, request.module.REQUIREMENTS)


@pytest.fixture
def program_in(request, program, tmp_path) -> Comparison:
    """The program in copies of the module's ``PROJECT``."""
    project = getattr(request.module, "PROJECT", None)
    return Comparison(program, project and HERE / "projects" / project, tmp_path)
