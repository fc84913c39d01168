"""Taking turns: one at a time, first come first served, and never inside one's own."""

from __future__ import annotations

import asyncio
import contextlib
from contextvars import Context, ContextVar, copy_context
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

__all__ = ["Turns", "outside_turns"]


class _Turn:
    """One turn. Tasks that are started in it inherit it through their context."""

    __slots__ = ("of", "over")

    def __init__(self, of: Turns) -> None:
        self.of = of
        self.over = False


_current: ContextVar[tuple[_Turn, ...]] = ContextVar("aitbc_hooks_lifecycle_turns", default=())


class Turns:
    """Something that is done by one at a time, such as the transitions of one plugin."""

    def __init__(self) -> None:
        self._lock = asyncio.Lock()

    @property
    def own(self) -> bool:
        """Whether the caller runs in a turn of these, and would wait for itself."""
        return any(turn.of is self and not turn.over for turn in _current.get())

    @contextlib.asynccontextmanager
    async def take(self) -> AsyncIterator[None]:
        """Wait for a turn, and have it for the body of the ``async with`` statement."""
        async with self._lock:
            turn = _Turn(self)
            token = _current.set((*_current.get(), turn))
            try:
                yield
            finally:
                turn.over = True
                _current.reset(token)


def outside_turns() -> Context:
    """Return a copy of the current context for work that no turn waits for."""
    context = copy_context()
    context.run(_current.set, ())
    return context
