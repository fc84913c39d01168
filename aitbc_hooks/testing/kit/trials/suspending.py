"""Awaiting a plugin's method step by step: who looks on sees each suspension."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator

__all__ = ["Watched"]


class Watched:
    """Awaits something; calls a function at each of its suspensions, before they take effect.

    Args:
        work: What is awaited.
        on_suspend: Called without arguments, in the same task.
    """

    def __init__(self, work: Awaitable[Any], on_suspend: Callable[[], None]) -> None:
        self._work = work
        self._on_suspend = on_suspend

    def __await__(self) -> Generator[Any, Any, Any]:
        inner = self._work.__await__()
        value: Any = None
        error: BaseException | None = None
        while True:
            try:
                yielded = inner.throw(error) if error is not None else inner.send(value)
            except StopIteration as stop:
                return stop.value
            self._on_suspend()
            error = None
            try:
                value = yield yielded
            except BaseException as thrown:  # noqa: BLE001 - it is passed on, whatever it is
                error = thrown
