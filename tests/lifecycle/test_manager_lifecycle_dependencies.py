"""What starting, stopping and unloading one plugin mean for its dependencies and dependents."""

from __future__ import annotations

import asyncio
import contextlib

import pytest
from lifecycle_asking import Ask
from lifecycle_faults import Behaviour, Fault, Request
from lifecycle_single import run
from lifecycle_world import World

from aitbc_hooks import PluginManager
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces import PluginStatus as S

CHAIN = {"ant": (), "bee": ("ant",), "cat": ("bee",)}
FAN = {"ant": (), "bee": ("ant",), "cat": ("ant",)}


@pytest.fixture
def world_of(tmp_path):
    with contextlib.ExitStack() as worlds:

        def make(needs, *, declared=True):
            world = World(needs, declared=declared, state_dir=tmp_path)
            worlds.callback(world.close)
            return world

        yield make


@pytest.fixture(params=[True, False], ids=["by configuration", "by metadata"])
def chain(request, world_of):
    return world_of(CHAIN, declared=request.param)


def called(world):
    return [f"{entry.plugin.name}.{entry.method}" for entry in world.journal]


def statuses(world):
    return [world.status(name) for name in world.names]


def failure(world, name):
    return world.manager.report(name).failure


def test_starting_a_plugin_loads_and_starts_what_it_needs_before_it(chain):
    chain.run("load", "cat")
    assert chain.run("start", "cat").result is True
    assert called(chain) == [
        "cat.initialize",
        "bee.initialize",
        "ant.initialize",
        "ant.start",
        "bee.start",
        "cat.start",
    ]
    assert statuses(chain) == [S.ACTIVE] * 3


@pytest.mark.parametrize("operation", ["stop", "unload"])
def test_stopping_or_unloading_a_plugin_stops_what_needs_it_before_it(operation, chain):
    chain.run("load", "cat")
    chain.run("start", "cat")
    chain.journal.clear()
    assert chain.run(operation, "ant").result is True
    stops = ["cat.stop", "bee.stop", "ant.stop"]
    assert called(chain) == (stops if operation == "stop" else [*stops, "ant.cleanup"])
    assert statuses(chain)[1:] == [S.INACTIVE, S.INACTIVE]


def test_a_dependent_whose_stop_fails_holds_up_nobody(chain):
    chain.run("load", "cat")
    chain.run("start", "cat")
    chain.plan = {("cat", "stop"): Behaviour(Fault.HANGS)}
    assert chain.run("unload", "ant").result is True
    assert statuses(chain) == [S.UNLOADED, S.INACTIVE, S.ERROR]


@pytest.mark.parametrize("method", ["construct", "initialize", "start"])
def test_a_dependency_that_cannot_be_brought_up_leaves_the_dependents_as_they_were(method, chain):
    chain.run("load", "cat")
    chain.run("load", "bee")
    chain.plan = {("ant", method): Behaviour(Fault.RAISES)}
    assert chain.run("start", "cat").result is False
    assert statuses(chain) == [S.ERROR, S.LOADED, S.LOADED]
    assert [failure(chain, name).code for name in ("bee", "cat")] == ["AITBC-D03"] * 2
    assert "bee.start" not in called(chain)
    assert "needs ant, which is not active" in failure(chain, "bee").message


def test_a_dependency_in_error_is_not_repaired_on_the_way(chain):
    chain.plan = {("ant", "initialize"): Behaviour(Fault.FALSE)}
    chain.run("load", "ant")
    chain.run("load", "bee")
    chain.plan.clear()
    assert chain.run("start", "bee").result is False
    assert failure(chain, "bee").code == "AITBC-D03"
    assert "AITBC-L03" in failure(chain, "bee").message
    assert called(chain) == ["ant.initialize", "bee.initialize"]


def test_asking_for_oneself_through_another_plugin_is_refused_at_once(world_of):
    world = world_of({"ant": (), "bee": ()})
    for name in world.names:
        world.run("load", name)
    world.run("start", "bee")
    world.plan = {
        ("ant", "start"): Behaviour(request=Request("stop", "bee")),
        ("bee", "stop"): Behaviour(request=Request("stop", "ant")),
    }
    assert world.run("start", "ant").result is True
    assert world.answers == [("stop", "ant", "AITBC-L02"), ("stop", "bee", True)]
    assert statuses(world) == [S.ACTIVE, S.INACTIVE]
    assert world.loop.time() == 0


def test_a_plugin_that_stops_what_it_needs_while_it_starts_would_stop_itself(world_of):
    world = world_of({"ant": (), "bee": ("ant",)})
    world.run("load", "bee")
    world.plan = {("bee", "start"): Behaviour(request=Request("stop", "ant"))}
    assert world.run("start", "bee").result is True
    assert world.answers == [("stop", "ant", "AITBC-L02")]
    assert statuses(world) == [S.ACTIVE, S.ACTIVE]


