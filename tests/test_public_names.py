"""What the package offers, and what importing it does not do."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import aitbc.plugins
import aitbc_hooks
import aitbc_hookspecs


@pytest.mark.parametrize("name", aitbc_hooks.__all__)
def test_every_public_name_is_there_and_listed(name):
    assert getattr(aitbc_hooks, name) is not None
    assert name in dir(aitbc_hooks)


@pytest.mark.parametrize("name", aitbc.plugins.__all__)
def test_the_specifications_path_gives_the_same_objects(name):
    home = aitbc_hookspecs if name == "hookimpl" else aitbc_hooks
    assert getattr(aitbc.plugins, name) is getattr(home, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = aitbc_hooks.nonsense


def imported_by(code):
    """Return the modules that a fresh interpreter has after running `code`."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\n{code}\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    return set(done.stdout.split())


HEAVY = {"asyncio", "attr", "cattrs", "click", "jsonschema", "sqlite3", "yaml", "pluggy"}


def test_importing_the_package_imports_nothing_heavy():
    assert not HEAVY & imported_by("import aitbc_hooks")


def test_hooks_alone_bring_no_host_with_them():
    modules = imported_by("from aitbc_hooks import HookManager")
    assert not {"asyncio", "cattrs", "click", "jsonschema", "yaml"} & modules
    assert "aitbc_hooks.manager" not in modules


def test_a_plugin_authors_import_brings_no_host_with_it():
    modules = imported_by("from aitbc.plugins import BasePlugin, hookimpl")
    assert not {"cattrs", "click", "jsonschema", "yaml"} & modules
    assert "aitbc_hooks.manager" not in modules
