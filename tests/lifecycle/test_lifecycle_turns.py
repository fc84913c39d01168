"""Whose turn it is, and who works outside of any."""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from lifecycle_single import run

from aitbc_hooks.lifecycle import Turns, outside_turns


async def ask(turns):
    return turns.own


def test_a_turn_is_own_in_all_that_was_begun_in_it_until_it_is_over():
    async def main():
        turns, others = Turns(), Turns()
        assert not turns.own
        async with turns.take(), others.take():
            assert [turns.own, others.own] == [True, True]
            assert await asyncio.create_task(ask(turns)) is True
            asked_later = asyncio.create_task(ask(turns))
        assert [turns.own, others.own] == [False, False]
        assert await asked_later is False

    run(main())


def test_a_turn_in_another_does_not_end_that_one():
    async def main():
        turns, others = Turns(), Turns()
        async with turns.take():
            async with others.take():
                pass
            assert [turns.own, others.own] == [True, False]

    run(main())


def test_work_outside_of_turns_is_in_none_and_keeps_the_rest_of_its_context():
    variable = ContextVar("variable")

    async def main():
        turns, others = Turns(), Turns()
        variable.set("kept")
        async with turns.take(), others.take():
            context = outside_turns()
            for each in (turns, others):
                assert await asyncio.create_task(ask(each), context=context) is False
                assert each.own
            assert context[variable] == "kept"

    run(main())
