"""What an optional dependency and a conflict mean when a plugin starts."""

from __future__ import annotations

import asyncio

import pytest
from lifecycle_single import run

from aitbc_hooks import PluginManager
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S

STARTED: list[str] = []


class Plain(BasePlugin):
    version = "1.2.0"

    def get_metadata(self):
        name = type(self).__name__.lower()
        return PluginMetadata(name, self.version, "Plain", "the tests", "MIT")

    async def initialize(self):
        return True

    async def start(self):
        STARTED.append(type(self).__name__.lower())
        return True

    stop = cleanup = initialize


class Ant(Plain):
    pass


class Bee(Plain):
    pass


class Cow(Plain):
    async def start(self):
        await asyncio.sleep(0)
        return await super().start()


class Early(Plain):
    version = "2.0.0-rc.1"


class Broken(Plain):
    async def start(self):
        return False


@pytest.fixture(autouse=True)
def _nothing_started():
    STARTED.clear()


def manager_of(tmp_path, blocks, *classes):
    blocks = {name: {"enabled": True} | block for name, block in blocks.items()}
    manager = PluginManager({"state_dir": str(tmp_path), "plugins": blocks})
    for plugin in (Ant, Bee, Cow, *classes):
        manager.register(plugin)
    return manager


async def start(manager, *names):
    """Load and start plugins one after another; return whether each is ACTIVE."""
    for name in names:
        await manager.load_plugin(name)
        await manager.start_plugin(name)
    return [manager.get_plugin_status(name) is S.ACTIVE for name in names]


def test_an_optional_dependency_that_is_enabled_is_started_first(tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": ["?bee >=1.2"]}})
        assert await start(manager, "ant") == [True]
        assert STARTED == ["bee", "ant"]

    run(main())


@pytest.mark.parametrize(
    ("optional", "blocks"),
    [
        ("?nobody >=1", {}),
        ("?bee >=1", {"bee": {"enabled": False}}),
        ("?bee >=9", {"bee": {"enabled": False}}),
        ("?broken", {}),
        ("?bee", {"bee": {"enabled": False, "dependencies": ["ant"]}}),
    ],
    ids=["unknown", "disabled", "disabled and out of range", "broken", "disabled in a cycle"],
)
def test_an_optional_dependency_that_is_not_there_keeps_nothing_from_starting(
    optional, blocks, tmp_path
):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": [optional]}, **blocks}, Broken)
        assert await start(manager, "ant") == [True]
        assert STARTED == ["ant"]

    run(main())


@pytest.mark.parametrize("bee", [{"enabled": True}, {"enabled": False}])
def test_an_optional_dependency_that_is_there_has_to_fit(bee, tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": ["?bee >=2"]}, "bee": bee})
        assert await start(manager, "bee", "ant") == [True, False]
        failure = manager.report("ant").failure
        assert failure.code == "AITBC-D04"
        assert failure.message == "works with bee only as >=2, and bee is 1.2.0."

    run(main())


def test_stopping_an_optional_dependency_does_not_stop_who_can_do_without(tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": ["?bee"]}})
        await start(manager, "ant")
        await manager.stop_plugin("bee")
        assert manager.get_plugin_status("ant") is S.ACTIVE
        assert await manager.stop_plugin("ant") is True
        assert await manager.start_plugin("ant") is True
        assert manager.get_plugin_status("bee") is S.ACTIVE

    run(main())


def test_optional_dependencies_in_a_circle_are_named_by_their_path(tmp_path):
    async def main():
        needs = {"ant": {"dependencies": ["?bee"]}, "bee": {"dependencies": ["ant"]}}
        manager = manager_of(tmp_path, needs)
        assert await start(manager, "ant") == [False]
        assert manager.report("ant").failure.code == "AITBC-D02"
        assert "ant → bee → ant" in manager.report("ant").failure.message

    run(main())


@pytest.mark.parametrize("conflict", ["!bee", "!BEE <2", "! bee 1.x"])
@pytest.mark.parametrize("order", [("ant", "bee"), ("bee", "ant")])
def test_of_two_that_conflict_the_second_is_refused_whichever_has_said_so(
    conflict, order, tmp_path
):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": [conflict]}})
        assert await start(manager, *order) == [True, False]
        failure = manager.report(order[1]).failure
        assert failure.code == "AITBC-D06"
        assert f"Stop {order[0]} first." in failure.message
        assert manager.get_plugin_status(order[1]) is S.LOADED
        assert await manager.stop_plugin(order[0]) is True
        assert await manager.start_plugin(order[1]) is True

    run(main())


def test_the_message_of_a_conflict_names_both_versions_and_the_range(tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": ["!bee <2"]}})
        await start(manager, "bee", "ant")
        assert manager.report("ant").failure.message == (
            "does not work beside bee <2, and bee 1.2.0 is active. Stop bee first."
        )
        await manager.stop_plugin("bee")
        await manager.start_plugin("ant")
        await manager.start_plugin("bee")
        assert manager.report("bee").failure.message == (
            "ant, which is active, does not work beside bee <2, and this is bee 1.2.0. "
            "Stop ant first."
        )

    run(main())


@pytest.mark.parametrize("conflict", ["!bee >=2", "!nobody", "!ant", "!bee !=1.2.0"])
def test_a_conflict_with_what_is_not_there_keeps_nothing_from_starting(conflict, tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": [conflict]}})
        assert await start(manager, "bee", "ant") == [True, True]

    run(main())


def test_a_conflict_is_neither_started_nor_waited_for_nor_a_circle(tmp_path):
    async def main():
        needs = {"ant": {"dependencies": ["!bee"]}, "bee": {"dependencies": ["!ant"]}}
        manager = manager_of(tmp_path, needs)
        assert await start(manager, "ant") == [True]
        assert STARTED == ["ant"]

    run(main())


def test_what_is_needed_is_not_started_for_a_plugin_that_is_refused(tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": ["cow", "!bee"]}})
        assert await start(manager, "bee", "ant") == [True, False]
        assert STARTED == ["bee"]

    run(main())


def test_two_that_conflict_and_start_at_the_same_time_are_not_both_active(tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"cow": {"dependencies": ["!bee"]}})
        for name in ("cow", "bee"):
            await manager.load_plugin(name)
        started = await asyncio.gather(manager.start_plugin("cow"), manager.start_plugin("bee"))
        assert started == [True, False]
        assert manager.report("bee").failure.code == "AITBC-D06"

    run(main())


def test_one_whose_start_has_failed_is_in_nobodys_way(tmp_path):
    async def main():
        blocks = {"broken": {"dependencies": ["!bee"]}}
        manager = manager_of(tmp_path, blocks, Broken)
        assert await start(manager, "broken", "bee") == [False, True]

    run(main())


@pytest.mark.parametrize(
    ("dependency", "started"), [("early >=1.5", True), ("early >=2", False), ("early <2", False)]
)
def test_a_prerelease_that_is_there_counts_by_its_order(dependency, started, tmp_path):
    async def main():
        manager = manager_of(tmp_path, {"ant": {"dependencies": [dependency]}}, Early)
        assert await start(manager, "ant") == [started]

    run(main())
