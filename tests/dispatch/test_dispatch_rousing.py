"""Before an async hook is called, somebody may be woken up who then takes part."""

from __future__ import annotations

import asyncio

import pluggy
import pytest
from dispatch_plugins import answering, manager_of, sync_spec

from aitbc_hooks.errors import ContractError


def roused(manager, joins=()):
    """Let `joins` be registered before the next call; return what was roused so far."""
    calls = []

    async def rouse():
        calls.append(len(calls))
        await asyncio.sleep(0)
        for index, each in enumerate(joins):
            if not manager.has_plugin(f"late{index}"):
                manager.register(each, f"late{index}")

    manager.rouse_before("hook", rouse)
    return calls


async def answers(manager):
    return await manager.hook.hook(arg=1)


def test_who_is_registered_meanwhile_takes_part():
    manager = manager_of(answering("first"))

    async def main():
        assert await answers(manager) == ["first"]  # by a plan that is stale afterwards
        calls = roused(manager, [answering("late")])
        assert await answers(manager) == ["late", "first"]
        assert await answers(manager) == ["late", "first"]
        assert calls == [0, 1]

    asyncio.run(main())


def test_who_is_set_active_meanwhile_takes_part():
    manager = manager_of(answering("first"))
    manager.register(answering("asleep"), "asleep", active=False)

    async def rouse():
        manager.set_active("asleep", active=True)

    async def main():
        assert await answers(manager) == ["first"]
        manager.rouse_before("hook", rouse)
        assert await answers(manager) == ["asleep", "first"]

    asyncio.run(main())


def test_when_it_is_over_calls_go_by_plan_again():
    manager = manager_of(answering("first"))

    async def main():
        calls = roused(manager)
        await answers(manager)
        unplanned = manager.hook.hook.__call__
        manager.rouse_before("hook", None)
        assert await answers(manager) == ["first"]
        assert await answers(manager) == ["first"]
        assert calls == [0]
        assert manager.hook.hook.__call__ != unplanned

    asyncio.run(main())


def test_it_is_awaited_before_calls_with_wrong_arguments_too():
    manager = manager_of(answering("first"))

    async def main():
        calls = roused(manager)
        with pytest.warns(Warning, match="arg"), pytest.raises(pluggy.HookCallError):
            await manager.hook.hook()
        assert calls == [0]

    asyncio.run(main())


def test_what_it_raises_is_raised_to_the_caller_and_nobody_is_called():
    called = []

    async def hook(arg):
        called.append(arg)

    manager = manager_of(answering("first"))

    async def rouse():
        raise RuntimeError("still asleep")

    async def main():
        manager.rouse_before("hook", rouse)
        with pytest.raises(RuntimeError, match="still asleep"):
            await answers(manager)
        manager.rouse_before("hook", None)
        assert await answers(manager) == ["first"]

    asyncio.run(main())
    assert called == []


def test_a_cancelled_caller_calls_nobody():
    manager = manager_of(answering("first"))
    asleep = asyncio.Event()

    async def main():
        manager.rouse_before("hook", asleep.wait)
        call = asyncio.ensure_future(answers(manager))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    asyncio.run(main())


def test_to_end_it_where_nothing_is_awaited_changes_nothing():
    manager = manager_of(answering("first"))
    manager.rouse_before("hook", None)
    assert asyncio.run(answers(manager)) == ["first"]


@pytest.mark.parametrize(
    ("hook", "what"), [("hook", "is not asynchronous"), ("nothing", "does not exist")]
)
def test_only_a_hook_that_is_awaited_can_wait(hook, what):
    manager = manager_of(spec=sync_spec)
    with pytest.raises(ContractError) as caught:
        manager.rouse_before(hook, asyncio.Event().wait)
    assert str(caught.value) == (
        f"[AITBC-P12] hook {hook!r} {what}: no call of it can wait for anything."
    )
