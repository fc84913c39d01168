"""What becomes of one call of a method, and of what outlives it."""

from __future__ import annotations

import asyncio
import gc
import weakref
from contextvars import ContextVar, copy_context

import pytest
from lifecycle_single import Gate, hang, raising, run

from aitbc_hooks.lifecycle.call import MethodCall

NOTHING = {
    "entered": False,
    "value": None,
    "exception": None,
    "cancelled": False,
    "timed_out": False,
    "abandoned": False,
    "caller_cancelled": False,
}


async def slow():
    await asyncio.sleep(0.5)
    return True


async def saves_itself():
    try:
        await hang()
    except asyncio.CancelledError:
        return await slow()


async def saves_itself_too_late():
    try:
        await hang()
    except asyncio.CancelledError:
        await asyncio.sleep(2)


def known(call):
    facts = {name: fact for name, fact in vars(call).items() if not name.startswith("_")}
    facts["exception"] = call.exception and type(call.exception)
    return facts


async def begin(call):
    """Run a call whose method is entered, and return the caller."""
    caller = asyncio.create_task(call.run(deadline=5, grace=1, cancellable=True))
    await asyncio.sleep(0.1)
    return caller


def test_of_a_call_that_was_not_made_nothing_is_known():
    assert known(MethodCall(hang, name="call")) == NOTHING


@pytest.mark.parametrize(
    ("method", "deadline", "facts"),
    [
        (slow, 0.75, {"value": True}),
        (slow, None, {"value": True}),
        (raising(ValueError()), 0.25, {"exception": ValueError}),
        (raising(SystemExit()), 0.25, {"exception": SystemExit}),
        (raising(asyncio.CancelledError()), 0.25, {"exception": asyncio.CancelledError}),
        (
            slow,
            0.25,
            {"exception": asyncio.CancelledError, "cancelled": True, "timed_out": True},
        ),
        (saves_itself, 0.25, {"value": True, "cancelled": True, "timed_out": True}),
        (
            saves_itself_too_late,
            0.25,
            {"cancelled": True, "timed_out": True, "abandoned": True},
        ),
    ],
)
def test_what_becomes_of_a_call_is_told_whole(method, deadline, facts):
    async def main():
        call = MethodCall(method, name="call")
        await call.run(deadline=deadline, grace=1, cancellable=True)
        assert known(call) == NOTHING | {"entered": True} | facts

    run(main())


@pytest.mark.parametrize("cancellations", [1, 2])
@pytest.mark.parametrize(
    ("method", "facts"),
    [
        (hang, {"exception": asyncio.CancelledError}),
        (saves_itself, {"value": True}),
        (saves_itself_too_late, {"abandoned": True}),
    ],
)
def test_however_often_the_caller_is_cancelled_the_method_has_its_grace(
    method, facts, cancellations
):
    async def main():
        call = MethodCall(method, name="call")
        caller = await begin(call)
        for _ in range(cancellations):
            caller.cancel()
            await asyncio.sleep(0.1)
        await caller
        cancelled = {"entered": True, "cancelled": True, "caller_cancelled": True}
        assert known(call) == NOTHING | cancelled | facts

    run(main())


def test_a_caller_that_may_not_cancel_the_method_waits_for_it():
    async def main():
        call = MethodCall(slow, name="call")
        caller = asyncio.create_task(call.run(deadline=None, grace=1, cancellable=False))
        await asyncio.sleep(0.1)
        caller.cancel()
        await caller
        facts = {"entered": True, "value": True, "caller_cancelled": True}
        assert known(call) == NOTHING | facts

    run(main())


@pytest.mark.parametrize("given", [True, False])
def test_a_method_runs_in_the_context_that_is_given_or_in_a_copy_of_the_callers(given):
    variable = ContextVar("variable")

    async def method():
        found = variable.get()
        variable.set("the method's")
        return found

    async def main():
        variable.set("the given one's")
        context = copy_context()
        variable.set("the caller's")
        call = MethodCall(method, name="call")
        await call.run(deadline=None, grace=1, cancellable=True, context=context if given else None)
        assert call.value == ("the given one's" if given else "the caller's")
        assert context[variable] == ("the method's" if given else "the given one's")
        assert variable.get() == "the caller's"

    run(main())


def test_a_method_runs_in_a_task_of_the_calls_name():
    async def method():
        return asyncio.current_task().get_name()

    async def main():
        call = MethodCall(method, name="call")
        await call.run(deadline=None, grace=1, cancellable=True)
        assert call.value == "call"

    run(main())


def test_what_was_abandoned_is_kept_until_it_ends_and_no_longer():
    async def main():
        gate = Gate(stubborn=True)
        await MethodCall(gate, name="call").run(deadline=1, grace=1, cancellable=True)
        [task] = [weakref.ref(task) for task in asyncio.all_tasks() if task.get_name() == "call"]
        gate = weakref.ref(gate)  # only the task has it now
        gc.collect()
        assert task() is not None
        gate().opened.set()
        await asyncio.sleep(1)
        gc.collect()
        assert task() is None

    run(main())
