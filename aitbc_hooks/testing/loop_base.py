"""What `DetLoop` stands on: a selector loop that is cheap to make, with a virtual clock.

It uses private names of asyncio's selector loop. ``tests/testing/test_testing_loop_asyncio.py``
pins them on each Python.
"""

from __future__ import annotations

import asyncio
import selectors
from heapq import heapify, heappop, heappush
from math import inf
from typing import TYPE_CHECKING, Any, Final, TypeVar, TypeVarTuple, cast

from aitbc_hooks.testing.loop_tasks import Future, Generators, Task, keep_order, release_order

if TYPE_CHECKING:
    import socket
    from collections import deque
    from collections.abc import Callable, Coroutine, Generator
    from contextvars import Context

__all__ = ["BaseLoop"]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")

#: From this number of cancelled timers on they are removed where they are the majority.
_CANCELLED: Final = 100

_EAGER: Final = getattr(asyncio, "eager_task_factory", None)  # since Python 3.12


class BaseLoop(asyncio.SelectorEventLoop):
    """A selector loop with a virtual clock, on which sets of tasks have the same order each time.

    Its selector and its pipe are made when something uses them: they cost more than the rest.
    """

    if TYPE_CHECKING:
        _closed: bool
        _csock: socket.socket | None
        _ready: deque[asyncio.Handle]
        _scheduled: list[asyncio.TimerHandle]
        _signal_handlers: dict[int, asyncio.Handle]
        _ssock: socket.socket | None
        _task_factory: Any
        _timer_cancelled_count: int

        def _check_closed(self) -> None: ...
        def _process_events(self, events: object) -> None: ...

    def __init__(self) -> None:
        self._now = 0.0
        self._numbers = 0
        self._names = 0
        self._timer_numbers = 0
        self._timers: list[tuple[float, int, asyncio.TimerHandle]] = []
        self._made_selector: selectors.BaseSelector | None = None
        self._ssock = self._csock = None
        super().__init__(_unmade)
        self._asyncgens = Generators()
        keep_order(self)

    def close(self) -> None:
        """Close the loop, which must not be running."""
        super().close()
        self._timers.clear()
        release_order(self)

    # Tasks and futures

    def next_number(self) -> int:
        """Return the next number of this loop's tasks and futures."""
        self._numbers += 1
        return self._numbers

    def create_future(self) -> asyncio.Future[Any]:
        """Return a future of this loop."""
        return Future(loop=self)

    def create_task(
        self,
        coro: Generator[Any, None, _T] | Coroutine[Any, Any, _T],
        *,
        name: object = None,
        context: Context | None = None,
        **options: Any,
    ) -> asyncio.Task[_T]:
        """Return a task of this loop; one without a name is named by its number on this loop."""
        factory = self._task_factory
        if factory is not None and factory is not _EAGER:
            return super().create_task(coro, name=name, context=context, **options)
        self._check_closed()
        if name is None:
            self._names += 1
            name = f"Task-{self._names}"
        if factory is not None:
            options.setdefault("eager_start", True)
        named = cast("str | None", name)
        task: Any = Task(coro, loop=self, name=named, context=context, **options)
        if task._source_traceback:  # noqa: SLF001 - debug mode: it ends where the author called
            del task._source_traceback[-1]  # noqa: SLF001
        return task  # type: ignore[no-any-return]

    # The clock

    def time(self) -> float:
        """Return the virtual time: seconds since the loop was made."""
        return self._now

    def call_at(
        self,
        when: float,
        callback: Callable[[*_Ts], object],
        *args: *_Ts,
        context: Context | None = None,
    ) -> asyncio.TimerHandle:
        """Call `callback` at a time; callbacks of the same time keep the order of these calls."""
        timer: Any = super().call_at(when, callback, *args, context=context)
        if timer._source_traceback:  # noqa: SLF001 - debug mode: it ends where the author called
            del timer._source_traceback[-1]  # noqa: SLF001
        # On a clock that stands still many are due at once: asyncio's heap does not keep order.
        self._scheduled.clear()
        self._timer_numbers += 1
        heappush(self._timers, (when, self._timer_numbers, timer))
        return timer  # type: ignore[no-any-return]

    def _timer_handle_cancelled(self, handle: asyncio.TimerHandle) -> None:
        super()._timer_handle_cancelled(handle)  # type: ignore[misc]
        if self._timer_cancelled_count > max(_CANCELLED, len(self._timers) // 2):
            self._timers = [entry for entry in self._timers if not entry[2].cancelled()]
            heapify(self._timers)
            self._timer_cancelled_count = 0

    def _next_timer(self) -> float:
        """Return when the next timer is due; infinity if none ever is."""
        timers = self._timers
        while timers and timers[0][2].cancelled():
            self._timer_cancelled_count -= 1
            heappop(timers)
        return timers[0][0] if timers and timers[0][0] < inf else inf

    def _ring(self) -> None:
        """Make the timers ready that are due."""
        timers = self._timers
        while timers and timers[0][0] <= self._now:
            timer: Any = heappop(timers)[2]
            timer._scheduled = False  # noqa: SLF001 - as asyncio's own loop
            self._ready.append(timer)

    # The selector

    @property
    def _selector(self) -> selectors.BaseSelector | None:
        return self._made_selector if self._closed else self._open()

    @_selector.setter
    def _selector(self, selector: selectors.BaseSelector | None) -> None:
        self._made_selector = None if selector is _unmade else selector

    def _open(self) -> selectors.BaseSelector:
        """Return the selector; make it, and the pipe by which other threads wake it."""
        if self._made_selector is None:
            self._made_selector = selectors.DefaultSelector()
            super()._make_self_pipe()  # type: ignore[misc]
        return self._made_selector

    def _make_self_pipe(self) -> None:
        """Leave it to `_open`."""

    def _close_self_pipe(self) -> None:
        if self._ssock is not None:
            super()._close_self_pipe()  # type: ignore[misc]

    def add_signal_handler(self, sig: int, callback: Callable[[*_Ts], object], *args: *_Ts) -> None:
        """Call `callback` when a signal comes."""
        self._open()
        super().add_signal_handler(sig, callback, *args)

    async def shutdown_default_executor(
        self,
        timeout: float | None = None,  # noqa: ASYNC109 - asyncio's own signature
    ) -> None:
        """Wait until the default executor's threads have ended.

        Args:
            timeout: Not used: it would be real seconds, which the clock knows nothing about.
        """
        del timeout
        await super().shutdown_default_executor()

    def is_ready(self) -> bool:
        """Return whether a callback is ready to run."""
        return bool(self._ready)

    def own_descriptors(self) -> frozenset[int]:
        """Return the file descriptors that the loop itself has opened so far."""
        if self._made_selector is None or self._ssock is None or self._csock is None:
            return frozenset()
        own: Any = self._made_selector
        return frozenset({own.fileno(), self._ssock.fileno(), self._csock.fileno()})

    def is_polled(self) -> bool:
        """Return whether there is more to poll than the loop's own pipe."""
        selector = self._made_selector
        return selector is not None and (len(selector.get_map()) > 1 or bool(self._signal_handlers))

    def registered(self) -> list[selectors.SelectorKey]:
        """Return what is registered with the selector, without the loop's own pipe."""
        if self._made_selector is None or self._ssock is None:
            return []
        own = self._ssock.fileno()
        return [key for key in self._made_selector.get_map().values() if key.fd != own]

    def poll(self, timeout: float) -> list[int]:
        """Take what comes from outside within `timeout` real seconds.

        Returns:
            The descriptors by which something came.
        """
        selector = self._open()
        # Looked at after the pipe is there: who called before that has woken nobody.
        events = selector.select(0 if self._ready else timeout)
        self._process_events(events)
        return [key.fd for key, _ in events]


class _Unmade:
    """Stands for a selector until there is one."""


_unmade: Any = _Unmade()
