"""A deadline that costs a timer only if the awaitable suspends.

Opening `asyncio.timeout` around each of many quick coroutines costs ten times the coroutines
themselves (docs/decisions/0002-dispatch.md). So the first step is taken inline, in the same task,
and the timer starts when the step has suspended.
"""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

from aitbc_hooks.errors import HookError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Coroutine, Generator

__all__ = ["resume", "within"]


async def within(
    awaitable: Awaitable[Any], seconds: float, plugin_name: str, hook_name: str
) -> Any:
    """Await what an implementation returned within a deadline, from its first suspension on.

    A coroutine that ignores its cancellation delays the caller until it ends; the deadline has
    passed all the same.

    Args:
        awaitable: What to await; a coroutine has not been started.
        seconds: The deadline.
        plugin_name: The implementation's plugin.
        hook_name: The hook.

    Returns:
        The awaitable's result.

    Raises:
        HookError: The deadline has passed (``AITBC-H05``).
    """
    __tracebackhide__ = True
    coroutine = awaitable if isinstance(awaitable, types.CoroutineType) else _wait_for(awaitable)
    try:
        signal = coroutine.send(None)
    except StopIteration as stop:
        return stop.value
    return await resume(coroutine, signal, seconds, plugin_name, hook_name)


async def resume(
    coroutine: Coroutine[Any, Any, Any],
    signal: object,
    seconds: float,
    plugin_name: str,
    hook_name: str,
) -> Any:
    """Go on within a deadline with a coroutine whose first step has suspended with `signal`.

    The arguments and the result are those of `within`.

    Raises:
        HookError: The deadline has passed (``AITBC-H05``).
    """
    __tracebackhide__ = True
    import asyncio  # noqa: PLC0415 - a coroutine that suspends has a loop already

    try:
        scope = asyncio.timeout(seconds)
        async with scope:
            result = await _resume(coroutine, signal)
    except TimeoutError as error:
        if scope.expired():
            raise _overdue(seconds, plugin_name, hook_name) from error
        raise
    finally:
        # Only without an event loop is it not at its end already.
        coroutine.close()
    if scope.expired():
        raise _overdue(seconds, plugin_name, hook_name)
    return result


def _overdue(seconds: float, plugin_name: str, hook_name: str) -> HookError:
    return HookError(
        f"hook {hook_name!r} did not finish within its deadline of {seconds:g} s.",
        plugin=plugin_name,
        code="AITBC-H05",
    )


async def _wait_for(awaitable: Awaitable[Any]) -> Any:
    return await awaitable


@types.coroutine
def _resume(coroutine: Coroutine[Any, Any, Any], signal: object) -> Generator[Any, Any, Any]:
    """Go on with a coroutine whose first step has suspended with `signal`."""
    __tracebackhide__ = True
    while True:
        try:
            yield signal
        except BaseException as error:  # noqa: BLE001 - it is the coroutine's to handle
            try:
                signal = coroutine.throw(error)
            except StopIteration as stop:
                return stop.value
        else:
            return (yield from coroutine)
