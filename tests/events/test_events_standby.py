"""What a handler sees of its task, although no task is made for one that never suspends."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import gc

import pytest
from event_loops import FACTORIES, run

from aitbc_hooks.events import EventBus, Owner, Standby
from aitbc_hooks.hosting.origin import owner_of_task

pytestmark = pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)


def collecting():
    failures = []
    return EventBus(lambda owner, event, error: failures.append(error)), failures


@pytest.fixture
def made(monkeypatch):
    """The standbys that are made, in order."""
    found = []
    original = Standby.__init__

    def counted(self, *args):
        found.append(self)
        original(self, *args)

    monkeypatch.setattr(Standby, "__init__", counted)
    return found


def test_handlers_that_do_not_suspend_cost_no_task(factory, made):
    async def scenario():
        bus, failures = collecting()
        seen = []

        async def quick(event_type, data):
            seen.append(event_type)
            if data.get("fail"):
                raise ValueError

        for _ in range(50):
            bus.subscribe("#", quick)
        tasks = asyncio.all_tasks()
        for number in range(50):
            await bus.broadcast("a", {"fail": number == 3})
            await bus.publish("b", {})
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == tasks
        assert len(seen) == 50 * 50 * 2
        assert len(failures) == 50

    run(scenario, factory)
    assert len(made) == 1


def test_each_handler_that_suspends_has_a_task_of_its_own_for_all_of_its_steps(factory, made):
    async def scenario():
        bus, failures = collecting()
        tasks = []

        async def slow(event_type, data):
            first = asyncio.current_task()
            await asyncio.sleep(0)
            second = asyncio.current_task()
            await asyncio.sleep(0.001)
            assert first is second is asyncio.current_task()
            assert first in asyncio.all_tasks()
            tasks.append(first)

        async def quick(event_type, data):
            assert asyncio.current_task() is not publisher

        publisher = asyncio.current_task()
        for handler in (slow, quick, slow, quick, slow):
            bus.subscribe("#", handler)
        await bus.broadcast("a", {})
        assert asyncio.current_task() is publisher
        await asyncio.sleep(0)
        assert len(set(tasks)) == 3
        assert all(task.done() for task in tasks)
        assert not failures

    run(scenario, factory)
    assert len(made) == 3


def test_a_timeout_that_is_entered_in_the_first_step_ends_a_later_one(factory):
    async def scenario():
        bus, failures = collecting()
        log = []

        async def impatient(event_type, data):
            try:
                async with asyncio.timeout(0.001):
                    await asyncio.Event().wait()
            except TimeoutError:
                log.append(asyncio.current_task().cancelling())
            async with asyncio.timeout(5):
                await asyncio.sleep(0)
            log.append("went on")

        for _ in range(3):
            bus.subscribe("#", impatient)
        await bus.broadcast("a", {})
        assert sorted(map(str, log)) == ["0", "0", "0", "went on", "went on", "went on"]
        assert not failures

    run(scenario, factory)


def test_a_task_group_that_is_entered_in_the_first_step_ends_with_its_first_failure(factory):
    async def scenario():
        bus, failures = collecting()
        ended = []

        async def child():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

        async def failing():
            await asyncio.sleep(0)
            raise LookupError("of a child")

        async def parent(event_type, data):
            async with asyncio.TaskGroup() as group:
                group.create_task(child())
                group.create_task(failing())
                await asyncio.Event().wait()

        bus.subscribe("#", parent)
        bus.subscribe("#", parent)
        await bus.broadcast("a", {})
        assert ended == [True, True]
        for failure in failures:
            assert isinstance(failure, ExceptionGroup)
            assert [str(error) for error in failure.exceptions] == ["of a child"]
        assert len(failures) == 2

    run(scenario, factory)


@pytest.mark.parametrize("later", [False, True])
@pytest.mark.parametrize("waits_for", ["future", "loop"])
def test_a_handler_that_cancels_its_own_task_is_cancelled_where_it_suspends(
    factory, later, waits_for
):
    async def scenario():
        bus, failures = collecting()
        log = []

        async def suicidal(event_type, data):
            if later:
                await asyncio.sleep(0)
            asyncio.current_task().cancel("enough")
            log.append("goes on")
            try:
                await (asyncio.Event().wait() if waits_for == "future" else asyncio.sleep(0))
            except asyncio.CancelledError as error:
                log.append(str(error))
                raise
            log.append("never")

        async def quick(event_type, data):
            log.append("quick")

        async def slow(event_type, data):
            await asyncio.sleep(0.002)
            log.append("slow")

        for handler in (suicidal, quick, slow):
            bus.subscribe("#", handler)
        await bus.broadcast("a", {})
        assert sorted(log) == ["enough", "goes on", "quick", "slow"]
        assert not failures
        assert bus.statistics().dropped == 1
        await bus.broadcast("b", {})
        assert log.count("slow") == 2

    run(scenario, factory)


def test_a_handler_that_cancels_its_task_and_does_not_suspend_cancels_nobody(factory):
    async def scenario():
        bus, failures = collecting()
        log = []

        async def suicidal(event_type, data):
            asyncio.current_task().cancel()

        async def slow(event_type, data):
            await asyncio.sleep(0.001)
            log.append(asyncio.current_task().cancelling())

        for handler in (suicidal, slow, suicidal, slow):
            bus.subscribe("#", handler)
        for _ in range(3):
            await bus.broadcast("a", {})
        assert log == [0] * 6
        assert not failures

    run(scenario, factory)


def test_handlers_may_await_one_and_the_same_future(factory):
    async def scenario():
        bus, failures = collecting()
        log = []
        shared = asyncio.get_running_loop().create_future()
        ready = asyncio.get_running_loop().create_future()
        ready.set_result("ready")

        async def waiting(event_type, data):
            log.append(await shared)
            log.append(await ready)

        for _ in range(3):
            bus.subscribe("#", waiting)
        asyncio.get_running_loop().call_later(0.002, shared.set_result, "shared")
        await bus.broadcast("a", {})
        assert sorted(log) == ["ready"] * 3 + ["shared"] * 3
        assert not failures

    run(scenario, factory)


def test_cancelling_a_broadcaster_cancels_no_handler(factory):
    async def scenario():
        bus, failures = collecting()
        log = []
        release = asyncio.Event()

        async def handler(event_type, data):
            await release.wait()
            log.append("handled")

        bus.subscribe("#", handler)
        broadcaster = asyncio.Task(bus.broadcast("a", {}))
        await asyncio.sleep(0.001)
        broadcaster.cancel()
        await asyncio.wait({broadcaster})
        assert broadcaster.cancelled()
        release.set()
        await bus.settle()
        assert log == ["handled"]
        assert not failures

    run(scenario, factory)


def test_every_handler_runs_in_its_owners_name_in_all_steps_and_so_do_its_tasks(factory):
    async def scenario():
        bus, failures = collecting()
        owners = [Owner(f"p{number}", granted=True) for number in range(4)]
        born = {}

        def handler_of(owner, *, slow):
            async def handler(event_type, data):
                tasks = born[owner] = [asyncio.current_task()]
                tasks.append(asyncio.get_running_loop().create_task(asyncio.sleep(60)))
                assert owner_of_task(asyncio.current_task()) is owner
                if slow:
                    await asyncio.sleep(0.001)
                    assert owner_of_task(asyncio.current_task()) is owner
                    tasks.append(asyncio.get_running_loop().create_task(asyncio.sleep(60)))
                    await asyncio.sleep(0.001)

            return handler

        for number, owner in enumerate(owners):
            bus.subscribe("#", handler_of(owner, slow=number % 2), owner=owner)
        for send in (bus.broadcast, bus.publish):
            await send("a", {})
            await bus.settle()
            assert len(born) == 4
            for owner, (_, *tasks) in born.items():
                assert {owner_of_task(task) for task in tasks} == {owner}
                for task in tasks:
                    task.cancel()
            born.clear()
        assert not failures

    run(scenario, factory)


def test_handlers_see_the_publishers_context_and_change_neither_it_nor_one_that_suspended(factory):
    request = contextvars.ContextVar("request", default="none")

    async def scenario():
        bus, failures = collecting()
        log = []

        async def slow(event_type, data):
            log.append(request.get())
            token = request.set("slow's own")
            await asyncio.sleep(0.001)
            log.append(request.get())
            request.reset(token)

        async def quick(event_type, data):
            request.set("quick's own")

        bus.subscribe("#", slow)
        bus.subscribe("#", quick)
        for send in (bus.broadcast, bus.publish):
            request.set("publisher's")
            await send("a", {})
            assert request.get() == "publisher's"
            await bus.settle()
            assert log == ["publisher's", "slow's own"]
            log.clear()
        assert not failures

    run(scenario, factory)


def test_a_loop_that_ends_while_handlers_wait_ends_them_without_a_word(factory, caplog):
    begun, ended = [], []

    async def scenario():
        bus, _ = collecting()

        async def waiting(event_type, data):
            begun.append(event_type)
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(event_type)

        bus.subscribe("#", waiting)
        await bus.publish("a", {})
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.001):
                await bus.broadcast("a", {})

    run(scenario, factory)
    gc.collect()
    assert begun
    assert ended == begun
    assert not caplog.records


def test_a_loop_that_is_closed_with_a_task_standing_by_has_lost_nothing(factory, caplog):
    async def quick(event_type, data): ...

    bus, _ = collecting()
    bus.subscribe("#", quick)
    for _ in range(2):
        loop = factory()
        loop.run_until_complete(bus.broadcast("a", {}))
        loop.close()
    del bus
    gc.collect()
    assert not caplog.records


def test_an_interrupt_in_a_later_step_leaves_the_loop_and_the_others_get_the_event(factory):
    log = []
    bus, _ = collecting()

    async def interrupt(event_type, data):
        if data["later"]:
            await asyncio.sleep(0)
        raise KeyboardInterrupt

    async def other(event_type, data):
        log.append(event_type)

    async def scenario(later):
        for handler in (other, interrupt, other):
            bus.subscribe("#", handler)
        await bus.broadcast("a", {"later": later})

    async def end_all():
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    for later in (False, True):
        loop = factory()
        with pytest.raises(KeyboardInterrupt):
            loop.run_until_complete(scenario(later))
        loop.run_until_complete(bus.settle())
        loop.run_until_complete(end_all())
        loop.close()
        for subscription in bus.subscriptions:
            bus.unsubscribe(subscription)
        assert log == ["a", "a"]
        log.clear()
