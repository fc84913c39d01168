"""Tests inside."""

from __future__ import annotations

import asyncio


def test_the_directorys_hook_answers_first(answer):
    assert answer == "inner: what"


async def test_coroutines_are_run_by_another_plugin():
    await asyncio.sleep(0)


class TestGenerated:
    """Its method is called together with the plugins."""

    def pytest_generate_tests(self, metafunc):
        metafunc.parametrize("number", [1, 2])

    def test_number(self, number):
        assert number
