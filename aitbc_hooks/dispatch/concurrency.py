"""Bounded concurrency under structure: nothing is left running when the caller goes on."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Sequence

__all__ = ["run_concurrently"]


async def run_concurrently(calls: Sequence[Callable[[], Awaitable[Any]]], *, limit: int) -> Any:
    """Run calls side by side, each in a task.

    The first that raises ends the others: they are cancelled, and waited for, before the caller
    sees its exception. What they raise then is noted on it. Cancelling the caller does the same,
    and so does closing it, but for the waiting. After either no further call is begun.

    Args:
        calls: What to run; begun in this order.
        limit: How many may be under way at once.

    Returns:
        The results, in the order of the calls.
    """
    import asyncio  # noqa: PLC0415 - importing the hooks does not need a loop

    __tracebackhide__ = True
    results: list[Any] = [None] * len(calls)
    failures: list[BaseException] = []
    waiting = deque(enumerate(calls))

    async def work() -> None:
        __tracebackhide__ = True
        while waiting:
            place, call = waiting.popleft()
            try:
                results[place] = await call()
            except BaseException as error:  # noqa: BLE001 - a task that lets SystemExit out ends the loop
                failures.append(error)
                waiting.clear()

    tasks = [asyncio.create_task(work()) for _ in range(min(limit, len(calls)))]
    can_wait = True
    try:
        pending = set(tasks)
        while pending and not failures:
            _, pending = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
    except GeneratorExit:
        can_wait = False
        raise
    finally:
        waiting.clear()
        for task in tasks:
            task.cancel()
        if can_wait:
            await _all_done(tasks)
    if not failures:
        return results
    try:
        raise _combined(failures)
    finally:
        # Its traceback holds this frame, which must not hold it in turn.
        failures.clear()


async def _all_done(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Wait until tasks have ended, through the caller's cancellation."""
    import asyncio  # noqa: PLC0415

    cancelled = None
    while any(not task.done() for task in tasks):
        try:
            await asyncio.wait(tasks)
        except asyncio.CancelledError as error:
            cancelled = error
    if cancelled is not None:
        raise cancelled


def _combined(failures: Sequence[BaseException]) -> BaseException:
    """Return the first failure, with a note of each other that is no cancellation."""
    import asyncio  # noqa: PLC0415

    first, *others = failures
    for other in others:
        if not isinstance(other, asyncio.CancelledError):
            first.add_note(f"another implementation then raised {type(other).__name__}: {other}")
    return first
