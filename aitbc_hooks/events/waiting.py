"""Waiting for receivers, and never in a circle."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from aitbc_hooks.events.running import Turn
    from aitbc_hooks.events.subscription import Subscription

__all__ = ["Wait"]


class Wait:
    """Somebody who waits until each of some receivers has done something.

    Attributes:
        pending: The receivers that have not yet.
    """

    __slots__ = ("_future", "pending")

    def __init__(self) -> None:
        self.pending: set[Subscription] = set()
        self._future: asyncio.Future[None] | None = None

    def resolve(self, receiver: Subscription) -> None:
        """Wait for this receiver no longer."""
        self.pending.discard(receiver)
        future = self._future
        if self.pending or future is None or future.done() or future.get_loop().is_closed():
            return
        future.set_result(None)

    async def over(self, turns: Collection[Turn], seconds: float | None = None) -> bool:
        """Wait until nothing is pending, for `seconds` at most.

        Args:
            turns: The turns that the caller runs in. A receiver whose own turn waits for one of
                them, directly or not, is not waited for: it would be for ever.
            seconds: None waits for as long as it takes.

        Returns:
            Whether there was something to wait for, and it has come.
        """
        for receiver in tuple(self.pending):
            if turns and _waits_for(receiver, turns):
                self.pending.discard(receiver)
        if not self.pending:
            return False
        self._future = asyncio.get_running_loop().create_future()
        places = [(receiver.waits, (turn, self)) for receiver, turn in turns]
        for waits, entry in places:
            waits.append(entry)
        try:
            await asyncio.wait({self._future}, timeout=seconds)
        finally:
            for waits, entry in places:
                waits.remove(entry)
        return self._future.done()


def _waits_for(receiver: Subscription, turns: Collection[Turn]) -> bool:
    """Whether the receiver is in one of the turns, or its own turn waits for one that is."""
    targets = {target for target, _ in turns}
    seen, found = {receiver}, [receiver]
    while found:
        one = found.pop()
        if one in targets:
            return True
        for turn, wait in one.waits:
            if turn is one.turn:
                found += wait.pending - seen
                seen |= wait.pending
    return False
