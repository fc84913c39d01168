"""The README's programs run as they are printed."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import types
import unittest
from pathlib import Path

import yaml

from aitbc_hooks import HostConfig, PluginManager, PluginStatus

README = (Path(__file__).parents[1] / "README.md").read_text("utf-8")


def block(language, holding):
    found = re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    (text,) = [text for text in found if holding in text]
    return text


def executed(source, **names):
    module = types.ModuleType("readme")
    vars(module).update(names)
    exec(compile(source, "README.md", "exec", dont_inherit=True), vars(module))
    return module


def greeter():
    return executed(block("python", "class Greeter")).Greeter


def live(tmp_path, plugin, name):
    async def scenario():
        manager = PluginManager({"state_dir": str(tmp_path)})
        manager.register(plugin, name)
        async with manager:
            assert manager.get_plugin_status(name) is PluginStatus.ACTIVE
            await manager.broadcast_event("user_login", {"user": "alice"})
            assert manager.report(name).error_count == 0

    asyncio.run(scenario())


def test_the_class_greets(tmp_path, caplog):
    with caplog.at_level("INFO"):
        live(tmp_path, greeter(), "greeter")
    assert "hello, alice" in caplog.messages


def test_the_functions_greet(tmp_path, capsys):
    live(tmp_path, executed(block("python", 'print("hello,"')), "functions")
    assert "hello, alice" in capsys.readouterr().out


def test_the_test_class_passes():
    case = executed(block("python", "class TestGreeter"), Greeter=greeter()).TestGreeter
    result = unittest.TestResult()
    type("Case", (case, unittest.TestCase), {})("test_it_starts").run(result)
    assert result.wasSuccessful(), result.failures + result.errors
    assert result.testsRun == 1


def test_the_embedding_program_runs(tmp_path):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block("python", "load_config")],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        cwd=tmp_path,
        env={
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        },
    )
    assert done.returncode == 0, done.stderr
    assert "la casa" in done.stdout
    assert "PluginReport(name='translation-ai', status=<PluginStatus.ACTIVE" in done.stdout


def test_the_configuration_enables_the_folders_plugin(tmp_path):
    folder = tmp_path / "plugins" / "greeter"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text(block("python", "class Greeter"))
    mapping = yaml.safe_load(block("yaml", "greeter"))
    config = HostConfig.from_mapping({**mapping, "state_dir": str(tmp_path)}, base=tmp_path)

    async def scenario():
        async with PluginManager(config) as manager:
            return manager.report("greeter")

    report = asyncio.run(scenario())
    assert report.status is PluginStatus.ACTIVE
    assert report.source == "directory"
