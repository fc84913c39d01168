"""What discovery finds, what it passes over and why; it imports nothing."""

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from discovery_folders import source, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aitbc_hooks.discovery import Note, discover, find_named, read_manifest
from aitbc_hooks.discovery.folders import find_in_folder
from aitbc_hooks.discovery.installed import find_installed
from aitbc_hooks.discovery.sources import find_built_ins
from aitbc_hooks.errors import PluginError, PluginLoadError


def found_in(folder):
    catalogue = discover([folder])
    return {c.name: c for c in catalogue.candidates.values() if c.source == "directory"}, catalogue


def reason_for(tmp_path):
    found, catalogue = found_in(tmp_path)
    assert found == {}
    assert len(catalogue.rejected) == 1
    return catalogue.rejected[0]


def test_a_folder_with_plugin_py_is_a_plugin(tmp_path):
    write(tmp_path / "my-plugin", plugin=source())
    found, catalogue = found_in(tmp_path)
    assert list(found) == ["my-plugin"]
    assert found["my-plugin"].location == str(tmp_path / "my-plugin")
    assert found["my-plugin"].version is None
    assert found["my-plugin"].commands is None
    assert catalogue.rejected == []


def test_an_underscore_in_a_folders_name_becomes_a_dash(tmp_path):
    write(tmp_path / "my_plugin", plugin="")
    assert list(found_in(tmp_path)[0]) == ["my-plugin"]


def test_nothing_is_imported(tmp_path):
    trap = f"open({str(tmp_path / 'imported')!r}, 'w').close()"
    write(tmp_path / "paths" / "my-plugin", plugin=trap, init=trap)
    write(tmp_path / "paths" / "other", plugin=trap, manifest='[plugin]\nname = "other"')
    before = set(sys.modules)
    found, _ = found_in(tmp_path / "paths")
    assert set(found) == {"my-plugin", "other"}
    assert not (tmp_path / "imported").exists()
    assert not any("plugin_my" in name for name in set(sys.modules) - before)


def test_a_missing_folder_is_a_note(tmp_path):
    catalogue = discover([tmp_path / "nowhere"])
    assert catalogue.notes == [Note(str(tmp_path / "nowhere"), "the folder does not exist")]
    assert catalogue.rejected == []


