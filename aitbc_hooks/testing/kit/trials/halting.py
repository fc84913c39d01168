"""A loop that can stand still meanwhile, as a host's does while it runs a plugin's command."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import functools
import weakref
from typing import TYPE_CHECKING, Any, Final, TypeVar

from aitbc_hooks.testing.loop import DetLoop

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, Iterator

__all__ = ["HaltingLoop"]

_T = TypeVar("_T")

#: Real seconds that a child process which was killed has to end.
_REAPED_WITHIN: Final = 1.0
#: What `asyncio.sleep` and asyncio's time-outs have called.
_ASYNCIOS_OWN: Final = frozenset(
    {"_set_result_unless_cancelled", "_release_waiter", "Timeout._on_timeout"}
)


class HaltingLoop(DetLoop):
    """A `DetLoop` on which a coroutine can have a function called while the loop stands still.

    A host turns its loop only while plugins start and stop: commands run in the main thread with
    no loop running, and may run one of their own. `at_rest` is that in one coroutine.

    Attributes:
        has_spawned: Whether a child process was begun on it.
        callback: Serial number of the callback that runs, while `watched`; even while none does.
    """

    callback: int = 0
    max_steps = 50_000  # a plugin that turns so often turns for ever
    patience = 0.5

    def __init__(self, *args: Any, **options: Any) -> None:
        self.has_spawned = False
        self._children: weakref.WeakSet[Any] = weakref.WeakSet()
        self._halted: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []
        super().__init__(*args, **options)

    async def at_rest(self, function: Callable[[], _T]) -> _T:
        """Stop the loop, call a function, go on, and return what it returned.

        Tasks stand still meanwhile. It works below `run_until_complete` only.
        """
        future: asyncio.Future[_T] = self.create_future()
        self._halted.append((function, future))
        self.stop()
        return await future

    def _run_watched(self, handle: Any) -> None:
        self.callback += 1
        try:
            super()._run_watched(handle)
        finally:
            self.callback += 1

    async def _make_subprocess_transport(self, *args: Any, **options: Any) -> Any:
        self.has_spawned = True
        transport = await super()._make_subprocess_transport(*args, **options)  # type: ignore[misc]
        self._children.add(transport)
        return transport

    def close_transports(self) -> None:
        """Close what is still open: collected later, it would complain that the loop is closed."""
        for transport in [*self._children, *getattr(self, "_transports", {}).values()]:
            with contextlib.suppress(Exception):
                transport.close()
        for transport in self._children:
            with contextlib.suppress(Exception):
                process = transport.get_extra_info("subprocess")
                process.kill()
                process.wait(_REAPED_WITHIN)

    def timers(self) -> list[str]:
        """Return what the timers that are still to ring would call, by name."""
        callbacks = [timer._callback for timer in self._set_timers()]  # type: ignore[attr-defined]  # noqa: SLF001 - nothing public tells
        plain = [getattr(callback, "func", callback) for callback in callbacks]  # of a partial
        names = [getattr(callback, "__qualname__", repr(callback)) for callback in plain]
        return sorted(name for name in names if name not in _ASYNCIOS_OWN)

    def has_timers(self) -> bool:
        """Return whether any timer is still to ring: who sleeps has one too."""
        return any(True for _ in self._set_timers())

    def _set_timers(self) -> Iterator[asyncio.TimerHandle]:
        return (timer for *_, timer in self._timers if not timer.cancelled())

    def run_until_complete(self, future: Generator[Any, None, _T] | Awaitable[_T]) -> _T:
        """Run until a coroutine or future is done; stand still where `at_rest` asks for it."""
        task = asyncio.ensure_future(future, loop=self)  # type: ignore[arg-type]  # as asyncio's
        while True:
            try:
                return super().run_until_complete(task)
            except RuntimeError:  # stopped, and not by its end
                if task.done() or not self._halted:
                    raise
            self.call_halted()

    def run_in_executor(  # type: ignore[override]  # typeshed's has type variables for the arguments
        self, executor: Any, func: Callable[..., Any], *args: Any
    ) -> asyncio.Future[Any]:
        """Call a function in a thread, in the caller's context: whom it speaks to is the caller's.

        asyncio does so in `asyncio.to_thread` only.
        """
        run = functools.partial(contextvars.copy_context().run, func, *args)
        return super().run_in_executor(executor, run)

    def call_halted(self) -> None:
        """Call what waits for the loop to stand still."""
        halted, self._halted = self._halted, []
        for function, future in halted:
            try:
                result = function()
            except Exception as error:  # noqa: BLE001 - the coroutine that waits gets it
                future.set_exception(error)
            else:
                future.set_result(result)
