"""`run --watch` looks at folders, waits until they are quiet, and reloads."""

import asyncio
import contextlib
import os

import pytest

from aitbc_hooks import PluginManager, PluginStatus
from aitbc_hooks.cli.reloading import FolderWatch, look
from aitbc_hooks.testing.loop import DetLoop

SOURCE = """
from aitbc_hookspecs import hookimpl
@hookimpl
async def predict(input_data): return {{"v": {number}}}
@hookimpl
async def start(): return {started}
"""


class Reporter:
    def __init__(self):
        self.told = []

    def reloaded(self, plugin, seconds, failure):
        assert seconds >= 0
        self.told.append((plugin, failure and failure.code))


def write(folder, number, *, started=True):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plugin.py").write_text(SOURCE.format(number=number, started=started))


@contextlib.asynccontextmanager
async def watching(path, **blocks):
    """A host on the folder ``plugins``, and a watch of it that has just begun."""
    config = {
        "state_dir": str(path / "state"),
        "plugin_paths": [str(path / "plugins")],
        "plugins": blocks or {"one": {"enabled": True}},
    }
    manager, reporter = PluginManager(config), Reporter()
    watch = FolderWatch(manager, reporter)
    await manager.load_all()
    await manager.start_all()
    async with watch:
        yield manager, reporter
    for name in blocks or {"one": {}}:
        await manager.unload_plugin(name)


def run(main):
    with asyncio.Runner(loop_factory=DetLoop) as runner:
        return runner.run(main)


def test_what_is_still_being_written_is_not_reloaded(tmp_path):
    """Virtual seconds: each burst is longer than two looks, its pauses are shorter than one."""

    async def main():
        folder = tmp_path / "plugins" / "one"
        write(folder, 0)
        async with watching(tmp_path) as (manager, reporter):
            for number in range(10, 20):
                write(folder, number)
                assert reporter.told == []
                await asyncio.sleep(0.2)
            await asyncio.sleep(2)
            assert await manager.plugin("one").predict({}) == {"v": 19}
            return reporter.told

    assert run(main()) == [("one", None)]


def test_an_edit_before_the_watch_began_and_after_it_was_made_is_seen(tmp_path):
    async def main():
        folder = tmp_path / "plugins" / "one"
        write(folder, 1)
        manager, reporter = PluginManager({}), Reporter()
        config = {"plugin_paths": [str(folder.parent)], "plugins": {"one": {"enabled": True}}}
        manager = PluginManager({"state_dir": str(tmp_path), **config})
        watch = FolderWatch(manager, reporter)
        write(folder, 22)
        async with watch:
            await asyncio.sleep(2)
        await manager.unload_plugin("one")
        return reporter.told

    assert run(main()) == [("one", None)]


def test_nothing_is_reloaded_twice_for_one_edit_that_fails(tmp_path):
    async def main():
        folder = tmp_path / "plugins" / "one"
        write(folder, 1)
        async with watching(tmp_path) as (manager, reporter):
            (folder / "plugin.py").write_text("def (")
            await asyncio.sleep(5)
            assert manager.get_plugin_status("one") is PluginStatus.ACTIVE
            return reporter.told

    assert run(main()) == [("one", "AITBC-L11")]


def test_one_that_failed_is_started_when_it_is_mended_and_one_that_was_stopped_is_not(tmp_path):
    async def main():
        write(tmp_path / "plugins" / "failing", 1, started=False)
        write(tmp_path / "plugins" / "stopped", 1)
        blocks = {name: {"enabled": True} for name in ("failing", "stopped")}
        async with watching(tmp_path, **blocks) as (manager, reporter):
            await manager.stop_plugin("stopped")
            for name in blocks:
                write(tmp_path / "plugins" / name, 22)
            await asyncio.sleep(2)
            assert sorted(reporter.told) == [("failing", None), ("stopped", None)]
            return [manager.get_plugin_status(name).name for name in blocks]

    assert run(main()) == ["ACTIVE", "LOADED"]


def test_a_mended_one_that_still_does_not_start_is_told(tmp_path):
    async def main():
        write(tmp_path / "plugins" / "one", 1, started=False)
        async with watching(tmp_path) as (_, reporter):
            write(tmp_path / "plugins" / "one", 22, started=None)
            await asyncio.sleep(2)
            return reporter.told

    assert run(main()) == [("one", "AITBC-L03")]


def test_what_is_disabled_or_in_no_folder_of_its_own_is_not_watched(tmp_path):
    async def main():
        folder = tmp_path / "plugins" / "one"
        write(folder, 1)
        blocks = {"one": {"enabled": False}, "agent-cli": {"enabled": True}}
        async with watching(tmp_path, **blocks) as (_, reporter):
            write(folder, 22)
            await asyncio.sleep(5)
            return reporter.told

    assert run(main()) == []


def test_what_waits_to_be_started_on_demand_still_waits(tmp_path):
    async def main():
        folder = tmp_path / "plugins" / "one"
        write(folder, 1)
        manifest = '[plugin]\nname = "one"\nactivation = ["on_hook:predict"]\n'
        (folder / "plugin.toml").write_text(manifest)
        async with watching(tmp_path) as (manager, reporter):
            write(folder, 22)
            await asyncio.sleep(5)
            assert reporter.told == []
            assert manager.get_plugin_status("one") is PluginStatus.UNLOADED
            return await manager.plugin("one").predict({})

    assert run(main()) == {"v": 22}


def test_a_dependent_that_does_not_come_up_again_is_told(tmp_path):
    async def main():
        write(tmp_path / "plugins" / "one", 1)
        write(tmp_path / "plugins" / "two", 1)
        blocks = {"one": {"enabled": True}, "two": {"enabled": True, "dependencies": ["one"]}}
        async with watching(tmp_path, **blocks) as (manager, reporter):
            two = manager.plugins["two"]
            two.start.__code__ = (_fails).__code__
            write(tmp_path / "plugins" / "one", 22)
            await asyncio.sleep(2)
            assert manager.get_plugin_status("one") is PluginStatus.ACTIVE
            return reporter.told

    assert run(main()) == [("one", "AITBC-D03")]


async def _fails():
    return False


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("plugin.py", True),
        ("sub/module.py", True),
        ("plugin.toml", True),
        ("config_schema.json", True),
        ("sub/config_schema.json", True),
        ("data.json", False),
        ("README.md", False),
        (".git/hook.py", False),
        ("__pycache__/plugin.py", False),
    ],
)
def test_files_that_count_are_sources_manifests_and_schemas(tmp_path, name, counts):
    before = look(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("")
    assert (look(tmp_path) != before) is counts


def test_a_file_that_keeps_size_and_time_has_changed_all_the_same(tmp_path):
    path = tmp_path / "plugin.py"
    path.write_text("a = 1")
    before, stat = look(tmp_path), path.stat()
    other = tmp_path / "plugin.py~"
    other.write_text("a = 2")
    other.rename(path)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert look(tmp_path) != before


def test_a_folder_that_is_gone_and_a_link_that_leads_nowhere_are_looked_at_without_harm(tmp_path):
    (tmp_path / "plugin.py").symlink_to("nowhere.py")
    assert look(tmp_path) == {}
    assert look(tmp_path / "gone") == {}
