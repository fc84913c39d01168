"""Promises at their edges: each of these fails if one line of the bus is left out."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import weakref

import pytest
from event_loops import FACTORIES, run

from aitbc_hooks.errors import EventError
from aitbc_hooks.events import EventBus, EventLimits, EventStatistics, Owner
from aitbc_hooks.events.breaker import Breaker
from aitbc_hooks.lifecycle import Turns


def recorder(log):
    async def handler(event_type, data):
        log.append(event_type)

    return handler


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
def test_a_handler_that_cancels_its_own_task_cancels_what_it_then_awaits(factory):
    ended = []

    async def scenario():
        bus = EventBus()

        async def child():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append("child")

        async def handler(event_type, data):
            task = asyncio.ensure_future(child())
            await asyncio.wait({task}, timeout=0) if data["later"] else None
            asyncio.current_task().cancel()
            await task

        bus.subscribe("#", handler)
        await bus.broadcast("a", {"later": True})
        assert ended == ["child"]
        shared = asyncio.get_running_loop().create_future()

        async def waiting(event_type, data):
            asyncio.current_task().cancel()
            await shared

        bus.subscribe("b", waiting)
        await bus.broadcast("b", {"later": True})
        assert shared.cancelled()

    run(scenario, factory)


def test_a_cancelled_handler_may_clean_up_undisturbed_and_is_waited_for():
    log = []

    async def scenario():
        bus, owner = EventBus(), Owner("x", granted=True)

        async def careful(event_type, data):
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.002)
                log.append("clean")

        bus.subscribe("#", careful, owner=owner)
        await bus.publish("a", {})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        first = asyncio.Task(bus.quiesce(owner))
        await asyncio.sleep(0.001)
        await bus.quiesce(owner)
        assert log == ["clean"]
        await first

    run(scenario)


def test_a_handler_that_has_suspended_and_quiesces_its_owner_goes_on():
    log = []

    async def scenario():
        bus, owner = EventBus(), Owner("x", granted=True)

        async def leaving(event_type, data):
            await asyncio.sleep(0)
            await bus.quiesce(owner)
            await asyncio.sleep(0)
            log.append("reached the end")

        bus.subscribe("#", leaving, owner=owner)
        await bus.broadcast("a", {})

    run(scenario)
    assert log == ["reached the end"]


def test_a_broadcast_that_only_quick_handlers_hear_does_not_suspend():
    """Not even after one of them has published something from its handler."""

    async def scenario():
        bus, log = EventBus(), []

        async def publishing(event_type, data):
            await bus.publish("other", {})

        bus.subscribe("*", recorder(log))
        bus.subscribe("a", publishing)
        await bus.broadcast("a", {})
        await bus.settle()
        for event_type in "ab":
            with pytest.raises(StopIteration):
                bus.broadcast(event_type, {}).send(None)
            await bus.settle()
        assert log == ["a", "other", "a", "other", "b"]

    run(scenario)


def test_a_trial_that_is_cut_off_says_nothing():
    async def scenario():
        now = 0.0
        bus = EventBus(lambda owner, event, error: None, clock=lambda: now)
        limits = EventLimits(max_failures=1, retry_after=5)
        owner = Owner("x", granted=True, limits=limits)

        async def handler(event_type, data):
            if event_type == "fail":
                raise ValueError
            await asyncio.Event().wait()

        bus.subscribe("#", handler, owner=owner)
        await bus.broadcast("fail", {})
        now = 5.0
        await bus.publish("wait", {})
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await bus.quiesce(owner)
        assert owner.breaker.is_open
        assert bus.statistics(owner) == EventStatistics(failed=1, dropped=1)

    run(scenario)


def test_a_trial_waits_for_a_handler_that_still_runs():
    async def scenario():
        now, running, most, release = 0.0, 0, 0, asyncio.Event()
        bus = EventBus(lambda owner, event, error: None, clock=lambda: now)
        limits = EventLimits(max_failures=1, retry_after=5)
        owner = Owner("x", granted=True, limits=limits)

        async def slow(event_type, data):
            nonlocal running, most
            running += 1
            most = max(most, running)
            await release.wait()
            running -= 1

        async def failing(event_type, data):
            raise ValueError

        bus.subscribe("slow", slow, owner=owner)
        bus.subscribe("fail", failing, owner=owner)
        await bus.publish("slow", {})
        await asyncio.sleep(0)
        await bus.broadcast("fail", {})
        now = 5.0
        trial = asyncio.Task(bus.broadcast("slow", {}))
        await asyncio.sleep(0)
        release.set()
        await trial
        assert most == 1
        assert not owner.breaker.is_open

    run(scenario)


def test_what_began_before_a_pause_does_not_prolong_it():
    breaker = Breaker(EventLimits(max_failures=1, retry_after=5))
    breaker.failed("first", 0)
    assert breaker.admits("trial", 5)
    breaker.failed("older", 6)
    breaker.succeeded("older")
    assert breaker.is_open
    assert breaker.succeeded("trial")
    assert not breaker.is_open


def test_an_event_that_is_pushed_out_while_it_is_handed_over_is_gone():
    log = []

    async def scenario():
        bus = EventBus()

        async def publishing(event_type, data):
            if event_type == "a":
                await bus.publish("b", {})

        bus.subscribe("#", publishing)
        limits = EventLimits(mailbox=1, when_full="drop_oldest")
        bus.subscribe("#", recorder(log), limits=limits)
        await bus.publish("a", {})
        await bus.settle()
        assert bus.statistics() == EventStatistics(handled=3, dropped=1)

    run(scenario)
    assert log == ["b"]


def test_a_wait_that_outlives_its_turn_does_not_count_for_the_next_one():
    log = []

    async def scenario():
        bus, release, born = EventBus(), asyncio.Event(), []

        async def parent(event_type, data):
            if event_type == "parent.begin":
                born.append(asyncio.ensure_future(bus.broadcast("slow", {})))
                await asyncio.sleep(0.001)  # the broadcast has begun
            else:
                await asyncio.sleep(0.002)
            log.append(event_type)

        async def slow(event_type, data):
            await release.wait()
            await bus.broadcast("parent.again", {})
            log.append(event_type)

        first = bus.subscribe("parent.*", parent)
        bus.subscribe("slow", slow)
        await bus.broadcast("parent.begin", {})
        await bus.publish("parent.wait", {})
        await asyncio.sleep(0)
        release.set()
        await bus.settle()
        await born[0]
        assert first.waits == []

    run(scenario)
    assert log == ["parent.begin", "parent.wait", "parent.again", "slow"]


def test_in_a_chain_of_broadcasts_the_beginning_waits_for_the_end():
    log = []

    async def scenario():
        bus = EventBus()

        def passing(name, to):
            async def handler(event_type, data):
                if data["n"]:
                    await bus.broadcast(to, {"n": data["n"] - 1})
                    log.append(name)

            return handler

        for name, to in ("ab", "bc", "ca"):
            bus.subscribe(name, passing(name, to), owner=Owner(name, granted=True))
        await bus.broadcast("a", {"n": 3})
        await bus.settle()

    run(scenario)
    assert log == ["c", "b", "a"]


def test_a_handler_that_settles_at_its_first_step_waits_for_those_not_yet_reached():
    log = []

    async def scenario():
        bus = EventBus()

        async def settling(event_type, data):
            await bus.settle()
            log.append("settled")

        bus.subscribe("#", settling)
        bus.subscribe("#", recorder(log))
        await bus.broadcast("a", {})

    run(scenario)
    assert log == ["a", "settled"]


def test_what_is_published_in_a_turn_is_handled_outside_of_it():
    inside = []

    async def scenario():
        bus, turns = EventBus(), Turns()

        async def handler(event_type, data):
            inside.append(turns.own)

        bus.subscribe("#", handler)
        async with turns.take():
            await bus.publish("a", {})
            await bus.settle()
            await bus.broadcast("b", {})

    run(scenario)
    assert inside == [False, True]


def test_an_interrupt_in_the_pump_loses_no_other_event():
    log = []
    bus = EventBus()

    async def interrupt(event_type, data):
        raise KeyboardInterrupt

    async def begin():
        await bus.publish("a", {})
        await bus.publish("b", {})
        await asyncio.sleep(0.001)

    bus.subscribe("a", interrupt)
    bus.subscribe("b", recorder(log))
    loop = asyncio.new_event_loop()
    task = loop.create_task(begin())
    with pytest.raises(KeyboardInterrupt):
        loop.run_until_complete(task)
    loop.run_until_complete(bus.settle())
    loop.run_until_complete(task)
    loop.close()
    assert log == ["b"]


def collecting():
    failures = []
    return EventBus(lambda owner, event, error: failures.append(error)), failures


class Odd:
    def __await__(self):
        yield 42


@pytest.mark.parametrize("suspended", [False, True])
def test_a_handler_that_awaits_what_asyncio_cannot_has_failed(suspended):
    async def scenario():
        bus, failures = collecting()

        async def handler(event_type, data):
            if suspended:
                await asyncio.sleep(0)
            await Odd()

        bus.subscribe("#", handler)
        await bus.broadcast("a", {})
        (error,) = failures
        assert "42" in str(error)
        assert bus.statistics() == EventStatistics(failed=1)

    run(scenario)


@pytest.mark.parametrize("suspended", [False, True])
def test_a_handler_that_raises_generator_exit_has_failed_like_any_other(suspended):
    async def scenario():
        bus, failures = collecting()

        async def handler(event_type, data):
            if suspended:
                await asyncio.sleep(0)
            raise GeneratorExit

        bus.subscribe("#", handler)
        await bus.broadcast("a", {})
        await bus.broadcast("b", {})
        assert [type(error) for error in failures] == [GeneratorExit] * 2

    run(scenario)


@pytest.mark.parametrize("cancelled", [False, True])
def test_a_receiver_whose_loop_was_closed_receives_in_the_next_loop(cancelled):
    log = []
    bus, _ = collecting()

    async def handler(event_type, data):
        log.append(event_type)
        if event_type == "never":
            await asyncio.Event().wait()

    async def at_the_end(event_type, data):
        try:
            await asyncio.Event().wait()
        finally:
            await bus.publish("never", {})

    async def before():
        if cancelled:
            bus.subscribe("end", at_the_end)
            await bus.publish("end", {})
        else:
            await bus.publish("never", {})
        await asyncio.sleep(0.01)

    async def after():
        await bus.broadcast("a", {})
        assert await bus.settle(5) == 0

    bus.subscribe("never", handler)
    bus.subscribe("a", handler)
    if cancelled:
        run(before)
    else:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(before())
        loop.close()
    run(after)
    assert log == ["never", "a"]
    assert bus.statistics().running == 0
    gc.collect()


def test_an_owner_that_was_forgotten_cannot_subscribe():
    bus, _ = collecting()
    owner = Owner("x", granted=True)
    bus.forget(owner)
    with pytest.raises(EventError, match="plugin 'x' has been unloaded") as caught:
        bus.subscribe("#", print, owner=owner)
    assert caught.value.code == "AITBC-E02"
    assert bus.subscriptions == ()


@pytest.mark.parametrize("handler", [None, 3, "print"])
def test_what_cannot_be_called_cannot_subscribe(handler):
    bus, _ = collecting()
    with pytest.raises(TypeError, match="expected a function"):
        bus.subscribe("#", handler)


@pytest.mark.parametrize(
    "limits", [{"max_failures": 2.5}, {"max_failures": True}, {"max_failures": 0}]
)
def test_a_number_of_failures_is_a_whole_one(limits):
    with pytest.raises(ValueError, match="whole number from 1"):
        EventLimits(**limits)
    with pytest.raises(TypeError):
        EventLimits(mailbox=1.5)


def test_the_timer_of_a_handler_does_not_keep_what_the_broadcaster_had_in_its_context():
    variable = contextvars.ContextVar("variable")

    class Thing: ...

    async def scenario():
        bus, _ = collecting()

        async def handler(event_type, data):
            await asyncio.sleep(0)

        async def broadcasting():
            thing = Thing()
            variable.set(thing)
            await bus.broadcast("a", {})
            return weakref.ref(thing)

        bus.subscribe("#", handler)
        alive = await asyncio.create_task(broadcasting())
        await asyncio.sleep(0)
        gc.collect()
        assert alive() is None

    run(scenario)


@pytest.mark.parametrize("suspended", [False, True])
def test_an_interrupt_in_a_trial_does_not_end_the_pause(suspended):
    now = [0.0]
    bus = EventBus(lambda *_: None, clock=lambda: now[0])
    owner = Owner("x", granted=True, limits=EventLimits(max_failures=1, retry_after=10))

    async def handler(event_type, data):
        if event_type == "bad":
            raise ValueError
        if suspended:
            await asyncio.sleep(0)
        raise KeyboardInterrupt

    async def scenario(event_type):
        await bus.broadcast(event_type, {})

    bus.subscribe("#", handler, owner=owner)
    run(lambda: scenario("bad"))
    assert owner.breaker.is_open
    now[0] = 11
    with pytest.raises(KeyboardInterrupt):
        run(lambda: scenario("trial"))
    assert owner.breaker.is_open


def test_statistics_asked_from_another_thread_disturb_no_event():
    log = []

    async def scenario():
        bus, failures = collecting()

        def asking(event_type, data):
            thread = threading.Thread(target=lambda: log.append(bus.statistics()))
            thread.start()
            thread.join()

        bus.subscribe("#", asking)
        bus.subscribe("#", recorder(log))
        await bus.broadcast("a", {})
        assert failures == []

    run(scenario)
    assert [type(entry) for entry in log] == [EventStatistics, str]
