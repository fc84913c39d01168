"""Full mailboxes, failures that pause events, what is counted, and settling within a deadline."""

from __future__ import annotations

import asyncio
import contextlib
import logging

import attrs
import pytest
from event_loops import run

from aitbc_hooks.errors import EventError
from aitbc_hooks.events import EventBus, EventLimits, EventStatistics, Owner


class Gate:
    """A receiver whose handler waits until it is let through, once for each event."""

    def __init__(self, bus, *, pattern="#", owner=None, limits=None):
        self.log = []
        self.passes = asyncio.Semaphore(0)
        self.entered = asyncio.Event()
        self.subscription = bus.subscribe(pattern, self.handle, owner=owner, limits=limits)

    async def handle(self, event_type, data):
        self.entered.set()
        await self.passes.acquire()
        self.log.append(event_type)


async def turns(count=5):
    for _ in range(count):
        await asyncio.sleep(0)


def recorder(log):
    async def handler(event_type, data):
        log.append(event_type)

    return handler


def limited(when_full, mailbox=2):
    return EventLimits(mailbox=mailbox, when_full=when_full)


# Full mailboxes.


def test_a_publisher_waits_while_a_mailbox_is_full_and_other_receivers_do_not():
    async def scenario():
        bus, log = EventBus(), []
        gate = Gate(bus, limits=limited("wait"))
        bus.subscribe("#", recorder(log))
        for event_type in "abc":
            await bus.publish(event_type, {})
            await turns()
        publishers = [asyncio.Task(bus.publish(event_type, {})) for event_type in "de"]
        await turns()
        assert log == list("abcde")
        assert not any(publisher.done() for publisher in publishers)
        gate.passes.release()
        await turns()
        assert not publishers[0].done()
        gate.passes.release()
        await turns()
        gate.passes.release()
        await turns()
        assert all(publisher.done() for publisher in publishers)
        for _ in "de":
            gate.passes.release()
        await bus.settle()
        assert gate.log == list("abcde")

    run(scenario)


def test_a_handler_that_publishes_to_its_own_full_mailbox_does_not_wait_for_itself():
    async def scenario():
        bus, log = EventBus(), []

        async def echo(event_type, data):
            log.append(data["n"])
            await asyncio.sleep(0)
            if data["n"] == 0:
                for number in range(1, 6):
                    await bus.publish("a", {"n": number})

        bus.subscribe("a", echo, limits=limited("wait"))
        await bus.publish("a", {"n": 0})
        await bus.settle()
        assert log == [0, 1, 2, 3, 4, 5]

    run(scenario)


def test_two_handlers_that_fill_each_others_mailbox_do_not_wait_for_ever():
    async def scenario():
        bus, log = EventBus(), []

        def filling(other):
            async def handler(event_type, data):
                log.append(event_type)
                if data["n"]:
                    for _ in range(4):
                        await bus.publish(other, {"n": 0})
                        await asyncio.sleep(0)

            return handler

        bus.subscribe("a", filling("b"), limits=limited("wait", 1))
        bus.subscribe("b", filling("a"), limits=limited("wait", 1))
        await bus.publish("a", {"n": 1})
        await bus.publish("b", {"n": 1})
        await bus.settle()
        assert sorted(log) == ["a"] * 5 + ["b"] * 5

    run(scenario)


def test_a_cancelled_publisher_has_published_all_the_same():
    async def scenario():
        bus = EventBus()
        gate = Gate(bus, limits=limited("wait", 1))
        for event_type in "ab":
            await bus.publish(event_type, {})
            await turns()
        publisher = asyncio.Task(bus.publish("c", {}))
        await turns()
        publisher.cancel()
        await asyncio.wait({publisher})
        for _ in "abc":
            gate.passes.release()
        await bus.settle()
        assert gate.log == list("abc")

    run(scenario)


