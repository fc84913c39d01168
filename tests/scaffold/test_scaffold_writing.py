"""A folder is there completely, or not at all, and never over another one."""

from __future__ import annotations

import stat

import pytest

from aitbc_hooks.errors import StateError
from aitbc_hooks.scaffold import write_folder

FILES = {"a.txt": "first\n", "b/c.txt": "second\n"}


def listing(folder):
    return {
        str(path.relative_to(folder)): path.read_text("utf-8") if path.is_file() else None
        for path in folder.rglob("*")
    }


class Interrupted(dict):
    """Files of which the last one does something else than being written."""

    def __init__(self, files, act):
        super().__init__(files)
        self.act = act

    def items(self):
        yield from super().items()
        self.act()


def interrupt():
    raise KeyboardInterrupt


def test_all_files_are_written_and_nothing_else(tmp_path):
    write_folder(tmp_path / "new", FILES)
    assert listing(tmp_path) == {
        "new": None,
        "new/a.txt": "first\n",
        "new/b": None,
        "new/b/c.txt": "second\n",
    }


def test_an_empty_folder_is_filled(tmp_path):
    target = tmp_path / "new"
    target.mkdir()
    write_folder(target, FILES)
    assert (target / "a.txt").read_text("utf-8") == "first\n"


def test_a_folder_is_as_open_as_any_other_that_the_user_makes(tmp_path):
    (tmp_path / "other").mkdir()
    write_folder(tmp_path / "new", FILES)
    modes = {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("other", "new")}
    assert len(modes) == 1


def make_full(target):
    target.mkdir()
    (target / "mine.txt").write_text("mine", "utf-8")


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (make_full, "the folder is not empty: it has 'mine.txt'."),
        (lambda target: target.write_text("mine", "utf-8"), "it is a file."),
        (lambda target: target.symlink_to("nowhere"), "it is a symbolic link."),
    ],
    ids=["folder", "file", "symlink"],
)
def test_what_is_there_is_not_touched_and_named(tmp_path, make, why):
    target = tmp_path / "new"
    make(target)
    before = listing(tmp_path)
    with pytest.raises(StateError) as caught:
        write_folder(target, FILES)
    assert caught.value.code == "AITBC-S03"
    assert caught.value.message == f"{target} exists, and is not overwritten: {why}"
    assert listing(tmp_path) == before


def test_what_comes_in_between_is_not_touched_either(tmp_path):
    target = tmp_path / "new"
    with pytest.raises(StateError, match=r"the folder is not empty: it has 'mine\.txt'"):
        write_folder(target, Interrupted(FILES, lambda: make_full(target)))
    assert listing(tmp_path) == {"new": None, "new/mine.txt": "mine"}


@pytest.mark.parametrize(
    ("files", "raised"),
    [
        (Interrupted(FILES, interrupt), KeyboardInterrupt),
        ({**FILES, "bad.txt": "\udc80"}, UnicodeEncodeError),
        ({**FILES, "a.txt/under-a-file": ""}, StateError),
    ],
    ids=["interrupt", "text", "file system"],
)
def test_after_a_failure_nothing_is_there(tmp_path, files, raised):
    with pytest.raises(raised):
        write_folder(tmp_path / "new", files)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["missing/new", "x" * 300])
def test_a_place_that_cannot_be_written_is_named(tmp_path, name):
    with pytest.raises(StateError) as caught:
        write_folder(tmp_path / name, FILES)
    assert caught.value.code == "AITBC-S03"
    assert str(tmp_path / name) in caught.value.message
    assert not list(tmp_path.iterdir())
