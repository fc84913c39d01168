"""Importing a plugin: what is found in a folder or module, afresh each time, and what fails."""

import importlib.util
import os
import sys
import types
from pathlib import Path

import pytest
from discovery_folders import source, write

from aitbc_hooks import BasePlugin, hookimpl
from aitbc_hooks.discovery import discover, importing, plugin_in
from aitbc_hooks.errors import PluginLoadError


@pytest.fixture(autouse=True)
def _with_bytecode(monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def resolve(folder):
    """Discover the one plugin in the folder's parent that lies there, and import it."""
    found = discover([folder.parent]).candidates.values()
    (candidate,) = [c for c in found if c.location == str(folder)]
    return candidate.resolve()


def refused(folder):
    with pytest.raises(PluginLoadError) as caught:
        resolve(folder)
    assert caught.value.plugin
    return caught.value


def plugin_modules():
    return [name for name in sys.modules if name.startswith("aitbc_plugin_")]


@pytest.mark.parametrize("init", [None, "", "from .plugin import MyPlugin"])
@pytest.mark.parametrize("name", ["my-plugin", "my_plugin", "MyPlugin9"])
def test_the_one_class_of_plugin_py_is_the_plugin(tmp_path, init, name):
    cls = resolve(write(tmp_path / name, init=init, plugin=source()))
    assert issubclass(cls, BasePlugin)
    assert cls.__name__ == "MyPlugin"


def test_modules_of_a_folder_import_one_another(tmp_path):
    folder = write(
        tmp_path / "my-plugin",
        init="CONSTANT = 5",
        helper="from . import CONSTANT\nVALUE = CONSTANT + 1",
        plugin=source() + "\nfrom .helper import VALUE\nMyPlugin.value = VALUE",
    )
    assert resolve(folder).value == 6


def test_absolute_imports_do_not_find_the_folders_modules(tmp_path):
    folder = write(tmp_path / "my-plugin", helper_of_it="", plugin="import helper_of_it")
    assert refused(folder).code == "AITBC-P02"


def test_a_class_with_two_names_is_one_class(tmp_path):
    folder = write(tmp_path / "my-plugin", plugin=source() + "\nPlugin = MyPlugin")
    assert resolve(folder).__name__ == "MyPlugin"


def test_a_class_from_a_module_of_the_same_folder_counts(tmp_path):
    folder = write(tmp_path / "my-plugin", core=source(), plugin="from .core import MyPlugin")
    assert resolve(folder).__name__ == "MyPlugin"


def test_a_class_from_elsewhere_does_not_count(tmp_path):
    plugin = "from aitbc.plugins import BasePlugin, LegacyPluginAdapter"
    assert refused(write(tmp_path / "my-plugin", plugin=plugin)).code == "AITBC-P06"


def test_the_factory_comes_before_the_classes(tmp_path):
    plugin = source() + source(cls="Other") + "\ndef create_plugin(context): return Other(context)"
    assert resolve(write(tmp_path / "my-plugin", plugin=plugin)).__name__ == "create_plugin"


def test_several_classes_need_the_manifest_to_say_which(tmp_path):
    folder = write(tmp_path / "my-plugin", plugin=source(cls="One") + source(cls="Two"))
    error = refused(folder)
    assert error.code == "AITBC-P06"
    assert "One, Two" in error.message
    assert "plugin.toml" in error.hint
    write(folder, manifest='[plugin]\nname = "my-plugin"\nentry = "plugin:Two"')
    assert resolve(folder).__name__ == "Two"


def test_the_entry_may_be_another_module_without_plugin_py(tmp_path):
    folder = write(tmp_path / "x", manifest='[plugin]\nname = "x"\nentry = "sub.code:Outer.Inner"')
    write(folder / "sub", init="", code="class Outer:\n    class Inner: ...")
    assert resolve(folder).__qualname__ == "Outer.Inner"


@pytest.mark.parametrize("entry", ["missing", "plugin:Missing", "plugin:MyPlugin.missing"])
def test_an_entry_that_leads_nowhere_is_refused(tmp_path, entry):
    folder = write(
        tmp_path / "x", plugin=source(), manifest=f'[plugin]\nname = "x"\nentry = "{entry}"'
    )
    error = refused(folder)
    assert error.code == "AITBC-P02"
    assert "issing" in error.message
    assert plugin_modules() == []


def test_a_module_with_hookimpls_is_the_plugin(tmp_path):
    plugin = "from aitbc_hookspecs import hookimpl\n@hookimpl\nasync def start(): return True"
    assert isinstance(resolve(write(tmp_path / "x", plugin=plugin)), types.ModuleType)


def test_a_module_that_holds_nothing_is_refused(tmp_path):
    assert refused(write(tmp_path / "x", plugin="")).code == "AITBC-P06"


def test_an_abstract_class_is_refused_with_what_it_lacks(tmp_path):
    plugin = "from aitbc.plugins import BasePlugin\nclass Half(BasePlugin): ..."
    error = refused(write(tmp_path / "x", plugin=plugin))
    assert error.code == "AITBC-P06"
    assert "Half lacks: cleanup, get_metadata, initialize, start, stop." in error.hint


def test_values_that_answer_or_refuse_everything_do_not_count(tmp_path):
    plugin = """
class Yes:
    def __getattr__(self, name): return {}
class No:
    @property
    def __class__(self): raise RuntimeError("touched")
    def __getattr__(self, name): raise RuntimeError("touched")
yes, no = Yes(), No()
"""
    folder = write(tmp_path / "x", plugin=plugin)
    assert refused(folder).code == "AITBC-P06"
    write(folder, plugin=plugin + source())
    assert resolve(folder).__name__ == "MyPlugin"


# Failures.


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("raise RuntimeError('boom')", "RuntimeError"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("def (", "SyntaxError"),
        ("import nowhere_at_all", "ModuleNotFoundError"),
        ("\0", "SyntaxError"),
        ("import asyncio; raise asyncio.CancelledError", "CancelledError"),
    ],
)
@pytest.mark.parametrize("where", ["init", "plugin"])
def test_what_an_import_raises_is_told_and_leaves_no_module(tmp_path, code, name, where):
    before = set(sys.modules)
    folder = write(tmp_path / "x", **{"plugin": source("x"), where: code})
    write(folder, helper="")
    error = refused(folder)
    assert error.code == "AITBC-P02"
    assert name in error.message
    assert error.__cause__ is not None
    assert plugin_modules() == []
    assert not any("nowhere" in module for module in set(sys.modules) - before)