def test_the_oldest_event_that_waits_makes_room_and_its_broadcaster_is_released():
    async def scenario():
        bus = EventBus()
        gate = Gate(bus, limits=limited("drop_oldest"))
        await bus.publish("a", {})
        await gate.entered.wait()
        broadcaster = asyncio.Task(bus.broadcast("b", {}))
        await turns()
        for event_type in "cd":
            await bus.publish(event_type, {})
        await turns()
        assert broadcaster.done()
        for _ in "acd":
            gate.passes.release()
        await bus.settle()
        assert gate.log == list("acd")
        assert bus.statistics() == EventStatistics(handled=3, dropped=1)

    run(scenario)


@pytest.mark.parametrize("send", ["publish", "broadcast"])
def test_a_full_mailbox_may_refuse_an_event_when_all_others_have_it(send):
    async def scenario():
        bus, log = EventBus(), []
        owner = Owner("slow", granted=True)
        gate = Gate(bus, owner=owner, limits=limited("error", 1))
        bus.subscribe("#", recorder(log))
        await bus.publish("a", {})
        await gate.entered.wait()
        await bus.publish("b", {})
        with pytest.raises(EventError, match=r"'c'.*plugin 'slow'") as caught:
            await getattr(bus, send)("c", {})
        assert caught.value.code == "AITBC-E01"
        for _ in "ab":
            gate.passes.release()
        await bus.settle()
        assert gate.log == ["a", "b"]
        assert log == ["a", "b", "c"]
        assert bus.statistics(owner) == EventStatistics(handled=2, refused=1)

    run(scenario)


@pytest.mark.parametrize(
    "wrong",
    [{"mailbox": 0}, {"when_full": "x"}, {"max_failures": 0}, {"failure_window": 0}, {"retry_after": -1}],
)  # fmt: skip
def test_limits_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        EventLimits(**wrong)


# Failures that pause events.


class Patient:
    """An owner whose two handlers fail as long as they are told to, and a clock."""

    def __init__(self, **limits):
        self.now = 0.0
        self.failures = []
        self.changes = []
        self.bus = EventBus(
            lambda owner, event, error: self.failures.append(event.type),
            on_change=lambda owner: self.changes.append(owner.trouble),
            clock=lambda: self.now,
        )
        self.owner = Owner("ill", granted=True, limits=EventLimits(**limits))
        self.failing = True
        self.log = []
        self.bus.subscribe("#", self.handle, owner=self.owner)

    async def handle(self, event_type, data):
        self.log.append(event_type)
        if data.get("suspend"):
            await asyncio.sleep(0)
        if self.failing:
            raise ValueError(event_type)

    async def send(self, event_types, *, how="broadcast", **data):
        for event_type in event_types:
            await getattr(self.bus, how)(event_type, data)
            await self.bus.settle()


@pytest.mark.parametrize("how", ["broadcast", "publish"])
@pytest.mark.parametrize("suspend", [False, True])
def test_events_pause_after_failures_and_go_on_after_a_trial_that_succeeds(how, suspend, caplog):
    caplog.set_level(logging.INFO)

    async def scenario():
        ill = Patient(max_failures=3, failure_window=10, retry_after=5)
        await ill.send("abcde", how=how, suspend=suspend)
        assert ill.log == list("abc")
        assert "its events pause" in ill.owner.trouble
        ill.now = 4.9
        await ill.send("f", how=how, suspend=suspend)
        ill.now = 5
        await ill.send("gh", how=how, suspend=suspend)
        assert ill.log == list("abcg")
        ill.now, ill.failing = 9.9, False
        await ill.send("i", how=how, suspend=suspend)
        ill.now = 10
        await ill.send("jk", how=how, suspend=suspend)
        assert ill.log == list("abcgjk")
        assert ill.owner.trouble is None
        assert ill.bus.statistics(ill.owner) == EventStatistics(handled=2, failed=4, paused=5)
        assert [change is None for change in ill.changes] == [False, True]

    run(scenario)
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]
    assert "plugin 'ill'" in caplog.records[0].getMessage()


def test_failures_that_are_further_apart_do_not_pause():
    async def scenario():
        ill = Patient(max_failures=3, failure_window=10)
        for now in (0, 9, 11, 20, 22):
            ill.now = now
            await ill.send("a")
        assert ill.log == ["a"] * 5
        assert not ill.changes

    run(scenario)


