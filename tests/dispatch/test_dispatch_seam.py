"""pluggy's private names are used in one module, and with versions that were tried."""

from __future__ import annotations

import ast
import importlib.metadata
import inspect
import re
from pathlib import Path

import pluggy
import pytest
from dispatch_plugins import call, manager_of, plugin, sync_spec
from pluggy._hooks import normalize_hookimpl_opts
from pluggy._manager import _static_hook_attr

import aitbc_hooks.dispatch
from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.dispatch.callers import Caller, SubsetCaller

#: Releases of pluggy with which the differential tests have run at length.
CHECKED = ("1.7.",)

SEAM = "callers.py"
SOURCES = sorted(Path(aitbc_hooks.dispatch.__file__).parent.glob("*.py"))


def _private_names(thing):
    names = {name for name in dir(thing) if name.startswith("_")}
    return names - set(dir(object)) - {"__call__", "__slots__", "__module__", "__dict__"}


PRIVATE = (
    _private_names(pluggy.HookCaller)
    | _private_names(pluggy.PluginManager)
    | {"_inner_hookexec", "_name2plugin", "_orig", "_remove_plugins", "_plugin_distinfo"}
)


def test_the_installed_pluggy_is_one_that_dispatch_was_checked_with():
    version = importlib.metadata.version("pluggy")
    assert version.startswith(CHECKED), (
        f"pluggy {version} is new here. Put it into tests/dropin/constraints.txt and run .ci/dropin, "
        f"which runs that release's own tests on HookManager; run the differential tests with "
        f"10 000 examples; read what became of the private names in {SEAM}; then add it to CHECKED."
    )


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_only_the_seam_uses_pluggys_private_names(source):
    tree = ast.parse(source.read_text())
    used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    modules = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    private = {name for name in used & PRIVATE if not name.startswith("__")}
    private |= {module for module in modules if re.match(r"pluggy\._", module)}

    assert bool(private) is (source.name == SEAM), private


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        (pluggy.HookCaller._apply_defaults, ["self", "kwargs"]),
        (pluggy.HookCaller._verify_all_args_are_provided, ["self", "kwargs"]),
        (pluggy.HookCaller._add_hookimpl, ["self", "hookimpl"]),
        (pluggy.HookCaller._remove_plugin, ["self", "plugin"]),
        (pluggy.HookCaller._maybe_apply_history, ["self", "method"]),
        (pluggy.PluginManager._verify_hook, ["self", "hook", "hookimpl"]),
        (pluggy.HookImpl, ["plugin", "plugin_name", "function", "hook_impl_opts"]),
        (_static_hook_attr, ["obj", "name"]),
        (normalize_hookimpl_opts, ["opts"]),
        (pluggy.PluginManager._hookexec, ["self", "hook_name", "methods", "kwargs", "firstresult"]),
    ],
)
def test_the_private_methods_that_the_seam_builds_on_are_as_it_expects(method, parameters):
    assert list(inspect.signature(method).parameters) == parameters


def test_every_caller_of_a_manager_is_one_of_this_package():
    manager = manager_of(plugin(lambda arg: 1), spec=sync_spec)
    each = plugin(lambda arg: 2)
    manager.register(each, "each")

    assert {type(caller) for caller in vars(manager.hook).values()} == {Caller}
    assert type(manager.subset_hook_caller("hook", [each])) is SubsetCaller
    assert manager.subset_hook_caller("hook", []) is manager.hook.hook


def test_the_live_implementations_are_one_tuple_until_something_changes():
    manager = manager_of(plugin(lambda arg: 1), spec=sync_spec)
    caller = manager.hook.hook
    live = caller.live()
    assert caller.live() is live
    assert [impl.plugin_name for impl in live] == ["p0"]

    manager.register(plugin(lambda arg: 2), "new")
    assert [impl.plugin_name for impl in caller.live()] == ["p0", "new"]
    manager.set_active("p0", active=False)
    assert [impl.plugin_name for impl in caller.live()] == ["new"]
    manager.unregister(name="new")
    assert caller.live() == ()


def test_an_unmodified_subclass_of_pluggys_manager_works_on_this_one():
    class Program(HookManager):
        def __init__(self):
            super().__init__("program")
            self.registered = []

        def register(self, plugin, name=None):
            result = super().register(plugin, name)
            self.registered.append(result)
            return result

    spec, impl = pluggy.HookspecMarker("program"), pluggy.HookimplMarker("program")

    class Specs:
        @spec(firstresult=True)
        def answer(self, question): ...

    class Some:
        @impl
        def answer(self, question):
            return question * 2

    program = Program()
    program.add_hookspecs(Specs)
    program.register(Some(), "some")
    program.check_pending()

    assert program.hook.answer(question=21) == 42
    assert program.registered == ["some"]
    assert isinstance(program, pluggy.PluginManager)
    assert isinstance(program.hook.answer, pluggy.HookCaller)


def test_importing_dispatch_does_not_import_asyncio():
    import subprocess
    import sys

    code = "import sys, aitbc_hooks.dispatch; print('asyncio' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "False"


def test_a_manager_calls_nothing_when_it_has_no_plugins():
    assert call(manager_of()) == []


@pytest.mark.parametrize("planned", [False, True])
def test_arguments_by_position_are_refused_in_pluggys_words(planned):
    manager = manager_of(plugin(lambda arg: 1), spec=sync_spec)
    if planned:
        manager.hook.hook(arg=1)

    with pytest.raises(TypeError, match=r"__call__\(\) takes 1 positional argument but 2 were"):
        manager.hook.hook(1)
