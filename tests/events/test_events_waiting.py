"""Handlers that wait for one another: none does for ever, and none for less than it must."""

from __future__ import annotations

import asyncio

import pytest
from event_loops import FACTORIES, run

from aitbc_hooks.events import EventBus, EventStatistics, Owner


def bus_with(log, handlers):
    """Return a bus on which each handler is subscribed to the event of its own name."""
    bus = EventBus(lambda owner, event, error: log.append((event.type, repr(error))))
    for name, handler in handlers.items():
        bus.subscribe(name, handler, owner=Owner(name, granted=True, deadline=5))
    return bus


@pytest.mark.parametrize("factory", FACTORIES.values(), ids=FACTORIES)
def test_handlers_that_broadcast_to_each_other_at_the_same_time_both_end(factory):
    log = []

    def crossing(name, other):
        async def handler(event_type, data):
            if data["n"]:
                await asyncio.sleep(0.001)
                log.append(f"{name} sends")
                await bus.broadcast(other, {"n": 0})
            log.append(f"{name} ends {data['n']}")

        return handler

    bus = bus_with(log, {"a": crossing("a", "b"), "b": crossing("b", "a")})

    async def scenario():
        await asyncio.gather(bus.broadcast("a", {"n": 1}), bus.broadcast("b", {"n": 1}))
        await bus.settle()

    run(scenario, factory)
    assert sorted(log) == ["a ends 0", "a ends 1", "a sends", "b ends 0", "b ends 1", "b sends"]


def test_a_circle_of_three_handlers_ends_and_only_its_last_broadcast_does_not_wait():
    log = []

    def passing(name, other, pause):
        async def handler(event_type, data):
            if data["n"]:
                await asyncio.sleep(pause)
                await bus.broadcast(other, {"n": 0})
            log.append((name, data["n"]))

        return handler

    bus = bus_with(
        log,
        {
            "a": passing("a", "b", 0.002),
            "b": passing("b", "c", 0.004),
            "c": passing("c", "a", 0.006),
        },
    )

    async def scenario():
        await asyncio.gather(*(bus.broadcast(name, {"n": 1}) for name in "abc"))
        await bus.settle()

    run(scenario)
    # c closes the circle and goes on at once; then b has been served, and a at last.
    assert log.index(("c", 1)) < log.index(("c", 0)) < log.index(("b", 1))
    assert log.index(("b", 0)) < log.index(("a", 1))
    assert len(log) == 6


def test_a_broadcast_waits_for_a_busy_receiver_that_waits_for_nobody():
    log = []

    async def slow(event_type, data):
        await asyncio.sleep(0.002)
        log.append(("slow", data["n"]))

    async def sending(event_type, data):
        await asyncio.sleep(0)
        await bus.broadcast("slow", {"n": 2})
        log.append("sent")

    bus = bus_with(log, {"slow": slow, "send": sending})

    async def scenario():
        await bus.publish("slow", {"n": 1})
        await asyncio.sleep(0)
        await bus.broadcast("send", {})

    run(scenario)
    assert log == [("slow", 1), ("slow", 2), "sent"]


def test_a_child_task_of_a_handler_does_not_wait_for_that_handler():
    log = []

    async def handler(event_type, data):
        if data["n"]:
            async with asyncio.TaskGroup() as group:
                group.create_task(bus.broadcast("a", {"n": 0}))
        log.append(data["n"])

    bus = bus_with(log, {"a": handler})

    async def scenario():
        await bus.broadcast("a", {"n": 1})
        await bus.settle()

    run(scenario)
    assert log == [1, 0]


def test_what_a_handler_of_a_sweep_sends_comes_after_the_sweeps_event_for_everybody():
    """The receivers that the sweep has not reached get the events in order all the same."""
    logs = {"x": [], "y": [], "z": []}

    async def scenario():
        bus = EventBus()

        def handler_of(name):
            async def handler(event_type, data):
                logs[name].append(event_type)
                if event_type == "first" and name == "x":
                    await bus.publish("second", {})
                    await bus.broadcast("third", {})
                    await bus.publish("fourth", {})

            return handler

        for name in logs:
            bus.subscribe("#", handler_of(name), owner=Owner(name, granted=True))
        for send in (bus.broadcast, bus.publish):
            await send("first", {})
            await bus.settle()
            for log in logs.values():
                assert log == ["first", "second", "third", "fourth"]
                log.clear()

    run(scenario)


def test_broadcasts_deep_inside_one_another_all_end():
    log = []

    async def scenario():
        bus = EventBus()

        def handler_of(number):
            async def handler(event_type, data):
                await bus.broadcast(f"n{number + 1}", {})
                log.append(number)

            return handler

        for number in range(300):
            bus.subscribe(f"n{number}", handler_of(number), owner=Owner("x", granted=True))
        await bus.broadcast("n0", {})

    run(scenario)
    assert log == list(range(300))[::-1]


def test_a_handler_that_publishes_to_itself_for_ever_leaves_the_loop_its_turns():
    async def scenario():
        bus, count = EventBus(), 0

        async def endless(event_type, data):
            nonlocal count
            count += 1
            await bus.publish("a", {})

        subscription = bus.subscribe("a", endless)
        await bus.publish("a", {})
        await asyncio.sleep(0.01)
        bus.unsubscribe(subscription)
        assert count > 1

    run(scenario)


def test_a_handler_may_end_the_subscriptions_that_a_sweep_has_not_reached():
    log = []

    async def scenario():
        bus = EventBus()

        async def ending(event_type, data):
            bus.unsubscribe(other)
            bus.withdraw(owner)

        async def never(event_type, data):
            log.append(event_type)

        owner = Owner("x", granted=True)
        bus.subscribe("#", ending)
        other = bus.subscribe("#", never)
        bus.subscribe("#", never, owner=owner)
        await bus.broadcast("a", {})
        await bus.settle()
        assert bus.statistics(owner) == EventStatistics(dropped=1)
        assert bus.statistics().dropped == 1
        assert log == []

    run(scenario)
    assert log == []
