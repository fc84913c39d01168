"""The bus against a model of it: lists, and every event handed over by hand."""

from __future__ import annotations

import asyncio

import attrs
from event_loops import run
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.errors import EventError
from aitbc_hooks.events import EventBus, EventLimits, Owner
from aitbc_hooks.events.breaker import Breaker

RECEIVERS = range(3)
ENDLESS = 10**6


@attrs.define(eq=False)
class Event:
    """One event of a history.

    Attributes:
        number: Its place in the history; its echo has a prime.
        ways: How each receiver handles it.
        pending: The receivers that its broadcaster waits for.
    """

    number: str
    ways: tuple[str, ...]
    pending: set[int] = attrs.Factory(set)


@attrs.define
class ModelReceiver:
    """A receiver as the documentation describes it."""

    bound: int
    policy: str
    subscribed: bool = True
    granted: bool = True
    running: Event | None = None
    waiting: list[Event] = attrs.Factory(list)
    log: list[str] = attrs.Factory(list)
    handled: int = 0
    failed: int = 0
    dropped: int = 0
    refused: int = 0


class Model:
    """The bus as lists."""

    def __init__(self, bound, policy):
        self.receivers = [ModelReceiver(bound, policy) for _ in RECEIVERS]

    def send(self, event):
        """Return whether somebody refuses the event."""
        refused = False
        for index, receiver in enumerate(self.receivers):
            if not (receiver.subscribed and receiver.granted):
                continue
            if len(receiver.waiting) >= receiver.bound:
                if receiver.policy == "error":
                    receiver.refused += 1
                    refused = True
                    continue
                if receiver.policy == "drop_oldest":
                    self.drop(index)
            receiver.waiting.append(event)
            event.pending.add(index)
        return refused

    def go_on(self):
        while ready := [
            index for index, r in enumerate(self.receivers) if r.waiting and r.running is None
        ]:
            for index in ready:
                self.begin(index)

    def begin(self, index):
        receiver = self.receivers[index]
        event = receiver.waiting.pop(0)
        receiver.log.append(event.number)
        way = event.ways[index]
        if way == "suspend":
            receiver.running = event
            return
        event.pending.discard(index)
        receiver.failed += way == "fail"
        receiver.handled += way != "fail"
        if way == "echo":
            self.send(echo_of(event))

    def release(self, index, *, fails):
        receiver = self.receivers[index]
        if receiver.running is not None:
            receiver.running.pending.discard(index)
            receiver.running = None
            receiver.failed += fails
            receiver.handled += not fails
            self.go_on()

    def drop(self, index):
        receiver = self.receivers[index]
        receiver.waiting.pop(0).pending.discard(index)
        receiver.dropped += 1

    def clear(self, index):
        while self.receivers[index].waiting:
            self.drop(index)

    def quiesce(self, index):
        self.clear(index)
        receiver = self.receivers[index]
        if receiver.running is not None:
            receiver.running.pending.discard(index)
            receiver.running = None
            receiver.dropped += 1


def echo_of(event):
    return Event(f"{event.number}'", ("quick",) * len(RECEIVERS))


class World:
    """The real bus, with handlers that do what the event says, and suspend until released."""

    def __init__(self, bound, policy):
        self.bus = EventBus(lambda owner, event, error: None)
        limits = EventLimits(mailbox=bound, when_full=policy, max_failures=None)
        self.owners = [Owner(f"p{index}", granted=True, limits=limits) for index in RECEIVERS]
        self.logs = [[] for _ in RECEIVERS]
        self.gates = [None for _ in RECEIVERS]
        self.subscriptions = [None for _ in RECEIVERS]
        self.broadcasts = []
        self.publishers = []
        for index in RECEIVERS:
            self.subscribe(index)

    def subscribe(self, index):
        async def handle(event_type, data):
            event = data["event"]
            self.logs[index].append(event.number)
            way = event.ways[index]
            if way == "suspend":
                self.gates[index] = asyncio.get_running_loop().create_future()
                try:
                    await self.gates[index]
                finally:
                    self.gates[index] = None
            if way == "fail":
                raise ValueError
            if way == "echo":
                await self.bus.publish("echo", {"event": echo_of(event)})

        pattern = "#" if index else "*"
        self.subscriptions[index] = self.bus.subscribe(pattern, handle, owner=self.owners[index])

    def release(self, index, *, fails):
        if (gate := self.gates[index]) is not None:
            gate.set_exception(ValueError()) if fails else gate.set_result(None)

    async def rest(self):
        for _ in range(40):
            await asyncio.sleep(0)