def test_a_file_or_a_loop_in_the_place_of_a_folder_is_a_note(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    catalogue = discover([tmp_path / "file", tmp_path / "loop"])
    assert [note.location for note in catalogue.notes] == [
        str(tmp_path / "file"),
        str(tmp_path / "loop"),
    ]


def test_a_folder_whose_name_no_file_can_have_hides_no_other_source(tmp_path):
    write(tmp_path / "my-plugin", plugin="")
    bad = [Path("plugins\0x"), Path("plugins\ud800")]
    catalogue = discover([*bad, tmp_path])
    assert [note.location for note in catalogue.notes] == list(map(str, bad))
    assert {"my-plugin", "agent-cli"} <= set(catalogue.candidates)


def test_a_folder_s_name_that_the_locale_cannot_encode_hides_no_other_source(tmp_path):
    code = (
        "import pathlib; from aitbc_hooks.discovery import discover; "
        "found = discover([pathlib.Path('pl\\xfcgins')]); "
        "print(ascii(found.notes[0].location), 'agent-cli' in found.candidates)"
    )
    environ = os.environ | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    environ["PYTHONPATH"] = os.pathsep.join(sys.path)
    ran = subprocess.run(
        [sys.executable, "-c", code], env=environ, cwd=tmp_path, capture_output=True, check=True
    )
    assert ran.stdout.split() == [b"'pl\\xfcgins'", b"True"]


def test_a_source_that_fails_hides_no_other_one(tmp_path):
    class Folder:
        def __fspath__(self):
            raise RuntimeError("out of order")

    write(tmp_path / "my-plugin", plugin="")
    catalogue = discover([Folder(), tmp_path])
    assert "out of order" in catalogue.notes[0].text
    assert {"my-plugin", "agent-cli"} <= set(catalogue.candidates)


@pytest.mark.parametrize(
    ("entry", "place"),
    [
        ("plugin", "."),
        ("plugin:Class", "."),
        ("sub.plugin:Class", "sub"),
        ("package", "package"),
    ],
)
def test_the_schema_beside_a_plugin_s_code_is_known(tmp_path, entry, place):
    folder = write(tmp_path / "p", manifest=f'[plugin]\nname = "p"\nentry = "{entry}"\n')
    assert found_in(tmp_path)[0]["p"].schema is None
    write(folder / "package", init="")
    schema = folder / place / "config_schema.json"
    schema.parent.mkdir(exist_ok=True)
    schema.write_text("{}")
    assert found_in(tmp_path)[0]["p"].schema == schema.resolve()


def test_hidden_and_private_names_are_passed_over_in_silence(tmp_path):
    for name in (".hidden", "_private", "__pycache__"):
        write(tmp_path / name, plugin=source())
    found, catalogue = found_in(tmp_path)
    assert found == {}
    assert catalogue.rejected == []
    assert catalogue.notes == []


def test_a_folder_without_plugin_py_is_a_note_and_a_foreign_file_none(tmp_path):
    (tmp_path / "docs").mkdir()
    (tmp_path / "README.md").touch()
    found, catalogue = found_in(tmp_path)
    assert found == {}
    assert [note.location for note in catalogue.notes] == [str(tmp_path / "docs")]
    assert catalogue.rejected == []


def test_a_python_file_is_rejected_with_the_remedy(tmp_path):
    (tmp_path / "lonely.py").write_text(source())
    rejected = reason_for(tmp_path)
    assert rejected.name == "lonely"
    assert rejected.error.code == "AITBC-P06"
    assert "lonely/plugin.py" in rejected.error.hint


@pytest.mark.parametrize("name", ["1st", "a b", "naïve", "a.b", "-x"])
def test_a_folder_whose_name_cannot_be_a_plugins_is_rejected(tmp_path, name):
    write(tmp_path / name, plugin="")
    assert reason_for(tmp_path).error.code == "AITBC-P06"


def test_a_folder_whose_name_is_no_text_is_rejected(tmp_path):
    write(tmp_path / os.fsdecode(b"\xff\xfe"), plugin="")
    rejected = reason_for(tmp_path)
    assert rejected.error.code == "AITBC-P06"
    str(rejected.error).encode()


def test_symlink_loops_and_links_out_do_no_harm(tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "up").symlink_to(tmp_path)
    elsewhere = write(tmp_path / "_elsewhere" / "real", plugin=source("linked"))
    (tmp_path / "linked").symlink_to(elsewhere)
    write(tmp_path / "inner")
    (tmp_path / "inner" / "plugin.py").symlink_to("plugin.py")
    found, catalogue = found_in(tmp_path)
    assert list(found) == ["linked"]
    (rejected,) = catalogue.rejected
    assert rejected.location == str(tmp_path / "loop")
    assert "Too many levels of symbolic links" in str(rejected.error)


# Manifests.


def test_a_manifest_says_what_is_known_without_running_the_plugin(tmp_path):
    write(
        tmp_path / "folder",
        plugin="",
        manifest="""
        [plugin]
        name = "Fancy"
        version = "1.2.3"
        description = "Does it"
        [plugin.commands]
        fancy = "Fancy things"
        """,
    )
    candidate = found_in(tmp_path)[0]["Fancy"]
    assert candidate.version == "1.2.3"
    assert candidate.description == "Does it"
    assert candidate.commands == {"fancy": "Fancy things"}


BAD_MANIFESTS = {
    "no toml": "[plugin",
    "no table": "name = 'x'",
    "a list": "[[plugin]]\nname = 'x'",
    "no name": "[plugin]\nversion = '1.0.0'",
    "a bad name": "[plugin]\nname = 'a b'",
    "a name with a newline": '[plugin]\nname = "a\\n"',
    "a number for a name": "[plugin]\nname = 5",
    "a bad version": "[plugin]\nname = 'x'\nversion = '1'",
    "a number for a version": "[plugin]\nname = 'x'\nversion = 1.0",
    "a list for a description": "[plugin]\nname = 'x'\ndescription = []",
    "an entry that is no module": "[plugin]\nname = 'x'\nentry = '../evil'",
    "an empty entry": "[plugin]\nname = 'x'\nentry = ''",
    "an entry without a module": "[plugin]\nname = 'x'\nentry = ':X'",
    "commands that are no table": "[plugin]\nname = 'x'\ncommands = ['x']",
    "a command without help": "[plugin]\nname = 'x'\n[plugin.commands]\nx = 1",
    "not utf-8": b"[plugin]\nname = '\xff'",
    "too large": b"#" * 300_000,
    "too deep": b"x = " + b"[" * 100_000,
    "a number too long": b"x = " + b"9" * 100_000,
}


@pytest.mark.parametrize("content", BAD_MANIFESTS.values(), ids=BAD_MANIFESTS.keys())
def test_a_bad_manifest_is_rejected_with_its_place(tmp_path, content):
    write(tmp_path / "broken", plugin="", manifest=content)
    write(tmp_path / "_", plugin="")
    rejected = reason_for(tmp_path)
    assert rejected.name == "broken"
    assert rejected.error.code == "AITBC-P09"
    assert "plugin.toml" in rejected.error.message


@pytest.mark.parametrize("kind", ["folder", "pipe", "endless"])
def test_a_manifest_that_is_no_file_is_rejected_at_once(tmp_path, kind):
    write(tmp_path / "broken", plugin="")
    path = tmp_path / "broken" / "plugin.toml"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    assert reason_for(tmp_path).error.code == "AITBC-P09"


@settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.one_of(
        st.binary(max_size=60),
        st.text("[plugin]name=version'entry\"\n.1x{}\\u", max_size=80).map(str.encode),
    )
)
def test_whatever_a_manifest_holds_it_is_read_or_refused(tmp_path, content):
    (tmp_path / "plugin.toml").write_bytes(content)
    try:
        manifest = read_manifest(tmp_path)
    except PluginError as error:
        assert error.code == "AITBC-P09"
    else:
        assert tomllib.loads(content.decode())["plugin"]["name"] == manifest.name


