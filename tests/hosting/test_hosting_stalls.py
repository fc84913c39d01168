"""A blocked event loop is noticed, with the plugin's name and the line that blocks."""

import asyncio
import logging
import threading
import time
import types

import pytest
from hosting_plugins import Sound, manager_in, sound

from aitbc_hooks import hookimpl
from aitbc_hooks import manager as manager_module
from aitbc_hooks.hosting import StallWatch


@pytest.fixture(autouse=True)
def _impatient(monkeypatch):
    """Count a loop as blocked after a short while, so that tests need not block it for long."""
    monkeypatch.setattr(
        manager_module, "StallWatch", lambda on_stall: StallWatch(on_stall, threshold=0.1)
    )


def block():
    time.sleep(0.4)  # the line that blocks


async def told(manager, name):
    """Wait until a failure has been recorded for the plugin."""
    for _ in range(100):
        if (failure := manager.report(name).failure) is not None:
            return failure
        await asyncio.sleep(0.02)
    return None


class Blocking(Sound):
    where = "start"

    async def start(self):
        if self.where == "start":
            block()
        return True

    async def initialize(self):
        if self.where == "task":
            self.task = asyncio.create_task(self.in_task())
        return True

    @staticmethod
    async def in_task():
        await asyncio.sleep(0.05)
        block()

    async def handle_event(self, event_type, data):
        if self.where == "event":
            block()

    async def health_check(self):
        if self.where == "health":
            block()
        return {"status": "active"}

    @hookimpl
    async def host_started(self, plugin_names):
        if self.where == "hook":
            block()


def blocked_plugins(tmp_path, *plugins):
    async def scenario():
        manager = manager_in(tmp_path, *plugins)
        async with manager:
            await manager.broadcast_event("ping", {})
            failure = await told(manager, "beta")
            return failure, manager.report("alpha").failure

    return asyncio.run(scenario())


@pytest.mark.parametrize("where", ["start", "task", "event", "health", "hook"])
def test_the_one_plugin_of_two_that_blocks_is_named(tmp_path, where, caplog):
    innocent = type("Innocent", (Blocking,), {"name": "alpha", "where": None})
    guilty = type("Guilty", (Blocking,), {"name": "beta", "where": where})
    with caplog.at_level(logging.WARNING, "aitbc.hooks"):
        failure, other = blocked_plugins(tmp_path, innocent, guilty)
    assert failure.code == "AITBC-L09"
    assert failure.plugin == "beta"
    assert "the line that blocks" in failure.traceback
    assert "run_forever" not in failure.traceback  # it begins where the plugin's code does
    assert "test_hosting_stalls.py" in failure.message
    assert "\n" not in failure.message
    assert other is None
    assert any("beta" in record.getMessage() for record in caplog.records)


def test_a_plugin_of_functions_is_named(tmp_path):
    source = """
import time
from aitbc_hookspecs import hookimpl

@hookimpl
async def start():
    time.sleep(0.4)
    return True
"""
    modules = [types.ModuleType(name) for name in ("alpha", "beta")]
    exec(source.replace("time.sleep(0.4)", "pass"), vars(modules[0]))
    exec(source, vars(modules[1]))
    failure, other = blocked_plugins(tmp_path, *modules)
    assert failure.plugin == "beta"
    assert failure.method == "start"
    assert other is None


def test_a_plugin_that_blocks_while_it_is_constructed_is_named(tmp_path):
    def create_beta(context):
        block()
        return sound("beta")(context)

    async def scenario():
        manager = manager_in(tmp_path)
        manager.register(create_beta, "beta")
        with_watch = manager.start()
        messages = []
        logging.getLogger("aitbc.hooks").addFilter(
            lambda r: messages.append(r.getMessage()) or True
        )
        await with_watch
        await manager.stop()
        return messages

    logger = logging.getLogger("aitbc.hooks")
    before = list(logger.filters)
    try:
        messages = asyncio.run(scenario())
    finally:
        logger.filters = before
    assert any("AITBC-L09" in text and "'beta'" in text for text in messages)


def test_a_host_that_blocks_itself_accuses_no_plugin(tmp_path, caplog):
    async def scenario():
        manager = manager_in(tmp_path, folderless())
        async with manager:
            block()
            await asyncio.sleep(0.05)
            return manager.report("alpha").failure

    assert asyncio.run(scenario()) is None
    assert any("by no plugin" in record.getMessage() for record in caplog.records)


def folderless():
    """Return a plugin whose code lives in a module of its own, not in this one."""
    module = types.ModuleType("elsewhere")

    @hookimpl
    async def start():
        return True

    module.start = start
    module.get_metadata = hookimpl(lambda: Sound(None).get_metadata())
    return module


def test_a_plugin_whose_getattr_answers_everything_does_not_end_the_watch(tmp_path, caplog):
    class Yes(Blocking):
        name = "beta"

        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return self

    failure, _ = blocked_plugins(tmp_path, folderless(), Yes)
    assert failure.plugin == "beta"


def watchers():
    return [t for t in threading.enumerate() if t.name == "aitbc-hooks-stalls"]


def test_the_watching_thread_ends_with_the_host(tmp_path):
    before = len(watchers())

    async def scenario():
        async with manager_in(tmp_path):
            assert len(watchers()) == before + 1
        assert len(watchers()) == before

    asyncio.run(scenario())


def test_the_watching_thread_ends_with_a_loop_that_nobody_has_told(tmp_path):
    stalls = []

    async def scenario():
        watch = StallWatch(stalls.append, threshold=0.05)
        watch.__enter__()
        return watch

    watch = asyncio.run(scenario())
    watch._thread.join(5)
    assert not watch._thread.is_alive()
    assert stalls == []


def test_a_stall_is_told_once_while_it_lasts():
    stalls = []

    async def scenario():
        with StallWatch(stalls.append, threshold=0.05):
            block()
            await asyncio.sleep(0.05)
            block()

    asyncio.run(scenario())
    assert len(stalls) == 2
    assert all("the line that blocks" in stall.stack.format()[-1] for stall in stalls)


def test_a_loop_that_turns_is_not_told_of():
    stalls = []

    async def scenario():
        with StallWatch(stalls.append, threshold=2):
            await asyncio.sleep(0.1)

    asyncio.run(scenario())
    assert stalls == []
