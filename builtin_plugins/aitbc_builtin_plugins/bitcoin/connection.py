"""Watching over the node: is it there, what is its tip, and when to look again.

One background task looks at the node every `poll_interval` seconds while it answers, and with
back-off while it does not. Everything else asks here for the client and is told at once when
there is no node to talk to.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Final

import attrs

from .errors import (
    BitcoinError,
    NodeConnectionError,
    NotConnectedError,
    ProtocolError,
    UnclearOutcomeError,
)
from .rpc import RPCClient

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Iterator

    from .settings import Settings

__all__ = ["Node", "NodeConnection", "backoff"]

#: Seconds that `open` gives the first look, so that the first call usually finds the node.
_FIRST_LOOK: Final = 5.0


@attrs.frozen
class Node:
    """What the node said of itself and its chain at the last look."""

    chain: str
    height: int
    tip: str
    agent: str
    syncing: bool


def backoff(first: float = 1.0, limit: float = 60.0) -> Iterator[float]:
    """Yield the seconds to wait before each new attempt: doubling, bounded, with jitter.

    The jitter takes up to a fifth away, so that many hosts do not return to one node together.
    """
    delay = first
    while True:
        yield delay * random.uniform(0.8, 1.0)  # noqa: S311 - spreads load, guards nothing
        delay = min(delay * 2, limit)


async def _wait(event: asyncio.Event, seconds: float) -> None:
    """Wait for `event`, at most `seconds`."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


async def _look(client: RPCClient) -> Node:
    """Ask the node for what a `Node` holds.

    Raises:
        BitcoinError: It is away, refuses, warms up, or is no Bitcoin node.
    """
    chain, network = await client.batch(("getblockchaininfo", ()), ("getnetworkinfo", ()))
    match chain, network:
        case (
            {
                "chain": str(name),
                "blocks": int(height),
                "bestblockhash": str(tip),
                "initialblockdownload": bool(syncing),
            },
            {"subversion": str(agent)},
        ):
            return Node(chain=name, height=height, tip=tip, agent=agent, syncing=syncing)
    raise ProtocolError("What answered is not a Bitcoin node.")


class NodeConnection:
    """The connection of one plugin to one node.

    Args:
        settings: The node, and how often to look at it.
        logger: Told when the node is found and when it is lost, not of every attempt.
        on_new_tip: Called with the `Node` when its tip is another than at the look before.
        wait: ``await wait(event, seconds)`` waits for whichever is first; tests replace it.
    """

    def __init__(
        self,
        settings: Settings,
        logger: logging.Logger,
        *,
        on_new_tip: Callable[[Node], Awaitable[None]],
        wait: Callable[[asyncio.Event, float], Awaitable[None]] = _wait,
    ) -> None:
        self.settings = settings
        self.node: Node | None = None
        self.reason = "Not connected yet."
        self._client = RPCClient(settings)
        self._tip: str | None = None
        self._logger = logger
        self._on_new_tip = on_new_tip
        self._wait = wait
        self._look_now = asyncio.Event()
        self._looked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Begin to watch. Returns after the first look, or 5 s, whether a node is there or not."""
        if self._task is None:
            self._looked.clear()
            self._task = asyncio.create_task(self._watch(), name="bitcoin-integration: watch node")
            await _wait(self._looked, _FIRST_LOOK)

    async def close(self) -> None:
        """Stop to watch; the task has ended on return. Harmless when nothing is open."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait({task})
        self.node, self.reason = None, "The plugin is stopped."

    async def connect(self, settings: Settings) -> bool:
        """Change to the node that `settings` describe, if it answers; else change nothing."""
        client = RPCClient(settings)
        try:
            node = await _look(client)
        except BitcoinError as error:
            self._logger.warning("No connection with the new settings: %s", error)
            return False
        self.settings, self._client = settings, client
        self.node = self._tip = None  # another chain: its tip is not news
        await self._found(node)
        self._look_now.set()
        return True

    @contextlib.contextmanager
    def client(self) -> Iterator[RPCClient]:
        """The client of a node that is there; a failure in the block makes the task look again.

        Raises:
            NotConnectedError: No node is there; the message has the reason.
        """
        if self.node is None:
            raise NotConnectedError(f"No Bitcoin node is connected: {self.reason}")
        try:
            yield self._client
        except (NodeConnectionError, UnclearOutcomeError):
            self._look_now.set()
            raise

    async def _watch(self) -> None:
        delays = backoff()
        while True:
            self._look_now.clear()
            await self._look_once()
            self._looked.set()
            if self.node is None:
                delay = next(delays)
            else:
                delay, delays = self.settings.poll_interval, backoff()
            await self._wait(self._look_now, delay)

    async def _look_once(self) -> None:
        client = self._client
        found: Node | str
        try:
            found = await _look(client)
        except BitcoinError as error:
            found = str(error)
        except Exception:  # the watch must outlive a defect, and say that there is one
            self._logger.exception("Looking at the Bitcoin node failed unexpectedly.")
            found = "Looking at the node failed unexpectedly; the log has the traceback."
        if client is not self._client:
            return  # connect() has changed the node meanwhile
        if isinstance(found, Node):
            await self._found(found)
        else:
            self._lost(found)

    def _lost(self, reason: str) -> None:
        known = self.node is None and self.reason == reason
        self.node, self.reason = None, reason
        if not known:
            self._logger.warning("The Bitcoin node is away: %s", reason)

    async def _found(self, node: Node) -> None:
        if self.node is None:
            self._logger.info(
                "Connected to Bitcoin node %s: chain %s, height %d.",
                node.agent,
                node.chain,
                node.height,
            )
        old_tip, self._tip = self._tip, node.tip
        self.node = node
        if old_tip not in (None, node.tip):
            await self._on_new_tip(node)
