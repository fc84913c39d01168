"""What a turn may hold besides operations: questions to an instance, and its exchange."""

from __future__ import annotations

import asyncio

import pytest
from lifecycle_single import Gate, Single, raising, run

from aitbc_hooks.interfaces import PluginStatus as S
from aitbc_hooks.lifecycle import Operation

ABANDONED = (
    "[AITBC-L06] plugin 'ant' in export_state(): was cancelled by its deadline of 1 s and did not "
    "end within 5 s after that; it was abandoned, and nothing of this instance is called any more."
)


async def ask(single, call):
    async with single.lifecycle.turn(Operation.STOP):
        return await single.lifecycle.ask("export_state", call)


async def swap(one, other):
    async with one.lifecycle.turn(Operation.STOP), other.lifecycle.turn(Operation.STOP):
        one.lifecycle.swap(other.lifecycle)


def told(single):
    return (list(single.listener.transitions), list(single.listener.failures))


def known(single):
    lifecycle = single.lifecycle
    return {
        "status": lifecycle.status,
        "since": lifecycle.since,
        "failure": lifecycle.failure,
        "subject": lifecycle.subject,
        "error_count": lifecycle.error_count,
    }


async def true():
    return True


async def slow():
    await asyncio.sleep(2)
    return True


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (true, "None"),
        (
            raising(ValueError("no state")),
            "[AITBC-L04] plugin 'ant' in export_state(): ValueError: no state",
        ),
        (
            slow,
            "[AITBC-L05] plugin 'ant' in export_state(): did not end within its deadline of 1 s.",
        ),
    ],
)
def test_a_question_is_answered_with_why_it_failed_and_changes_nothing(call, text):
    async def main():
        single = Single()
        await single.reach("load", "start")
        before = known(single), told(single)
        assert str(await ask(single, call)) == text
        assert (known(single), told(single)) == before

    run(main())


def test_a_question_that_is_abandoned_is_an_error_and_nothing_is_called_any_more():
    async def main():
        gate, single = Gate(stubborn=True), Single()
        await single.reach("load", "start")
        failure = await ask(single, gate)
        assert str(failure) == ABANDONED
        assert single.lifecycle.failure is failure
        assert single.lifecycle.status is S.ERROR
        assert single.listener.transitions[-1] == ("ACTIVE", "ERROR")
        assert single.listener.failures == ["AITBC-L06"]
        assert await single.lifecycle.unload() is False
        assert single.called == []
        gate.opened.set()

    run(main())


def test_a_question_that_is_abandoned_in_an_error_is_no_change_of_status():
    async def main():
        gate, single = Gate(stubborn=True), Single(start=lambda: False)
        await single.reach("load")
        assert await single.lifecycle.start() is False
        since = single.lifecycle.since
        await ask(single, gate)
        assert single.listener.transitions[-1] == ("LOADED", "ERROR")
        assert single.lifecycle.since is since
        assert single.lifecycle.error_count == 2
        gate.opened.set()

    run(main())


def test_a_question_is_answered_before_the_cancellation_of_who_asked_is_raised():
    async def main():
        gate, single = Gate(), Single()
        await single.reach("load", "start")
        task = asyncio.create_task(ask(single, gate))
        await gate.entered.wait()
        task.cancel()
        await asyncio.sleep(0.1)
        assert not task.done()
        gate.opened.set()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert single.lifecycle.status is S.ACTIVE

    run(main())


def test_a_swap_exchanges_all_that_is_known_of_two_instances_and_tells_nobody():
    async def main():
        one, other = Single(), Single(start=lambda: False)
        await one.reach("load", "start")
        await other.reach("load")
        assert await other.lifecycle.start() is False
        facts, tellings = [known(one), known(other)], [told(one), told(other)]
        assert [fact for fact in facts[0] if facts[0][fact] == facts[1][fact]] == []
        await swap(one, other)
        assert [known(other), known(one)] == facts
        assert [told(one), told(other)] == tellings

    run(main())


def test_what_is_owed_to_an_instance_goes_with_it():
    async def main():
        one, other = Single(), Single()
        await one.reach("load", "start")
        await swap(one, other)
        assert await one.lifecycle.unload() is True
        assert one.called == []
        assert await other.lifecycle.unload() is True
        assert one.called == ["stop", "cleanup"]
        assert other.called == []

    run(main())


def test_an_instance_with_an_abandoned_call_is_left_alone_wherever_it_goes():
    async def main():
        gate = Gate(stubborn=True)
        one, other = Single(start=gate), Single()
        await one.reach("load")
        await other.reach("load")
        assert await one.lifecycle.start() is False
        one.called.clear()
        await swap(one, other)
        assert await other.lifecycle.unload() is False
        assert one.called == []
        assert await one.lifecycle.unload() is True
        assert other.called == ["cleanup"]
        gate.opened.set()

    run(main())
