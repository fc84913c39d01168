"""The index tells what was read before, exactly as long as that is still true."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.discovery import clear_indexes, discover, index_folder, index_for
from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.index import Entry, Index, problem_of_index

HOUR = 3600 * 10**9


def write(folder, name="one", version="1.0.0"):
    folder.mkdir(parents=True, exist_ok=True)
    text = f'[plugin]\nname = "{name}"\nversion = "{version}"\n'
    (folder / "plugin.toml").write_text(text, "utf-8")


def found_in(folder, index):
    """Return what is found in a folder of plugins, whole and comparable."""
    found = []
    for finding in find_in_folder(folder, index):
        said = getattr(finding, "manifest", None) or str(getattr(finding, "error", "no manifest"))
        found.append((type(finding).__name__, getattr(finding, "name", finding), said))
    index.save()
    return found


def versions(folder, index):
    return {name: said.version for _, name, said in found_in(folder, index)}


def known(file):
    """Return the keys that an index's file has of its one place."""
    (lines,) = Index(file)._places.values()
    return lines.keys()


LIE = '{"name": "one", "version": "9.9.9"}'


def lie(file):
    """Let an index say of the plugin `one` what no file says."""
    index = Index(file)
    ((place, lines),) = index._places.items()
    fields = lines["one"].split("\t")
    fields[4] = LIE
    index._set(place, "one", fields)
    index.save()


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cache" / "index.json"


@pytest.fixture
def plugins(tmp_path):
    folder = tmp_path / "plugins"
    write(folder / "one")
    write(folder / "two", "two", "2.0.0")
    return folder


@pytest.fixture
def an_hour_later(monkeypatch):
    """Let what is looked at now count as settled, as files do that were written an hour ago."""
    now = time.time_ns() + HOUR
    monkeypatch.setattr(time, "time_ns", lambda: now)


@pytest.mark.usefixtures("an_hour_later")
def test_what_was_read_is_told_without_reading_it(plugins, file):
    assert versions(plugins, Index(file)) == {"one": "1.0.0", "two": "2.0.0"}
    lie(file)
    assert versions(plugins, Index(file)) == {"one": "9.9.9", "two": "2.0.0"}


@pytest.mark.usefixtures("an_hour_later")
def test_what_is_wrong_is_told_without_reading_it_too(plugins, file):
    (plugins / "one" / "plugin.toml").write_text("[plugin]\n", "utf-8")
    first = found_in(plugins, Index(file))
    assert "name: is missing." in first[0][2]
    assert found_in(plugins, Index(file)) == first


def set_back(path, found):
    """Give a file the times of its content that it had."""
    os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))


@pytest.mark.usefixtures("an_hour_later")
def test_a_file_whose_time_was_set_back_is_read_again(plugins, file):
    versions(plugins, Index(file))
    path = plugins / "one" / "plugin.toml"
    before = path.stat()
    write(plugins / "one", version="1.0.1")
    set_back(path, before)
    assert path.stat().st_mtime_ns == before.st_mtime_ns
    assert versions(plugins, Index(file))["one"] == "1.0.1"


def test_where_times_prove_nothing_the_content_is_compared(plugins, file, monkeypatch):
    # A file system that counts in steps of two seconds: both writes fall into one of them.
    real = os.stat

    def coarse(path, **more):
        found = real(path, **more)
        if not str(path).endswith("plugin.toml"):
            return found
        step = {f"st_{kind}time_ns": 2 * 10**9 for kind in "acm"}
        return os.stat_result((*found[:7], 2, 2, 2), step)

    monkeypatch.setattr(os, "stat", coarse)
    monkeypatch.setattr(time, "time_ns", lambda: 3 * 10**9)
    versions(plugins, Index(file))
    write(plugins / "one", version="1.0.1")
    assert versions(plugins, Index(file))["one"] == "1.0.1"
    monkeypatch.setattr(time, "time_ns", lambda: 3 * 10**9 + HOUR)
    assert versions(plugins, Index(file))["one"] == "1.0.1"  # by its content, seen an hour later
    lie(file)
    assert versions(plugins, Index(file))["one"] == "9.9.9"  # and settled from then on