def check(world, model):
    for index, receiver in enumerate(model.receivers):
        assert world.logs[index] == receiver.log
        seen = world.bus.statistics(world.owners[index])
        assert (seen.handled, seen.failed, seen.dropped, seen.refused) == (
            receiver.handled, receiver.failed, receiver.dropped, receiver.refused
        )  # fmt: skip
        assert seen.waiting == len(receiver.waiting)
        assert seen.running == (receiver.running is not None)
    for task, event in world.broadcasts:
        assert task.done() == (not event.pending), event
    for task, full in world.publishers:
        over = [r for r in full if len(r.waiting) > r.bound]
        assert task.done() or over


async def act(world, model, action, *arguments):
    """Do one thing to both."""
    if action in ("publish", "broadcast"):
        (event,) = arguments
        twin = attrs.evolve(event, pending=set())
        refused = model.send(twin)
        model.go_on()
        full = [r for r in model.receivers if len(r.waiting) > r.bound]
        task = asyncio.Task(getattr(world.bus, action)("event", {"event": event}))
        await world.rest()
        if action == "broadcast" and not refused:
            world.broadcasts.append((task, twin))
        elif action == "publish":
            assert task.done() == (not full)
            world.publishers.append((task, full))
        if task.done():
            assert isinstance(task.exception(), EventError) == refused
    elif action == "release":
        index, fails = arguments
        model.release(index, fails=fails)
        world.release(index, fails=fails)
    elif action == "withdraw":
        (index,) = arguments
        model.clear(index)
        model.receivers[index].granted = False
        world.bus.withdraw(world.owners[index])
    elif action == "grant":
        (index,) = arguments
        model.receivers[index].granted = True
        world.bus.grant(world.owners[index])
    elif action == "quiesce":
        (index,) = arguments
        model.quiesce(index)
        await world.bus.quiesce(world.owners[index])
        model.go_on()
    elif action == "resubscribe":
        (index,) = arguments
        model.quiesce(index)
        await world.bus.quiesce(world.owners[index])
        world.bus.unsubscribe(world.subscriptions[index])
        world.subscribe(index)
        model.go_on()
    await world.rest()
    check(world, model)


def histories(*ways):
    index = st.sampled_from(RECEIVERS)
    first = st.sampled_from(ways)
    others = st.sampled_from([way for way in ways if way != "echo"])
    event = st.builds(lambda *ways: Event("", ways), first, others, others)
    step = st.one_of(
        st.tuples(st.sampled_from(["publish", "broadcast"]), event),
        st.tuples(st.just("release"), index, st.booleans()),
        st.tuples(st.sampled_from(["withdraw", "grant", "quiesce", "resubscribe"]), index),
    )
    return st.lists(step, max_size=25)


def follow(bound, policy, history):
    async def scenario():
        world, model = World(bound, policy), Model(bound, policy)
        for number, (action, *arguments) in enumerate(history):
            if action in ("publish", "broadcast"):
                arguments = [attrs.evolve(arguments[0], number=str(number), pending=set())]  # noqa: PLW2901
            await act(world, model, action, *arguments)
        for index in RECEIVERS:
            await world.bus.quiesce(world.owners[index])

    run(scenario)


@settings(max_examples=150)
@given(histories("quick", "suspend", "fail", "echo"))
def test_receivers_get_their_events_as_in_the_model_whatever_their_handlers_do(history):
    follow(ENDLESS, "wait", history)


@settings(max_examples=150)
@given(
    st.integers(1, 3),
    st.sampled_from(["wait", "drop_oldest", "error"]),
    histories("suspend", "quick"),
)
def test_bounded_mailboxes_keep_drop_and_refuse_what_the_model_does(bound, policy, history):
    follow(bound, policy, history)


@settings(max_examples=300)
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.integers(0, 8), st.booleans()), max_size=40),
)
def test_the_breaker_opens_and_tries_as_its_description_says(most, history):
    """The model asks the whole past each time."""
    window, retry = 10, 5
    limits = EventLimits(max_failures=most, failure_window=window, retry_after=retry)
    breaker = Breaker(limits)
    now, failures, opened = 0, [], None
    for number, (pause, fails) in enumerate(history):
        now += pause
        assert breaker.is_open == (opened is not None)
        admitted = opened is None or now - opened >= retry
        assert breaker.admits(number, now) == admitted
        if not admitted:
            continue
        if fails:
            failures.append(now)
            recent = [moment for moment in failures if now - moment <= window]
            opens = opened is None and len(recent) >= most
            assert breaker.failed(number, now) == opens
            if opens or opened is not None:
                opened = now
        else:
            assert breaker.succeeded(number) == (opened is not None)
            if opened is not None:
                opened, failures = None, []
