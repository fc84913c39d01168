"""Forgetting an imported folder, and finding a plugin's folder again."""

import linecache
import logging
import os
import shutil
import sys
import typing

import pytest
from discovery_folders import source, write

from aitbc_hooks.discovery import collecting_imports, discover, find_again, forget_modules
from aitbc_hooks.discovery.importing import import_folder
from aitbc_hooks.errors import AitbcError, PluginLoadError


def imported(folder):
    """Import a folder; return what that gave, and the package that it is now."""
    packages = []
    with collecting_imports(packages):
        target = import_folder(folder, "plugin", "my-plugin")
    (package,) = packages
    return target, package


def found_in(folder):
    return discover([folder]).get("my-plugin")


def test_each_import_is_a_package_of_its_own_beside_the_others(tmp_path):
    folder = write(tmp_path / "x", helper="N = 1", plugin=source() + "from . import helper\n")
    first, one = imported(folder)
    write(folder, helper="N = 2")
    second, two = imported(folder)
    assert one != two
    modules = [sys.modules[f"{package}.plugin"] for package in (one, two)]
    assert [module.helper.N for module in modules] == [1, 2]
    assert [vars(module)["MyPlugin"] for module in modules] == [first, second]


def test_a_name_is_not_used_again_when_its_package_is_gone(tmp_path):
    folder = write(tmp_path / "x", plugin=source())
    names = set()
    for _ in range(3):
        _, package = imported(folder)
        forget_modules(package)
        names.add(package)
    assert len(names) == 3


def test_forgetting_one_package_leaves_those_whose_names_begin_alike(tmp_path):
    folder = write(tmp_path / "x", plugin=source())
    packages = [imported(folder)[1] for _ in range(12)]
    forget_modules(packages[0])
    left = {name for name in sys.modules if name.startswith(packages[0])}
    assert left == {f"{package}{tail}" for package in packages[1:] for tail in ("", ".plugin")}


def test_what_python_keeps_by_name_goes_with_the_package(tmp_path):
    code = """
import logging
import attrs
logging.getLogger(__name__)
logging.getLogger(__name__ + ".deeper")
@attrs.define
class Record:
    field: int
"""
    folder = write(tmp_path / "x", plugin=source() + code)
    _, package = imported(folder)
    tables = (sys.modules, logging.Logger.manager.loggerDict, linecache.cache)
    assert all(any(package in name for name in table) for table in tables)
    forget_modules(package)
    assert not any(package in name for table in tables for name in table)


def test_loggers_of_others_stay(tmp_path):
    folder = write(tmp_path / "x", plugin=source())
    _, package = imported(folder)
    other = logging.getLogger(f"{package}s")
    forget_modules(package)
    assert logging.getLogger(f"{package}s") is other


def test_what_the_typing_module_remembers_is_forgotten(tmp_path):
    folder = write(tmp_path / "x", plugin=source())
    cls, package = imported(folder)
    before = typing.Optional[cls]  # noqa: UP045 - this form is what is cached
    assert typing.Optional[cls] is before  # noqa: UP045
    forget_modules(package)
    assert typing.Optional[cls] is not before  # noqa: UP045


def test_an_import_that_fails_is_not_collected(tmp_path):
    folder = write(tmp_path / "x", plugin="raise RuntimeError")
    packages = []
    with collecting_imports(packages), pytest.raises(PluginLoadError):
        import_folder(folder, "plugin", "my-plugin")
    assert packages == []


def test_bytecode_stays_for_the_next_process(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = write(tmp_path / "x", plugin=source())
    _, package = imported(folder)
    forget_modules(package)
    assert list(folder.glob("__pycache__/plugin.*.pyc"))


@pytest.mark.parametrize("forgotten", [True, False])
def test_a_source_of_the_same_size_and_second_is_read_again(tmp_path, monkeypatch, forgotten):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    folder = write(tmp_path / "x", plugin=source(answer=1))
    _, package = imported(folder)
    if forgotten:
        forget_modules(package)
    written = (folder / "plugin.py").stat()
    write(folder, plugin=source(answer=2))
    os.utime(folder / "plugin.py", ns=(written.st_atime_ns, written.st_mtime_ns))
    assert imported(folder)[0].answer == 2


# Finding a plugin again.


def test_a_candidate_is_found_again_as_its_manifest_says_now(tmp_path):
    folder = write(tmp_path / "my-plugin", plugin=source())
    before = found_in(tmp_path)
    assert find_again(before).version is None
    write(folder, manifest='[plugin]\nname = "my-plugin"\nversion = "2.0.0"\n')
    assert find_again(before).version == "2.0.0"
    assert find_again(before).location == before.location


@pytest.mark.parametrize(
    ("manifest", "code"), [("[plugin", "AITBC-P09"), ('[plugin]\nname = "other"', "AITBC-P05")]
)
def test_a_manifest_that_has_become_unfit_is_refused(tmp_path, manifest, code):
    folder = write(tmp_path / "my-plugin", plugin=source())
    before = found_in(tmp_path)
    write(folder, manifest=manifest)
    with pytest.raises(AitbcError) as caught:
        find_again(before)
    assert caught.value.code == code


@pytest.mark.parametrize("what", ["the folder", "its plugin.py"])
def test_a_plugin_that_is_gone_is_told(tmp_path, what):
    folder = write(tmp_path / "my-plugin", plugin=source())
    before = found_in(tmp_path)
    if what == "the folder":
        shutil.rmtree(folder)
    else:
        (folder / "plugin.py").unlink()
    with pytest.raises(PluginLoadError) as caught:
        find_again(before)
    assert caught.value.code == "AITBC-P06"


def test_a_candidate_that_has_no_folder_of_its_own_is_what_it_was():
    built_in = discover([]).get("agent-cli")
    assert find_again(built_in) is built_in
