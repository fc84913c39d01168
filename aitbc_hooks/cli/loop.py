"""An event loop whose end is bounded, however stubborn the tasks are that plugins leave in it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from aitbc_hooks.cli.session import Session

__all__ = ["HostLoop"]

_T = TypeVar("_T")

#: Seconds that what is left in the loop has to end, tasks first and then threads.
_PATIENCE: Final = 2.0


class HostLoop:
    """An `asyncio.Runner` that does not wait for ever.

    `asyncio.Runner` waits for tasks that ignore their cancellation, and for threads of the loop's
    executor. Here both have a moment; what is left after it is named in the session's
    `leftovers`, and ends with the process.

    Args:
        session: Told of what is left.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._runner = asyncio.Runner()
        self._task: asyncio.Task[Any] | None = None

    def __enter__(self) -> Self:
        return self

    def run(self, main: Coroutine[Any, Any, _T]) -> _T:
        """Run a coroutine to its end; the loop stays, and does not turn between two runs."""
        return self._runner.run(self._noted(main))

    def cancel(self) -> bool:
        """Cancel what `run` runs, from a signal's handler; False if it runs nothing."""
        if self._task is None:
            return False
        self._runner.get_loop().call_soon_threadsafe(self._task.cancel)
        return True

    async def _noted(self, main: Coroutine[Any, Any, _T]) -> _T:
        self._task = asyncio.current_task()
        try:
            return await main
        finally:
            self._task = None

    def __exit__(self, *_: object) -> None:
        left = self.run(_wind_up())
        if left:
            self._session.leftovers += left
        else:
            self._runner.close()


async def _wind_up() -> list[str]:
    """Cancel every task, let the executor's threads end; return what does neither in time."""
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    if tasks:
        await asyncio.wait(tasks, timeout=_PATIENCE)
    left = [f"task {task.get_name()}" for task in tasks if not task.done()]
    shutdown = asyncio.get_running_loop().shutdown_default_executor()
    ending = asyncio.create_task(shutdown, name="aitbc-hooks:threads")
    await asyncio.wait({ending}, timeout=_PATIENCE)
    return left if ending.done() else [*left, "threads of asyncio.to_thread()"]
