"""An owner that is held gets events from one who hands them on, and from nobody else."""

from __future__ import annotations

import asyncio

from aitbc_hooks.events import EventBus, Owner


def run(scenario):
    async def main():
        bus, log = EventBus(), []
        owner = Owner("held")
        bus.subscribe("a.*", lambda kind, data: log.append((kind, data["n"])), owner=owner)
        bus.subscribe("#", lambda kind, data: log.append(("all", data["n"])), owner=owner)
        await scenario(bus, owner, log)
        await bus.settle()
        return bus.statistics(owner)

    return asyncio.run(main())


def test_what_is_broadcast_does_not_reach_it_and_what_is_delivered_does():
    async def scenario(bus, owner, log):
        bus.grant(owner, held=True)
        await bus.broadcast("a.b", {"n": 1})
        await bus.publish("a.b", {"n": 2})
        assert log == []
        await bus.deliver(owner, "a.b", {"n": 3})
        assert log == [("a.b", 3), ("all", 3)]
        await bus.deliver(owner, "b", {"n": 4})
        assert log[2:] == [("all", 4)]

    assert run(scenario).handled == 3


def test_released_it_gets_everything():
    async def scenario(bus, owner, log):
        bus.grant(owner, held=True)
        bus.release(owner)
        await bus.broadcast("a.b", {"n": 1})
        assert log == [("a.b", 1), ("all", 1)]

    assert run(scenario).handled == 2


def test_granted_anew_it_is_held_no_more():
    async def scenario(bus, owner, log):
        bus.grant(owner, held=True)
        bus.withdraw(owner)
        bus.grant(owner)
        await bus.broadcast("b", {"n": 1})
        assert log == [("all", 1)]

    assert run(scenario).handled == 1


def test_a_delivery_is_over_when_its_handlers_are():
    async def scenario(bus, owner, _):
        done = []

        async def slow(kind, data):
            await asyncio.sleep(0)
            done.append(data["n"])

        bus.subscribe("slow", slow, owner=owner)
        bus.grant(owner, held=True)
        await asyncio.gather(*(bus.deliver(owner, "slow", {"n": n}) for n in range(3)))
        assert done == [0, 1, 2]

    assert run(scenario).handled == 6


def test_to_an_owner_that_may_not_receive_nothing_is_delivered():
    async def scenario(bus, owner, log):
        await bus.deliver(owner, "a.b", {"n": 1})
        assert log == []

    assert run(scenario).handled == 0
