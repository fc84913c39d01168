from __future__ import annotations

import asyncio
import itertools
import logging

import pytest
from bitcoin_fake_node import FakeNode, Fault, basic, frame, never, sends, watching_tasks
from hypothesis import given
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.connection import NodeConnection, backoff
from aitbc_builtin_plugins.bitcoin.errors import (
    NodeTimeoutError,
    NotConnectedError,
    RPCError,
    UnclearOutcomeError,
)
from aitbc_builtin_plugins.bitcoin.settings import Settings

LOGGER = logging.getLogger("test.bitcoin")


class Clock:
    """Stands in for waiting: notes each wait and lasts until the test says that it is over."""

    def __init__(self):
        self.waits = []
        self._waiting = asyncio.Semaphore(0)
        self._over = asyncio.Semaphore(0)

    async def wait(self, event, seconds):
        self.waits.append(seconds)
        self._waiting.release()
        over = asyncio.create_task(self._over.acquire())
        woken = asyncio.create_task(event.wait())
        try:
            await asyncio.wait({over, woken}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            over.cancel()
            woken.cancel()

    async def at_rest(self):
        """Return when the watch is waiting again."""
        await self._waiting.acquire()

    async def tick(self):
        """End the present wait, and return at the next one."""
        self._over.release()
        await self.at_rest()


class Watched:
    """A fake node, the connection to it, and what the connection announced."""

    def __init__(self, node, **config):
        self.node = node
        self.clock = Clock()
        self.tips = []
        settings = Settings.from_config({"rpc_url": node.url, "timeout": 5} | config)
        self.connection = NodeConnection(
            settings, LOGGER, on_new_tip=self.announce, wait=self.clock.wait
        )

    async def announce(self, node):
        self.tips.append((node.height, node.tip))

    async def open(self):
        await self.connection.open()
        await self.clock.at_rest()

    def is_there(self):
        return self.connection.node is not None


def watching(scenario, *, away=False, **config):
    async def main():
        async with FakeNode() as node:
            watched = Watched(node, **config)
            if away:
                await node.stop()
            await watched.open()
            try:
                await scenario(watched)
            finally:
                await watched.connection.close()
        assert watching_tasks() == []

    asyncio.run(main())


@given(st.floats(0.1, 10), st.floats(10, 100), st.integers(1, 30))
def test_back_off_doubles_up_to_its_limit_with_a_fifth_of_jitter(first, limit, count):
    for attempt, delay in enumerate(itertools.islice(backoff(first, limit), count)):
        full = min(first * 2**attempt, limit)
        assert 0.8 * full <= delay <= full


def test_a_node_that_is_there_is_found_by_open():
    async def scenario(watched):
        node = watched.connection.node
        assert (node.chain, node.height, node.agent) == ("regtest", 100, "/Fake:1.0.0/")
        assert watched.clock.waits == [30]
        with watched.connection.client() as client:
            assert await client.call("getblockcount") == 100

    watching(scenario)


def test_open_does_not_wait_for_a_node_that_is_away_and_calls_are_refused_with_the_reason():
    async def scenario(watched):
        assert not watched.is_there()
        with (
            pytest.raises(NotConnectedError, match="Connection refused"),
            watched.connection.client(),
        ):
            raise AssertionError

    watching(scenario, away=True)


def test_attempts_back_off_and_a_node_that_appears_is_found():
    async def scenario(watched):
        for _ in range(8):
            await watched.clock.tick()
        expected = [1, 2, 4, 8, 16, 32, 60, 60, 60]
        for wait, full in zip(watched.clock.waits, expected, strict=True):
            assert 0.8 * full <= wait <= full
        await watched.node.start()
        await watched.clock.tick()
        assert watched.is_there()
        assert watched.clock.waits[-1] == 7

    watching(scenario, away=True, poll_interval=7)


def test_a_node_that_goes_and_comes_back_is_noticed_both_times(caplog):
    async def scenario(watched):
        await watched.node.stop()
        await watched.clock.tick()
        assert not watched.is_there()
        assert watched.clock.waits[-1] <= 1
        await watched.clock.tick()
        await watched.node.start()
        await watched.clock.tick()
        assert watched.is_there()
        await watched.node.stop()
        await watched.clock.tick()
        assert watched.clock.waits[-1] <= 1, "the back-off begins anew"

    with caplog.at_level(logging.INFO):
        watching(scenario)
    # The second failed attempt is no news.
    levels = [record.levelname for record in caplog.records if record.name == "test.bitcoin"]
    assert levels == ["INFO", "WARNING", "INFO", "WARNING"]


@pytest.mark.parametrize(
    ("trouble", "reason"),
    [
        ({"answers": {"getblockchaininfo": Fault(-28, "Loading block index")}}, "Loading block"),
        ({"answers": {"getblockchaininfo": {"chain": "main"}}}, "not a Bitcoin node"),
        ({"answers": {"getblockchaininfo": None}}, "not a Bitcoin node"),
        ({"answers": {"getnetworkinfo": []}}, "not a Bitcoin node"),
        ({"authorization": basic("a", "b")}, "refused the credentials"),
        ({"behaviour": sends(frame(b"<html>"))}, "not JSON"),
        ({"behaviour": sends(b"")}, "broke off"),
    ],
)
def test_a_node_that_cannot_serve_counts_as_away_with_its_reason(trouble, reason):
    async def scenario(watched):
        healthy = dict(watched.node.answers)
        watched.node.answers |= trouble.get("answers", {})
        watched.node.behaviour = trouble.get("behaviour")
        watched.node.authorization = trouble.get("authorization")
        await watched.clock.tick()
        assert not watched.is_there()
        assert reason in watched.connection.reason
        watched.node.answers = healthy
        watched.node.behaviour = watched.node.authorization = None
        await watched.clock.tick()
        assert watched.is_there()

    watching(scenario)


def test_a_new_tip_is_announced_once_and_the_first_is_no_news():
    async def scenario(watched):
        await watched.clock.tick()
        watched.node.set_tip(101, "bb" * 32)
        await watched.clock.tick()
        await watched.clock.tick()
        watched.node.set_tip(101, "cc" * 32)
        await watched.clock.tick()
        assert watched.tips == [(101, "bb" * 32), (101, "cc" * 32)]

    watching(scenario)


def test_a_tip_that_came_while_the_node_was_out_of_sight_is_announced():
    async def scenario(watched):
        await watched.node.stop()
        await watched.clock.tick()
        watched.node.set_tip(105, "dd" * 32)
        await watched.node.start()
        await watched.clock.tick()
        assert watched.tips == [(105, "dd" * 32)]

    watching(scenario)


@pytest.mark.parametrize(
    "error", [NodeTimeoutError("late"), UnclearOutcomeError("lost"), RPCError(-1, "no")]
)
def test_a_call_that_fails_on_its_way_makes_the_watch_look_at_once(error):
    async def scenario(watched):
        await watched.node.stop()
        with pytest.raises(type(error)), watched.connection.client():
            raise error
        if isinstance(error, RPCError):
            # The node has answered, so it is there.
            assert not watched.connection._look_now.is_set()
        else:
            await watched.clock.at_rest()
            assert not watched.is_there()

    watching(scenario)


def test_a_defect_in_the_watch_is_logged_and_does_not_end_it(monkeypatch, caplog):
    async def scenario(watched):
        client = watched.connection._client

        async def defect(*_):
            raise ZeroDivisionError

        with monkeypatch.context() as patch:
            patch.setattr(client, "batch", defect)
            await watched.clock.tick()
        assert "unexpectedly" in watched.connection.reason
        await watched.clock.tick()
        assert watched.is_there()

    watching(scenario)
    assert "ZeroDivisionError" in caplog.text


def test_connect_changes_to_a_node_that_answers_without_announcing_its_tip():
    async def scenario(watched):
        async with FakeNode() as other:
            other.set_tip(5, "ee" * 32)
            assert await watched.connection.connect(Settings(rpc_url=other.url, poll_interval=9))
            await watched.clock.at_rest()
            assert watched.connection.node.height == 5
            assert watched.tips == []
            assert watched.clock.waits[-1] == 9
            await watched.node.stop()
            await watched.clock.tick()
            assert watched.is_there()

    watching(scenario)


def test_connect_to_a_node_that_is_away_changes_nothing():
    async def scenario(watched):
        before = watched.connection.settings
        assert not await watched.connection.connect(Settings(rpc_url="http://127.0.0.1:1"))
        assert watched.connection.settings is before
        await watched.clock.tick()
        assert watched.is_there()

    watching(scenario)


def test_a_look_at_the_old_node_that_ends_after_connect_counts_no_more():
    async def scenario(watched):
        asked, go = asyncio.Event(), asyncio.Event()

        async def late(*_):
            asked.set()
            await go.wait()

        watched.node.behaviour = late
        ticking = asyncio.create_task(watched.clock.tick())
        await asked.wait()
        async with FakeNode() as other:
            assert await watched.connection.connect(Settings(rpc_url=other.url))
            other.behaviour = never  # so that only the old node's answer can change anything
            go.set()
            await ticking
            assert watched.is_there()

    watching(scenario)


def test_connect_ends_the_back_off():
    async def scenario(watched):
        await watched.node.start()
        assert await watched.connection.connect(watched.connection.settings)
        assert watched.is_there()
        await watched.clock.at_rest()
        assert watched.clock.waits[-1] == 30

    watching(scenario, away=True)


def test_open_and_close_may_be_called_again_and_again():
    async def scenario(watched):
        await watched.connection.open()
        await watched.connection.close()
        await watched.connection.close()
        with pytest.raises(NotConnectedError, match="stopped"), watched.connection.client():
            raise AssertionError
        await watched.open()
        assert watched.is_there()

    watching(scenario)


def test_the_real_wait_ends_with_its_event_or_its_time():
    async def main():
        async with FakeNode() as node:
            settings = Settings(rpc_url=node.url, poll_interval=0.01)
            looks = asyncio.Queue()

            async def look(found):
                looks.put_nowait(found.height)

            connection = NodeConnection(settings, LOGGER, on_new_tip=look)
            await connection.open()
            node.set_tip(200, "bb" * 32)
            assert await looks.get() == 200
            await connection.close()

    asyncio.run(main())