# One name, two plugins.


def test_the_earlier_path_wins_and_the_shadowing_is_told(tmp_path):
    write(tmp_path / "one" / "twin", plugin="")
    write(tmp_path / "two" / "Twin", plugin="")
    catalogue = discover([tmp_path / "one", tmp_path / "two"])
    assert catalogue.get("TWIN").location == str(tmp_path / "one" / "twin")
    (rejected,) = catalogue.rejected
    assert rejected.error.code == "AITBC-P07"
    assert rejected.location == str(tmp_path / "two" / "Twin")
    assert str(tmp_path / "one" / "twin") in rejected.error.message


def test_a_folder_shadows_a_built_in_plugin(tmp_path):
    write(tmp_path / "agent-cli", plugin="")
    catalogue = discover([tmp_path])
    assert catalogue.get("agent-cli").source == "directory"
    assert [(r.name, r.source) for r in catalogue.rejected] == [("agent-cli", "built-in")]


def test_two_spellings_of_one_name_in_one_folder_are_told(tmp_path):
    write(tmp_path / "my-plugin", plugin="")
    write(tmp_path / "my_plugin", plugin="")
    found, catalogue = found_in(tmp_path)
    assert found["my-plugin"].location == str(tmp_path / "my-plugin")
    assert [r.error.code for r in catalogue.rejected] == ["AITBC-P07"]


def test_the_built_in_plugins_are_found_by_their_manifests():
    found = {c.name: c for c in find_built_ins()}
    assert set(found) == {"agent-cli", "bitcoin-integration", "translation-ai"}
    assert all(c.version and c.description for c in found.values())


# Entry points.


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A folder on sys.path for distributions."""
    folder = tmp_path / "site"
    folder.mkdir()
    monkeypatch.syspath_prepend(str(folder))
    return folder


def install(site, entry_points, metadata="Metadata-Version: 2.1\nName: dist\nVersion: 2.0.1\n"):
    info = site / "dist-2.0.1.dist-info"
    info.mkdir()
    if metadata is not None:
        (info / "METADATA").write_text(metadata)
    content = entry_points if isinstance(entry_points, bytes) else entry_points.encode()
    (info / "entry_points.txt").write_bytes(content)


def test_an_installed_plugin_is_found_by_its_entry_point_and_not_imported(site):
    (site / "installed_one.py").write_text(source("one"))
    install(
        site,
        "[aitbc.plugins]\none = installed_one:MyPlugin [extra]\n",
        "Metadata-Version: 2.1\nName: dist\nVersion: 2.0.1\nSummary: Does one thing\n",
    )
    (candidate,) = find_installed()
    assert (candidate.name, candidate.source) == ("one", "entry point")
    assert (candidate.version, candidate.description) == ("2.0.1", "Does one thing")
    assert "installed_one" not in sys.modules
    assert candidate.resolve().answer == 1


def test_an_entry_point_may_name_a_module_or_a_package(site):
    (site / "installed_two").mkdir()
    (site / "installed_two" / "__init__.py").write_text("from .core import MyPlugin")
    (site / "installed_two" / "core.py").write_text(source("two"))
    install(site, "[aitbc.plugins]\ntwo = installed_two\n")
    (candidate,) = find_installed()
    assert candidate.resolve().__name__ == "MyPlugin"


def test_an_entry_point_whose_name_cannot_be_a_plugins_is_rejected(site):
    install(site, "[aitbc.plugins]\nnot_a_name = nowhere\n")
    (rejected,) = find_installed()
    assert rejected.error.code == "AITBC-P06"


@pytest.mark.parametrize("metadata", [None, "", "Name: dist\n"])
def test_a_distribution_with_damaged_metadata_still_offers_its_plugin(site, metadata):
    install(site, "[aitbc.plugins]\none = nowhere\n", metadata)
    (candidate,) = find_installed()
    assert (candidate.name, candidate.version) == ("one", None)


@pytest.mark.parametrize("content", [b"[aitbc.plugins]\n\xff = x\n", b"[aitbc.plugins]\nnothing\n"])
def test_a_distribution_with_damaged_entry_points_does_not_end_discovery(site, content):
    install(site, content)
    catalogue = discover()
    assert catalogue.get("agent-cli") is not None
    assert all(isinstance(finding, Note) for finding in find_installed())


# The command line.


def test_a_dotted_name_is_a_candidate_named_after_its_last_word():
    (one, two) = find_named(["package.my_module", "package.module:make_it"])
    assert (one.name, one.location) == ("my-module", "package.my_module")
    assert two.name == "make-it"


@pytest.mark.parametrize("dotted", ["", "package.", "_private", "a.1x", "a b"])
def test_a_dotted_name_that_gives_no_plugins_name_is_refused(dotted):
    with pytest.raises(PluginLoadError) as caught:
        list(find_named([dotted]))
    assert caught.value.code == "AITBC-P06"


def test_a_folder_is_looked_through_in_a_fixed_order(tmp_path):
    for name in ("b", "a", "C"):
        write(tmp_path / name, plugin="")
    assert [finding.name for finding in find_in_folder(tmp_path)] == ["C", "a", "b"]
