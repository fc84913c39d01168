"""One call of a plugin's method: its own task, a deadline, a grace period, or abandonment.

`asyncio.wait_for` and `asyncio.timeout` wait for as long as a method ignores its cancellation;
here such a method is left behind, and the caller goes on.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from contextvars import Context

__all__ = ["GRACE", "MethodCall", "pass_on"]

#: Seconds that a cancelled method has to end before it is abandoned.
GRACE: Final = 5.0

# Tasks that were left behind. asyncio itself holds tasks weakly.
_abandoned: set[asyncio.Task[None]] = set()


class MethodCall:
    """One call of a method, and what became of it.

    Attributes:
        entered: The method's code has begun to run.
        value: What it returned.
        exception: What it raised; SystemExit and CancelledError too.
        cancelled: It was cancelled, after its deadline or with its caller.
        timed_out: Its deadline passed before it ended.
        abandoned: It did not end within the grace period after its cancellation either.
        caller_cancelled: The caller was cancelled while it waited.
    """

    def __init__(self, method: Callable[[], Awaitable[object]], *, name: str) -> None:
        self._method = method
        self._name = name
        self.entered = False
        self.value: object = None
        self.exception: BaseException | None = None
        self.cancelled = False
        self.timed_out = False
        self.abandoned = False
        self.caller_cancelled = False

    async def run(
        self,
        *,
        deadline: float | None,
        grace: float,
        cancellable: bool,
        context: Context | None = None,
    ) -> None:
        """Run the method to its end, or to its abandonment. Raises nothing of the method's.

        Args:
            deadline: Seconds until the method is cancelled; None waits for ever.
            grace: Seconds from its cancellation until it is abandoned.
            cancellable: Whether cancelling the caller cancels the method. Either way the caller's
                cancellation is noted in `caller_cancelled`, for the caller to raise.
            context: The context to run it in; a copy of the caller's by default.
        """
        task = asyncio.create_task(self._body(), name=self._name, context=context)
        await self._wait(task, deadline, through_cancellation=not cancellable)
        if not task.done():
            self.timed_out = not (cancellable and self.caller_cancelled)
            self.cancelled = task.cancel()
            await self._wait(task, grace, through_cancellation=True)
        if not task.done():
            self.abandoned = True
            _abandoned.add(task)
            task.add_done_callback(_abandoned.discard)

    async def _body(self) -> None:
        self.entered = True
        try:
            self.value = await self._method()
        except GeneratorExit:  # the loop is gone
            raise
        except BaseException as error:  # noqa: BLE001 - a task that lets SystemExit out ends the loop
            self.exception = error

    async def _wait(
        self, task: asyncio.Task[None], seconds: float | None, *, through_cancellation: bool
    ) -> None:
        """Wait for the task to end, `seconds` at most."""
        loop = asyncio.get_running_loop()
        end = None if seconds is None else loop.time() + seconds
        while not task.done():
            left = None if end is None else max(0.0, end - loop.time())
            try:
                await asyncio.wait({task}, timeout=left)
            except asyncio.CancelledError:
                self.caller_cancelled = True
                if not through_cancellation:
                    return
            else:
                return


def pass_on(*calls: MethodCall) -> None:
    """Raise what is nobody's to keep: a method's interrupt, before the caller's cancellation."""
    for call in calls:
        if isinstance(call.exception, KeyboardInterrupt):
            raise call.exception
    if any(call.caller_cancelled for call in calls):
        raise asyncio.CancelledError
