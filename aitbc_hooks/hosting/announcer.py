"""Announcements to plugins: in order, after the fact, from a task of the host's own."""

from __future__ import annotations

import asyncio
import functools
import logging
from collections import deque
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

__all__ = ["Announcer"]

_log = logging.getLogger("aitbc.hooks")

# The announcer on whose behalf the current code runs: it must not wait for itself.
_telling: ContextVar[Announcer | None] = ContextVar("aitbc_hooks_hosting_telling", default=None)


class Announcer:
    """Calls the hooks of `aitbc_hookspecs.host` one after another.

    An announcement is queued by whoever has something to tell and made later, so that a plugin
    that hears of a transition may ask for another one without waiting for itself.
    """

    def __init__(self, hooks: Any) -> None:
        self._hooks = hooks
        self._queue: deque[Callable[[], Awaitable[object]]] = deque()
        self._task: asyncio.Task[None] | None = None

    def tell(self, hook: str, **arguments: object) -> None:
        """Queue one announcement; it is not made where no plugin implements the hook."""
        caller = getattr(self._hooks, hook)
        if not caller.get_hookimpls():
            return
        self._queue.append(functools.partial(caller, **arguments))
        if self._task is None or self._task.done():
            # An empty context: what is told of a transition is no part of that transition.
            self._task = asyncio.Task(
                self._make_all(), name="aitbc-hooks:announcer", context=Context()
            )

    async def settle(self, seconds: float) -> None:
        """Wait until all that is queued has been told, `seconds` at most."""
        if self._task is not None and _telling.get() is not self:
            await asyncio.wait({self._task}, timeout=seconds)

    async def close(self) -> None:
        """Drop what has not been told."""
        self._queue.clear()
        if self._task is not None and _telling.get() is not self:
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=1)

    async def _make_all(self) -> None:
        _telling.set(self)
        while self._queue:
            try:
                await self._queue.popleft()()
            except (Exception, SystemExit, asyncio.CancelledError) as error:
                if isinstance(error, asyncio.CancelledError) and _cancelled():
                    raise
                _log.exception("an announcement failed")


def _cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
