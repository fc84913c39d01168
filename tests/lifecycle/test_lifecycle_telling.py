"""What others see of a lifecycle: the listener, the plugin, and whoever looks at the tasks."""

from __future__ import annotations

import asyncio
import types
from datetime import UTC

import pytest
from lifecycle_single import Gate, Recorder, Single, run

from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, Lifecycle, Subject


def test_a_new_lifecycle_is_unloaded_and_knows_of_no_failure():
    async def main():
        lifecycle = Single().lifecycle
        assert lifecycle.status is S.UNLOADED
        assert lifecycle.since.tzinfo is UTC
        assert lifecycle.subject is None
        assert lifecycle.failure is None
        assert lifecycle.error_count == 0

    run(main())


def test_a_plugins_life_is_told_step_by_step_and_each_step_has_its_time():
    async def main():
        single = Single()
        times = [single.lifecycle.since]
        for operation in ("load", "start", "stop", "unload"):
            await single.reach(operation)
            times.append(single.lifecycle.since)
        assert single.listener.transitions == [
            ("UNLOADED", "LOADING"),
            ("LOADING", "LOADED"),
            ("LOADED", "ACTIVE"),
            ("ACTIVE", "INACTIVE"),
            ("INACTIVE", "UNLOADING"),
            ("UNLOADING", "UNLOADED"),
        ]
        assert len({id(time) for time in times}) == len(times)
        assert {time.tzinfo for time in times} == {UTC}

    run(main())


def test_each_method_finds_the_drivers_status_on_its_plugin():
    async def main():
        plugin, seen = types.SimpleNamespace(status=None), []

        def method():
            seen.append(plugin.status)
            return True

        single = Single(plugin=plugin, **dict.fromkeys(LIFECYCLE_METHODS, method))
        await single.reach("load", "start", "stop", "unload")
        assert seen == [S.LOADING, S.LOADED, S.ACTIVE, S.UNLOADING]
        assert plugin.status is S.UNLOADED

    run(main())


def test_every_call_runs_in_a_task_that_tells_whose_it_is():
    names = []

    async def tell():
        names.append(asyncio.current_task().get_name())
        return True

    class Tells(Recorder):
        async def quiesce(self):
            await tell()

    async def main():
        single = Single(listener=Tells(), **dict.fromkeys(LIFECYCLE_METHODS, tell))
        await single.reach("load", "start", "stop", "unload")
        assert names == [
            "aitbc-hooks:ant:initialize",
            "aitbc-hooks:ant:start",
            "aitbc-hooks:ant:stop",
            "aitbc-hooks:ant:quiesce",
            "aitbc-hooks:ant:cleanup",
        ]

    run(main())


def test_a_cancelled_unload_leaves_event_handlers_to_their_end():
    class Slow(Recorder):
        async def quiesce(self):
            await gate()

    gate = Gate()

    async def main():
        single = Single(listener=Slow())
        await single.reach("load")
        task = asyncio.create_task(single.lifecycle.unload())
        await gate.entered.wait()
        task.cancel()
        await asyncio.sleep(0.1)
        assert single.called == []
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert single.called == ["cleanup"]

    run(main())


@pytest.mark.parametrize("lives", [0, 1])
def test_event_handlers_are_left_alone_when_no_instance_could_be_made(lives):
    class Counts(Recorder):
        quiesced = 0

        async def quiesce(self):
            self.quiesced += 1

    async def main():
        subjects = [Subject(object(), {})] * lives
        listener = Counts()
        lifecycle = Lifecycle("ant", subjects.pop, listener=listener)
        for result in [True] * lives + [False]:
            assert await lifecycle.load() is result
            assert await lifecycle.unload() is True
        assert listener.quiesced == lives

    run(main())