def test_an_owner_without_a_limit_of_failures_never_pauses():
    async def scenario():
        ill = Patient(max_failures=None)
        await ill.send("a" * 50)
        assert len(ill.log) == 50

    run(scenario)


def test_what_waits_when_events_pause_is_dropped_and_its_broadcasters_are_released():
    async def scenario():
        ill = Patient(max_failures=1)
        await asyncio.gather(*(ill.bus.broadcast(what, {"suspend": True}) for what in "abc"))
        assert ill.log == ["a"]
        assert ill.bus.statistics(ill.owner) == EventStatistics(failed=1, dropped=2)

    run(scenario)


def test_a_trial_that_is_withdrawn_is_followed_by_another():
    async def scenario():
        ill = Patient(max_failures=1, retry_after=5)
        await ill.send("a")
        ill.now, ill.failing = 5, False
        await ill.bus.publish("b", {})
        for subscription in ill.owner.subscriptions:
            ill.bus.unsubscribe(subscription)
        ill.bus.subscribe("#", ill.handle, owner=ill.owner)
        await ill.send("c")
        ill.now = 10
        await ill.send("de")
        assert ill.log == list("ade")

    run(scenario)


def test_an_owner_that_is_granted_anew_begins_without_its_earlier_failures():
    async def scenario():
        ill = Patient(max_failures=2)
        await ill.send("ab")
        ill.bus.withdraw(ill.owner)
        ill.bus.grant(ill.owner)
        await ill.send("cde")
        assert ill.log == list("abcd")

    run(scenario)


def test_cancelling_an_owners_handlers_does_not_wait_for_the_events_that_come_meanwhile():
    async def scenario():
        bus, owner = EventBus(), Owner("x", granted=True)
        gate = Gate(bus, owner=owner)
        await bus.publish("a", {})
        await gate.entered.wait()
        quiescing = asyncio.Task(bus.quiesce(owner))
        await asyncio.sleep(0)
        await bus.publish("b", {})
        await quiescing
        await turns()
        assert bus.statistics(owner) == EventStatistics(dropped=1, running=1)
        await bus.quiesce(owner)

    run(scenario)


def test_the_end_of_a_handler_that_began_before_the_pause_does_not_end_it():
    async def scenario():
        ill = Patient(max_failures=1)
        gate = Gate(ill.bus, owner=ill.owner)
        ill.failing = False
        await ill.bus.publish("a", {})
        await gate.entered.wait()
        ill.failing = True
        await ill.bus.publish("b", {})
        await turns()
        assert ill.owner.breaker.is_open
        gate.passes.release()
        await ill.bus.settle()
        assert gate.log == ["a"]
        assert ill.owner.breaker.is_open

    run(scenario)


def test_one_owners_pause_is_nobody_elses():
    async def scenario():
        ill, log = Patient(max_failures=1), []
        ill.bus.subscribe("#", recorder(log), owner=Owner("well", granted=True))
        await ill.send("abc")
        assert (ill.log, log) == (["a"], list("abc"))

    run(scenario)


# Handlers that are left behind.


def test_an_abandoned_handler_is_the_owners_trouble_and_its_receiver_gets_nothing_more(monkeypatch):
    monkeypatch.setattr("aitbc_hooks.events.standby.GRACE", 0.001)

    async def scenario():
        told, changes, release = [], [], asyncio.Event()
        bus = EventBus(
            lambda owner, event, error: told.append(error),
            on_change=lambda owner: changes.append(owner.trouble),
        )
        owner = Owner("deaf", deadline=0.001, granted=True)

        async def deaf(event_type, data):
            while not release.is_set():
                try:
                    await release.wait()
                except asyncio.CancelledError:
                    told.append("ignored")

        bus.subscribe("a.*", deaf, owner=owner)
        await asyncio.gather(bus.broadcast("a.b", {}), bus.broadcast("a.c", {}))
        assert told[0] == "ignored"
        assert isinstance(told[1], TimeoutError)
        assert changes == ["its handler of 'a.*' was abandoned"]
        await bus.broadcast("a.d", {})
        await bus.quiesce(owner)
        assert bus.statistics(owner) == EventStatistics(failed=1, dropped=1)
        release.set()
        await turns()
        assert bus.statistics(owner) == EventStatistics(failed=1, dropped=1)
        assert len(told) == 2

    run(scenario)


