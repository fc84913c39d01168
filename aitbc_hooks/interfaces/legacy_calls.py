"""Calling the methods of legacy objects: asynchronous ones are awaited, others get a thread."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any

from aitbc_hooks.awaiting import awaited

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Bound", "call_legacy"]


class Bound:
    """A function given for a method, called with the legacy object first."""

    def __init__(self, function: Callable[..., Any], legacy: object) -> None:
        self.function = function
        self.legacy = legacy

    def __call__(self, *args: object) -> Any:
        """Call the function."""
        return self.function(self.legacy, *args)


async def call_legacy(method: Callable[..., Any], *args: object) -> Any:
    """Call a method of a legacy object; one that is not asynchronous never blocks the loop."""
    function = method.function if isinstance(method, Bound) else method
    result = (
        method(*args) if inspect.iscoroutinefunction(function) else await _in_thread(method, *args)
    )
    return await awaited(result)


async def _in_thread(function: Callable[..., Any], *args: object) -> Any:
    """Run a blocking function in a daemon thread.

    Not `asyncio.to_thread`: on cancellation that returns while the thread still works, and the
    next method would overlap it; and its worker threads keep a process with a hung plugin alive.
    """
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    call = functools.partial(contextvars.copy_context().run, function, *args)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    thread = threading.Thread(
        target=_deliver, args=(call, future), name=f"legacy:{name}", daemon=True
    )
    thread.start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        # A thread cannot be cancelled. Its end is awaited so that no other method overlaps it;
        # the driver's grace period bounds the wait.
        await asyncio.wait({future})
        if not future.cancelled():
            future.exception()  # retrieved: the cancellation is what the caller gets
        raise
    finally:
        if future.done():
            thread.join()  # it has delivered its result and is about to end


def _deliver(call: Callable[[], Any], future: asyncio.Future[Any]) -> None:
    """Call a function, in its own thread, and settle a future of another thread's loop."""
    try:
        settle = functools.partial(_settle, future, future.set_result, call())
    except StopIteration as stop:  # a Future cannot carry it
        error = RuntimeError(f"legacy method raised {stop!r}")
        settle = functools.partial(_settle, future, future.set_exception, error)
    except BaseException as error:  # noqa: BLE001 - SystemExit too belongs to the caller
        settle = functools.partial(_settle, future, future.set_exception, error)
    loop = future.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)


def _settle(future: asyncio.Future[Any], setter: Callable[[Any], None], outcome: Any) -> None:
    if not future.cancelled():
        setter(outcome)
