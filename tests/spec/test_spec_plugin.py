"""SPEC.md's example plugin and its test class, run as printed."""

from __future__ import annotations

import asyncio
import warnings

import pytest
from async_configurations import each_configuration, run_pytest
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


TEST_CLASS = python_block("class TestMyPlugin(PluginTestCase)")
PRINTED = ["test_plugin_metadata", "test_plugin_lifecycle", "test_plugin_health_check"]
#: What is changed in the printed plugin, and the printed tests that must fail then.
BREAKING = {
    "sound": ("", "", []),
    "misnamed": ('name="my-plugin"', 'name="another"', PRINTED[:1]),
    "unstarted": ('info("Starting my-plugin")', 'info("")\n        return False', PRINTED[1:]),
    "unclean": ('info("Cleaning up my-plugin")', 'info("")\n        return 1', PRINTED[1:]),
}


@each_configuration
def test_the_printed_test_class_passes_unchanged_once_and_fails_for_broken_plugins(
    configuration, tmp_path
):
    configuration.require()
    expected = {}
    for what, (old, new, failing) in BREAKING.items():
        assert old in MY_PLUGIN
        (tmp_path / f"{what}.py").write_text(MY_PLUGIN.replace(old, new, 1))
        # The class as it is printed, after the one import that it lacks.
        (tmp_path / f"test_{what}.py").write_text(f"from {what} import MyPlugin\n{TEST_CLASS}")
        for name in PRINTED:
            outcome = "failure" if name in failing else "passed"
            expected[f"test_{what}.TestMyPlugin.{name}"] = outcome
    done = run_pytest(tmp_path, *configuration.options)
    assert dict(done.tests) == expected, done.output
    assert len(done.tests) == len(expected), done.output


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