def test_an_interrupt_goes_through_and_leaves_no_module(tmp_path):
    folder = write(
        tmp_path / "x", helper="", plugin="from . import helper\nraise KeyboardInterrupt"
    )
    with pytest.raises(KeyboardInterrupt):
        resolve(folder)
    assert plugin_modules() == []


# Freshness.


def test_each_import_of_a_folder_runs_its_sources_again(tmp_path):
    folder = write(tmp_path / "x", helper="ANSWER = 1", plugin=source("x", answer=1))
    with (folder / "plugin.py").open("a") as file:
        file.write("\nfrom .helper import ANSWER\nMyPlugin.other = ANSWER")
    first = resolve(folder)
    # Same size, same second: bytecode would count as fresh.
    for path in folder.glob("*.py"):
        path.write_text(
            path.read_text().replace("answer = 1", "answer = 2").replace("R = 1", "R = 2")
        )
    second = resolve(folder)
    assert (first.answer, first.other) == (1, 1)
    assert (second.answer, second.other) == (2, 2)


def test_a_source_that_failed_is_read_again(tmp_path):
    folder = write(tmp_path / "x", helper="assert 1 == 2", plugin="from . import helper" + source())
    assert refused(folder).code == "AITBC-P02"
    write(folder, helper="assert 2 == 2")
    assert resolve(folder).__name__ == "MyPlugin"


def test_a_module_that_was_added_is_found(tmp_path):
    folder = write(tmp_path / "x", plugin=source())
    resolve(folder)
    resolve(folder)  # the folder is listed again, now with its __pycache__
    listed = folder.stat()
    write(folder, added="VALUE = 1", plugin="from . import added" + source())
    os.utime(folder, ns=(listed.st_atime_ns, listed.st_mtime_ns))  # a coarse clock's doing
    assert resolve(folder).__name__ == "MyPlugin"


def test_bytecode_of_an_earlier_process_is_used(tmp_path, monkeypatch):
    folder = write(tmp_path / "x", plugin=source())
    resolve(folder)
    cached = Path(importlib.util.cache_from_source(str(folder / "plugin.py")))
    written = cached.stat().st_mtime_ns
    monkeypatch.setattr(importing, "_generations", {})
    for name in plugin_modules():  # as in a process that has not imported it yet
        del sys.modules[name]
    resolve(folder)
    assert cached.stat().st_mtime_ns == written


def test_two_folders_with_modules_of_the_same_names_do_not_mix(tmp_path):
    body = source() + "\nfrom .helper import VALUE\nMyPlugin.value = VALUE"
    one = resolve(write(tmp_path / "one" / "same", init="", helper="VALUE = 1", plugin=body))
    two = resolve(write(tmp_path / "two" / "same", init="", helper="VALUE = 2", plugin=body))
    assert (one.value, two.value) == (1, 2)
    assert one.__module__ != two.__module__


def test_a_folder_below_a_path_that_is_no_text_can_be_imported(tmp_path):
    parent = tmp_path / "\udcff"
    folder = write(parent / "my-plugin", plugin=source())
    assert resolve(folder).__name__ == "MyPlugin"


def test_a_module_that_somebody_hands_over_is_looked_through_alike():
    module = types.ModuleType("handed")
    module.start = hookimpl(lambda: True)
    assert plugin_in(module, "handed") is module
