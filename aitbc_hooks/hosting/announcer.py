"""Announcements to plugins: in order, after the fact, from a task of the host's own."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Announcer"]


class Announcer:
    """Calls the hooks of `aitbc_hookspecs.host` one after another.

    An announcement is queued by whoever has something to tell and made later, so that a plugin
    that hears of a transition may ask for another one without waiting for itself.
    """

    def __init__(self, hooks: Any) -> None:
        self._hooks = hooks
        self._queue: asyncio.Queue[Callable[[], Awaitable[object]]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    def tell(self, hook: str, **arguments: object) -> None:
        """Queue one announcement; it is not made where no plugin implements the hook."""
        caller = getattr(self._hooks, hook)
        if caller.get_hookimpls():
            self._queue.put_nowait(lambda: caller(**arguments))
            if self._task is None:
                self._task = asyncio.create_task(self._make_all(), name="aitbc-hooks:announcer")

    async def settle(self, seconds: float) -> None:
        """Wait until all that is queued has been told, `seconds` at most."""
        task = self._task
        if task is not None and task is not asyncio.current_task():
            await asyncio.wait({task}, timeout=seconds)

    async def close(self) -> None:
        """Drop what has not been told."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait({task}, timeout=1)

    async def _make_all(self) -> None:
        try:
            while not self._queue.empty():
                await self._queue.get_nowait()()
        finally:
            self._task = None