def test_what_needs_a_plugin_does_not_start_while_that_is_being_stopped(world_of):
    world = world_of(FAN)
    for name in ("bee", "cat"):
        world.run("load", name)
    world.run("start", "bee")
    world.plan = {("bee", "stop"): Behaviour(Fault.HANGS)}
    stopped, started = world.run_all([Ask("stop", "ant"), Ask("start", "cat", begin_at=6)])
    assert (stopped.result, started.result) == (True, False)
    assert failure(world, "cat").code == "AITBC-D03"
    assert statuses(world) == [S.INACTIVE, S.ERROR, S.LOADED]
    assert not world.trouble


def test_a_plugin_that_is_wanted_right_after_its_stop_is_started_again(world_of):
    world = world_of({"ant": (), "bee": ("ant",)})
    world.run("load", "bee")
    world.run("load", "ant")
    world.run("start", "ant")
    world.plan = {("ant", "stop"): Behaviour(pauses=5)}
    stopped, started = world.run_all([Ask("stop", "ant"), Ask("start", "bee", begin_at=5)])
    assert (stopped.result, started.result) == (True, True)
    assert statuses(world) == [S.ACTIVE, S.ACTIVE]
    assert not world.trouble


@pytest.mark.parametrize("operation", ["stop", "unload"])
def test_a_cancelled_stop_returns_when_every_dependent_has_ended_its_own(operation, world_of):
    world = world_of(FAN)
    for name in ("bee", "cat"):
        world.run("load", name)
        world.run("start", name)
    world.plan = {
        ("bee", "stop"): Behaviour(Fault.HANGS),
        ("cat", "stop"): Behaviour(Fault.LATE),
    }
    outcome = world.run_all([Ask(operation, "ant", cancel_at=6)])[0]
    assert outcome.result is asyncio.CancelledError
    assert world.leftovers() == []
    assert statuses(world) == [S.ACTIVE, S.ERROR, S.INACTIVE]
    assert failure(world, "bee").code == "AITBC-L08"


def test_independent_plugins_make_their_transitions_at_the_same_time(world_of):
    world = world_of({"ant": (), "bee": ()})
    world.plan = {(name, "initialize"): Behaviour(Fault.HANGS) for name in world.names}
    world.run_all([Ask("load", "ant"), Ask("load", "bee")])
    assert statuses(world) == [S.ERROR, S.ERROR]
    assert world.loop.time() == pytest.approx(1.0)


# What the configuration or a version makes impossible.


class Plain(BasePlugin):
    def get_metadata(self):
        return PluginMetadata(type(self).__name__.lower(), "1.2.0", "Plain", "the tests", "MIT")

    async def initialize(self):
        return True

    start = stop = cleanup = initialize


class Ant(Plain):
    pass


class Bee(Plain):
    pass


async def start_bee(tmp_path, needs, ant=None):
    """Start a Bee with dependencies beside an Ant with settings; return the manager."""
    blocks = {"bee": {"enabled": True, "dependencies": needs}}
    if ant is not None:
        blocks["ant"] = ant
    manager = PluginManager({"state_dir": str(tmp_path), "plugins": blocks})
    manager.register(Ant)
    manager.register(Bee)
    assert await manager.load_plugin("bee") is True
    started = await manager.start_plugin("bee")
    assert started is (manager.get_plugin_status("bee") is S.ACTIVE)
    return manager


@pytest.mark.parametrize(
    ("needs", "ant", "code", "words"),
    [
        (["nobody"], None, "AITBC-D01", "needs nobody, and no such plugin is known"),
        (["ant"], {"enabled": False}, "AITBC-D03", "it is disabled"),
        (["ant >=2"], None, "AITBC-D04", "and ant is 1.2.0"),
        (["ant"], {"enabled": True, "dependencies": ["bee"]}, "AITBC-D02", "bee → ant → bee"),
        (["bee"], None, "AITBC-D02", "bee → bee"),
    ],
)
def test_a_dependency_that_cannot_be_had_is_the_reason_that_the_report_gives(
    needs, ant, code, words, tmp_path
):
    async def main():
        manager = await start_bee(tmp_path, needs, ant)
        report = manager.report("bee")
        assert report.status is S.LOADED
        assert report.failure.code == code
        assert words in report.failure.message

    run(main())


@pytest.mark.parametrize(
    ("needs", "ant"),
    [
        (["ant"], None),
        (["ANT"], {"enabled": True}),
        (["ant >=1.2,<2"], None),
    ],
)
def test_a_dependency_that_can_be_had_is_started(needs, ant, tmp_path):
    async def main():
        manager = await start_bee(tmp_path, needs, ant)
        assert manager.get_plugin_status("bee") is S.ACTIVE
        assert manager.get_plugin_status("ant") is S.ACTIVE

    run(main())


def test_a_disabled_dependency_that_somebody_has_started_serves(tmp_path):
    async def main():
        manager = await start_bee(tmp_path, ["ant"], {"enabled": False})
        await manager.load_plugin("ant")
        await manager.start_plugin("ant")
        assert await manager.start_plugin("bee") is True

    run(main())
