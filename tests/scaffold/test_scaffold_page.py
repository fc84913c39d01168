"""``docs/first-plugin.md``: its commands and its changes, in the order in which they stand there."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "first-plugin.md"

#: The commands of the page, run with this interpreter.
SHELL = """
set -eu
aitbc-hooks() { "$PYTHON" -m aitbc_hooks "$@"; }
python() { "$PYTHON" "$@"; }
"""


@pytest.fixture(scope="module")
def blocks():
    return re.findall(r"```(\w+)\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)


def run(commands, folder):
    return subprocess.run(
        ["bash", "-c", SHELL + commands],
        cwd=folder,
        env={**os.environ, "PYTHON": sys.executable, "HOME": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_reader_who_does_what_the_page_says_gets_what_it_says(blocks, tmp_path):
    (_, begin), (_, settings), (_, use), (_, new_test), (_, new_code), (_, at_last) = blocks
    done = run(begin, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "my-plugin: CONFORMANT" in done.stdout

    (tmp_path / "aitbc.yaml").write_text(settings, "utf-8")
    done = run(use, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "notes: 1\nbuy milk\n"

    with (tmp_path / "my-plugin/tests/test_plugin.py").open("a", encoding="utf-8") as file:
        file.write("\n\n" + new_test)
    done = run("python -m pytest -q my-plugin", tmp_path)
    assert done.returncode == 1
    assert "1 failed" in done.stdout

    path = tmp_path / "my-plugin/plugin.py"
    text = path.read_text("utf-8")
    path.write_text(text.replace("    return group\n", f"{new_code}\n    return group\n"), "utf-8")
    done = run(at_last, tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("\n1\n")


def test_the_page_lists_every_file_at_the_top_of_the_folder(tmp_path):
    run("aitbc-hooks new my-plugin --kind cli", tmp_path)
    page = PAGE.read_text("utf-8")
    for path in (tmp_path / "my-plugin").iterdir():
        name = f"{path.name}/" if path.is_dir() else path.name
        assert f"`{name}`" in page or name == "__init__.py"