def test_a_handler_that_ends_within_its_grace_period_has_passed_its_deadline_all_the_same():
    async def scenario():
        told = []
        bus = EventBus(lambda owner, event, error: told.append(error))
        owner = Owner("late", deadline=0.001, granted=True)

        async def late(event_type, data):
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.Event().wait()

        bus.subscribe("#", late, owner=owner)
        await bus.broadcast("a", {})
        assert [type(error) for error in told] == [TimeoutError]
        assert bus.statistics(owner) == EventStatistics(failed=1)

    run(scenario)


# What is counted, and settling.


def test_every_event_that_was_offered_is_counted_once():
    async def scenario():
        bus = EventBus()
        gate = Gate(bus)
        once = None

        async def leaving(event_type, data):
            bus.unsubscribe(once)

        once = bus.subscribe("#", leaving)
        for event_type in "abc":
            await bus.publish(event_type, {})
        await gate.entered.wait()
        assert bus.statistics() == EventStatistics(handled=1, dropped=2, running=1, waiting=2)
        assert bus.statistics().accepted == 6
        bus.unsubscribe(gate.subscription)
        assert bus.statistics() == EventStatistics(handled=1, dropped=4, running=1)
        gate.passes.release()
        await turns()
        assert bus.statistics() == EventStatistics(handled=2, dropped=4)

    run(scenario)


def test_settling_takes_no_longer_than_it_may_and_says_what_is_left():
    async def scenario():
        bus = EventBus()
        gate = Gate(bus)
        assert await bus.settle(0) == 0
        for event_type in "abc":
            await bus.publish(event_type, {})
        assert await bus.settle(0.005) == 3
        for _ in "abc":
            gate.passes.release()
        assert await bus.settle(5) == 0

    run(scenario)


def test_settling_waits_for_what_the_handlers_publish_too():
    async def scenario():
        bus, log = EventBus(), []

        async def chain(event_type, data):
            await asyncio.sleep(0)
            log.append(data["n"])
            if data["n"]:
                await bus.publish("#" if event_type == "a" else "a", {"n": data["n"] - 1})

        bus.subscribe("a", chain)
        bus.subscribe("*", chain)
        await bus.publish("a", {"n": 3})
        await bus.settle()
        assert log.count(0) > 0
        assert bus.statistics().waiting == bus.statistics().running == 0

    run(scenario)


def test_a_handler_that_settles_the_bus_does_not_wait_for_itself():
    async def scenario():
        bus, log = EventBus(), []

        async def settling(event_type, data):
            if event_type == "a":
                await bus.publish("b", {})
                assert await bus.settle() == 1
                log.append("settled")
            log.append(event_type)

        bus.subscribe("#", settling)
        bus.subscribe("b", recorder(log))
        await bus.broadcast("a", {})
        await bus.settle()
        assert log == ["b", "settled", "a", "b"]

    run(scenario)


def test_statistics_add_up():
    first = EventStatistics(1, 2, 3, 4, 5, 6, 7, 8, 9.5)
    assert attrs.astuple(first + first) == (2, 4, 6, 8, 10, 12, 14, 16, 19.0)
    assert first.accepted == 1 + 2 + 3 + 4 + 5


def test_the_first_event_and_then_one_in_64_is_timed_from_its_first_step_to_its_last():
    async def scenario():
        bus = EventBus()

        async def sleepy(event_type, data):
            await asyncio.sleep(0.01)

        bus.subscribe("slow", sleepy)
        bus.subscribe("quick", lambda event_type, data: None)
        await bus.broadcast("slow", {})
        slow = bus.statistics()
        for _ in range(64):
            await bus.broadcast("quick", {})
        return slow, bus.statistics()

    slow, both = asyncio.run(scenario())
    assert slow.timed == 1
    assert slow.mean >= 0.01
    assert both.timed == 2
    assert EventStatistics().mean is None
