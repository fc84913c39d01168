"""Writing: backups are never overwritten, and a file is the old one or the new one."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import attrs
import pytest
from migration_corpus import MECHANICAL

from aitbc_hooks.errors import StateError
from aitbc_hooks.migration import Edit, Finding, diff, scan, write

OLD = "from aitbc_hooks.interfaces import BasePlugin\n"
NEW = "from aitbc.plugins import BasePlugin\n"


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "plugin.py"
    path.write_text(OLD, "utf-8")
    return path


def test_a_backup_gets_a_name_that_is_free(path):
    names = []
    for _ in range(3):
        path.write_text(OLD, "utf-8")
        (report,) = scan(path)
        names.append(write(report).name)
    assert names == ["plugin.py.bak", "plugin.py.bak.1", "plugin.py.bak.2"]
    for name in names:
        assert path.with_name(name).read_text("utf-8") == OLD


def test_a_backup_of_somebody_elses_is_left_alone(path):
    path.with_name("plugin.py.bak").symlink_to("elsewhere")
    (report,) = scan(path)
    assert write(report).name == "plugin.py.bak.1"
    assert path.with_name("plugin.py.bak").readlink() == Path("elsewhere")
    assert not path.with_name("elsewhere").exists()


def test_the_mode_of_the_file_stays(path):
    path.chmod(0o755)
    (report,) = scan(path)
    backup = write(report)
    assert {stat.S_IMODE(each.stat().st_mode) for each in (path, backup)} == {0o755}


def test_a_file_that_has_changed_meanwhile_is_left_alone(path):
    (report,) = scan(path)
    path.write_text("# mine\n", "utf-8")
    with pytest.raises(StateError, match="has changed since it was read") as caught:
        write(report)
    assert caught.value.code == "AITBC-S03"
    assert path.read_text("utf-8") == "# mine\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_file_that_is_gone_meanwhile_is_told(path):
    (report,) = scan(path)
    path.unlink()
    with pytest.raises(StateError, match="cannot be written"):
        write(report)


def test_edits_that_would_break_the_file_are_not_made(path):
    (report,) = scan(path)
    bad = Finding("import-path", str(path), 1, "what", "why", (Edit(0, 0, "("),))
    report = attrs.evolve(report, findings=(bad,))
    assert write(report) is None
    assert diff(report) == ""
    assert path.read_text("utf-8") == OLD


@pytest.mark.parametrize("name", MECHANICAL)
def test_the_diff_is_the_change_as_patch_reads_it(tmp_path, name):
    file, before, after = MECHANICAL[name]
    path = tmp_path / file
    path.write_text(before, "utf-8")
    (report,) = scan(path)
    shown = diff(report)
    assert path.read_text("utf-8") == before
    lines = shown.splitlines()
    assert lines[:2] == [f"--- {path}", f"+++ {path}"]
    done = subprocess.run(
        ["git", "apply", "--unsafe-paths", "-p0", f"--directory={tmp_path}"],
        input=shown.replace(str(path), file),
        cwd=tmp_path,
        text=True,
        check=False,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    assert path.read_text("utf-8") == after