def test_a_plugin_that_is_gone_is_forgotten(plugins, file):
    versions(plugins, Index(file))
    shutil.rmtree(plugins / "one")
    assert versions(plugins, Index(file)) == {"two": "2.0.0"}
    assert known(file) == {"two"}


def test_a_useless_index_says_why(plugins, file, tmp_path):
    versions(plugins, Index(file))
    assert problem_of_index(file) is None
    file.write_bytes(file.read_bytes()[:-1])
    assert problem_of_index(file) == "it is not whole"
    file.write_bytes(b"\0" * 10)
    assert problem_of_index(file) == "it is not whole"
    assert "No such file" in problem_of_index(tmp_path / "none.index")


@given(
    st.dictionaries(
        st.text(st.characters(exclude_characters="\0", exclude_categories=[]), min_size=1),
        st.text(st.characters(exclude_characters="\0", codec="utf-8"), min_size=1),
    )
)
def test_names_may_hold_anything_that_a_files_name_may(names):
    with tempfile.TemporaryDirectory() as room:
        path = Path(room, "index")
        file = Path(room, "file")
        file.touch()
        index = Index(path)
        places = {
            os.fsdecode(os.fsencode(key)): name for key, name in names.items() if _is_name(key)
        }
        for place, name in places.items():
            index.note_file(place, place, file.stat(), b"", Entry(name, "{}", "a\tproblem\n"))
            index.keep(f"kept {place}", place, [place], {"value": name})
        index.save()
        again = Index(path)
        for place, name in places.items():
            entry = again.file(place, place, file.stat(), str(file))
            assert (entry.name, entry.problem) == (name, "a\tproblem\n")
            assert again.kept(f"kept {place}", place, [place]) == {"value": name}
            assert again.kept(f"kept {place}", place, ["other"]) is None


def _is_name(text):
    try:
        os.fsencode(text)
    except UnicodeEncodeError:
        return False
    return True


def test_nothing_is_written_where_nothing_is_new(plugins, file):
    versions(plugins, Index(file))
    before = file.stat()
    time.sleep(0.01)
    index = Index(file)
    index.save()
    assert file.stat().st_ino == before.st_ino
    assert index.file("elsewhere", "one", before, "") is None


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"format": 2}',
        b'{"format": 2, "host": "0", "python": "", "sum": 0}\n',
        b'{"format": 2}\n\n\t\n\x00',
    ],
)
def test_an_index_that_cannot_be_used_is_made_anew(plugins, file, content):
    file.parent.mkdir()
    file.write_bytes(content)
    assert versions(plugins, Index(file)) == {"one": "1.0.0", "two": "2.0.0"}
    assert known(file) == {"one", "two"}


@pytest.mark.parametrize("key", ["format", "host", "python"])
@pytest.mark.usefixtures("an_hour_later")
def test_an_index_of_another_version_is_not_trusted(plugins, file, key):
    versions(plugins, Index(file))
    lie(file)
    first, _, body = file.read_bytes().partition(b"\n")
    header = json.loads(first) | {key: "another"}
    file.write_bytes(json.dumps(header).encode() + b"\n" + body)
    assert problem_of_index(file) == f"it is of another version: {key} is 'another'"
    assert versions(plugins, Index(file))["one"] == "1.0.0"


@given(damage=st.data())
@settings(max_examples=60)
def test_a_half_written_index_is_no_harm(damage):
    with tempfile.TemporaryDirectory() as room:
        plugins, file = Path(room, "plugins"), Path(room, "index.json")
        write(plugins / "one")
        expected = found_in(plugins, Index(file))
        whole = file.read_bytes()
        at = damage.draw(st.integers(0, 999)) % len(whole)
        junk = damage.draw(st.binary(max_size=8))
        file.write_bytes(whole[:at] + junk + whole[at + damage.draw(st.integers(0, 8)) :])
        found = found_in(plugins, Index(file))
        assert [kind for kind, *_ in found] == [kind for kind, *_ in expected]


