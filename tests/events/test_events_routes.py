"""Which receivers an event reaches, whatever was sent before."""

from __future__ import annotations

import asyncio

from event_loops import run
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.events import EventBus, EventStatistics, Owner
from aitbc_hooks.events.patterns import compile_pattern
from aitbc_hooks.events.routes import Routes

TOPICS = ["a", "b", "a.b", "a.b.c"]
PATTERNS = ["a", "a.b", "#", "*", "a.*", "a.#", "*.b", "b"]


@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("subscribe"), st.sampled_from(PATTERNS)),
            st.tuples(st.sampled_from(["unsubscribe", "grant", "withdraw"]), st.integers(0, 5)),
            st.tuples(st.just("send"), st.sampled_from(TOPICS)),
        ),
        max_size=30,
    )
)
def test_an_event_reaches_exactly_those_that_match_and_may_receive_now(history):
    async def scenario():
        bus, heard, there = EventBus(), [], {}

        def handler_of(number):
            async def handler(event_type, data):
                heard.append(number)

            return handler

        for number, (action, argument) in enumerate(history):
            if action == "subscribe":
                owner = Owner(f"p{number}", granted=True)
                bus.subscribe(argument, handler_of(number), owner=owner)
                there[number] = (argument, owner)
            elif action == "send":
                await bus.broadcast(argument, {})
                assert heard == [
                    one
                    for one, (pattern, owner) in there.items()
                    if owner.granted and compile_pattern(pattern)(argument)
                ]
                heard.clear()
            elif there:
                one = sorted(there)[argument % len(there)]
                _, owner = there[one]
                if action == "unsubscribe":
                    bus.forget(owner)
                    del there[one]
                else:
                    getattr(bus, action)(owner)

    run(scenario)


def test_event_types_without_number_are_not_all_remembered_and_none_is_miscounted():
    async def scenario():
        bus, count = EventBus(), 0

        async def handler(event_type, data):
            nonlocal count
            count += 1

        bus.subscribe("t.*", handler)
        for number in range(3000):
            await bus.broadcast(f"t.{number}", {})
        assert count == 3000
        assert bus.statistics() == EventStatistics(handled=3000)
        assert len(bus._routes._known) <= 1024

    run(scenario)


def test_a_handler_that_is_subscribed_during_an_event_gets_the_next_one():
    log = []

    async def scenario():
        bus = EventBus()

        async def late(event_type, data):
            log.append(event_type)

        async def subscribing(event_type, data):
            if event_type == "a":
                bus.subscribe("#", late)
                await asyncio.sleep(0)

        bus.subscribe("#", subscribing)
        await bus.broadcast("a", {})
        await bus.broadcast("b", {})

    run(scenario)
    assert log == ["b"]


def test_a_subscription_that_was_never_there_is_removed_without_a_word():
    bus, routes = EventBus(), Routes()
    subscription = bus.subscribe("a", print)
    routes.remove(subscription)
    assert list(routes) == []
    assert list(bus.subscriptions) == [subscription]
