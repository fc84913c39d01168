"""SPEC.md's example plugin and its test class, run as printed."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import warnings

import pytest
from blocks import python_block

import aitbc.plugins
from aitbc.plugins import LegacyPluginAdapter, PluginMetadata, PluginStatus
from aitbc_hooks import PluginManager

MY_PLUGIN = python_block("class MyPlugin(BasePlugin)")
LEGACY = python_block("class LegacyPlugin:")


def printed_plugin_folder(tmp_path):
    folder = tmp_path / "plugins" / "my-plugin"
    folder.mkdir(parents=True)
    (folder / "__init__.py").touch()
    (folder / "plugin.py").write_text(MY_PLUGIN)
    return folder


def test_the_example_plugin_goes_through_its_whole_life(tmp_path):
    printed_plugin_folder(tmp_path)
    config = {"plugin_paths": [str(tmp_path / "plugins")], "state_dir": str(tmp_path / "state")}
    seen = []

    async def live():
        manager = PluginManager(config)
        for operation in ("load", "start", "stop", "start", "unload"):
            assert await getattr(manager, f"{operation}_plugin")("my-plugin") is True
            seen.append(manager.get_plugin_status("my-plugin"))

    asyncio.run(live())
    assert seen == [
        PluginStatus.LOADED,
        PluginStatus.ACTIVE,
        PluginStatus.INACTIVE,
        PluginStatus.ACTIVE,
        PluginStatus.UNLOADED,
    ]


def run_pytest(folder, *options):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=folder,
        timeout=120,
        check=False,
    )


def test_the_printed_test_class_passes_unchanged_but_for_the_import_it_lacks(tmp_path):
    folder = tmp_path / "suite"
    folder.mkdir()
    (folder / "my_plugin.py").write_text(MY_PLUGIN)
    test_class = python_block("class TestMyPlugin(PluginTestCase)")
    (folder / "test_plugin.py").write_text(f"from my_plugin import MyPlugin\n{test_class}")
    done = run_pytest(folder, "-W", "error")
    assert "3 passed" in done.stdout, done.stdout + done.stderr


def test_the_printed_test_class_fails_for_a_plugin_that_breaks_its_promise(tmp_path):
    folder = tmp_path / "suite"
    folder.mkdir()
    broken = MY_PLUGIN.replace('info("Starting my-plugin")\n', 'info("x")\n        return False\n')
    assert broken != MY_PLUGIN
    (folder / "my_plugin.py").write_text(broken)
    test_class = python_block("class TestMyPlugin(PluginTestCase)")
    (folder / "test_plugin.py").write_text(f"from my_plugin import MyPlugin\n{test_class}")
    done = run_pytest(folder)
    assert "2 failed, 1 passed" in done.stdout, done.stdout + done.stderr


def test_a_printed_legacy_plugin_lives_in_the_host_through_the_adapter(tmp_path):
    namespace = {"BasePlugin": aitbc.plugins.BasePlugin}
    exec(compile(LEGACY, "SPEC.md", "exec", dont_inherit=True), namespace)
    calls = []

    class Printed(namespace["LegacyPlugin"]):
        def old_method(self):
            calls.append("old_method")

    with pytest.warns(DeprecationWarning, match=r"'old-plugin' \(.*Printed\).*BasePlugin"):
        adapter = LegacyPluginAdapter(
            Printed(),
            metadata=PluginMetadata("old-plugin", "1.0.0", "Old", "AITBC Team", "MIT"),
            methods={"start": "old_method"},
        )

    async def live():
        async with PluginManager({"state_dir": str(tmp_path)}) as manager:
            manager.register(adapter)
            assert await manager.load_plugin("old-plugin")
            assert await manager.start_plugin("old-plugin")
            assert manager.get_plugin_status("old-plugin") is PluginStatus.ACTIVE
            assert adapter.context.data_dir.startswith(str(tmp_path))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(live())
    assert calls == ["old_method"]