NAMES = st.sampled_from(["a", "b", "c"])
ACTIONS = st.one_of(
    st.tuples(st.just("write"), NAMES, st.sampled_from(["1.0.0", "1.0.1", "2.0.0"])),
    st.tuples(st.just("break"), NAMES, st.sampled_from(["", "[plugin]", "[plugin]\nname=1", "\0"])),
    st.tuples(st.just("remove"), NAMES, st.none()),
    st.tuples(st.just("bare"), NAMES, st.none()),
    st.tuples(st.just("rename"), NAMES, NAMES),
    st.tuples(st.just("touch"), NAMES, st.none()),
    st.tuples(st.just("look"), st.none(), st.none()),
)


def act(plugins, action, name, detail):
    folder = plugins / name
    if action == "write":
        write(folder, f"plugin-{name}", detail)
    elif action == "break":
        folder.mkdir(exist_ok=True)
        (folder / "plugin.toml").write_text(detail, "utf-8")
    elif action == "remove":
        shutil.rmtree(folder, ignore_errors=True)
    elif action == "bare":
        (folder / "plugin.toml").unlink(missing_ok=True)
        folder.mkdir(exist_ok=True)
        (folder / "plugin.py").touch()
    elif action == "rename" and folder.is_dir() and not (plugins / detail).exists():
        folder.rename(plugins / detail)
    elif action == "touch" and (folder / "plugin.toml").is_file():
        os.utime(folder / "plugin.toml", (1, 1))


@given(st.lists(ACTIONS, max_size=12))
@settings(max_examples=150)
def test_with_an_index_the_same_is_found_as_without_whatever_has_happened(actions):
    with tempfile.TemporaryDirectory() as room:
        plugins, file = Path(room, "plugins"), Path(room, "index.json")
        plugins.mkdir()
        for action, name, detail in [*actions, ("look", None, None)]:
            if action == "look":
                assert found_in(plugins, Index(file)) == found_in(plugins, Index())
            else:
                act(plugins, action, name, detail)


def test_processes_that_share_an_index_never_see_half_of_it(plugins, tmp_path):
    program = """
        import sys
        from pathlib import Path
        from aitbc_hooks.discovery import discover, index_for
        from aitbc_hooks.discovery.index import problem_of_index

        plugins, own = Path(sys.argv[1]), Path(sys.argv[2])
        for turn in range(60):
            text = f'[plugin]\\nname = "{own.name}"\\nversion = "0.0.{turn}"'
            (own / "plugin.toml").write_text(text)
            index = index_for([plugins])
            found = discover([plugins], index=index).get(own.name)
            assert found is not None and found.version == f"0.0.{turn}", (turn, found)
            assert problem_of_index(index.path) is None
    """
    running = []
    for name in ("p", "q", "r"):
        write(plugins / name, name)
        running.append(
            subprocess.Popen(
                [sys.executable, "-c", textwrap.dedent(program), plugins, plugins / name],
                env=os.environ | {"XDG_CACHE_HOME": str(tmp_path / "cache")},
            )
        )
    assert [child.wait() for child in running] == [0, 0, 0]
    assert len(list((tmp_path / "cache" / "aitbc-hooks").iterdir())) == 1  # nothing half-written


def test_where_no_index_can_be_kept_plugins_are_found_all_the_same(plugins, tmp_path):
    (tmp_path / "cache").write_text("no folder", "utf-8")
    index = index_for([plugins], {"XDG_CACHE_HOME": str(tmp_path / "cache")})
    assert discover([plugins], index=index).get("two").version == "2.0.0"


def test_each_set_of_places_has_its_own_index(tmp_path):
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    a, b = tmp_path / "a", tmp_path / "b"
    paths = [index_for(places, environ).path for places in ([a], [b], [a, b], [b, a])]
    assert len(set(paths)) == 3
    assert paths[2] == paths[3]
    assert {path.parent for path in paths} == {index_folder(environ)}


def test_clearing_removes_indexes_and_nothing_else(plugins, tmp_path):
    environ = {"XDG_CACHE_HOME": str(tmp_path)}
    assert clear_indexes(environ) == []
    index = index_for([plugins], environ)
    discover([plugins], index=index)
    other = index.path.with_name("other.json")
    other.write_text("{}", "utf-8")
    assert clear_indexes(environ) == [index.path]
    assert list(index.path.parent.iterdir()) == [other]
