"""pluggy's own tests, on the manager that takes the place of its own."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from typing import TYPE_CHECKING

import pytest
from dropin_programs import HERE, PLACES

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.dropin
REQUIREMENTS = ["pluggy", "pytest"]


@pytest.fixture
def published_tests(tmp_path) -> Path:
    """The tests that pluggy's release comes with."""
    (release,) = re.findall(r"^pluggy==.*$", (HERE / "constraints.txt").read_text(), re.MULTILINE)
    download = [sys.executable, "-m", "pip", "download", "-qq", "--no-deps", "--no-binary=:all:"]
    subprocess.run([*download, "--dest", str(tmp_path), release], check=True)
    (archive,) = tmp_path.glob("pluggy-*.tar.gz")
    with tarfile.open(archive) as opened:
        opened.extractall(tmp_path, filter="data")
    (tests,) = tmp_path.glob("pluggy-*/testing")
    return tests


def outcomes(run):
    return re.findall(r"^(testing/.*?) +\[", run.output, re.MULTILINE)


def test_pluggys_own_tests_pass(program_in, published_tests):
    for place in PLACES:
        shutil.copytree(published_tests, program_in.directory / place / "project" / "testing")
    run = program_in.same("pytest", "-v", "-p", "no:cacheprovider", "testing", reading=outcomes)

    assert run.status == 0, run.output
    assert len(outcomes(run)) > 200
