"""`DetLoop`: an asyncio event loop on which a test runs the same way each time, in no time."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVarTuple

from aitbc_hooks.testing.loop_base import BaseLoop
from aitbc_hooks.testing.loop_outside import Outside
from aitbc_hooks.testing.loop_schedules import Schedule
from aitbc_hooks.testing.loop_tasks import number_of, task_of
from aitbc_hooks.testing.loop_verdicts import Deadlock, Livelock, Waiting

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from contextvars import Context

__all__ = ["Deadlock", "DetLoop", "Livelock", "Schedule", "Waiting"]

_Ts = TypeVarTuple("_Ts")

#: How often in a row a ready step may be overtaken: no schedule starves a task for ever.
_OVERTAKEN: Final = 64

#: How many of the last steps `Livelock` counts.
_RECENT: Final = 100

_logger: Final = logging.getLogger("asyncio")


class DetLoop(BaseLoop):
    """A deterministic event loop with a virtual clock.

    `time` starts at 0.0 and jumps to the next timer whenever nothing is ready. Where several
    steps of tasks are ready, `choose` says which one runs before those that became ready earlier;
    all other callbacks keep their order, and no step overtakes them.
    A program that can never go on raises `Deadlock`, one that never ends raises `Livelock`;
    after either, and after an error of `choose`, the loop goes on first come, first served, so
    that its tasks can be cancelled and drained. Threads, child processes and sockets are waited
    for in real time (see `patience`).

    Example:
        ``asyncio.Runner(loop_factory=DetLoop)``, or ``loop_factory = DetLoop`` in a
        `PluginTestCase`.

    Args:
        choose: Is called with the number of ready steps, two or more, in the order in which they
            became ready, and returns the index of the one to run. A `Schedule` replays what
            `schedule` recorded. None: first come, first served, and nothing is recorded.

    Attributes:
        choices: The number of ready steps and the chosen index, for each choice so far.
        max_steps: How many callbacks a run may take before it is a `Livelock`.
        watched: Whether every callback goes through `_run_watched`, which a subclass may extend.
        patience: For how many real seconds the clock, and a `Deadlock`, wait for a thread, a
            child process or a descriptor that keeps silent. They never wait for longer than the
            time to the next timer: a test takes no longer than on asyncio's own loop.
        quiet: The code of threads that have kept silent for that long. A loop that is given the
            set of another hardly waits for such threads.
    """

    max_steps: int = 200_000
    watched: bool = False
    patience: float = 1.0

    if TYPE_CHECKING:
        _current_handle: asyncio.Handle | None
        _debug: bool
        _stopping: bool

    def __init__(self, choose: Callable[[int], int] | Schedule | None = None) -> None:
        self.choices: list[tuple[int, int]] = []
        self._choose = choose.chooser() if isinstance(choose, Schedule) else choose
        self._steps = 0
        self._overtaken = 0
        self._decided: asyncio.Handle | None = None  # the step that was chosen last
        self._are_steps: list[bool] = []  # of the callbacks in the queue, as far as looked at
        self._recent: deque[str] = deque(maxlen=_RECENT)
        super().__init__()
        self._outside = Outside(self)
        self.quiet: set[Hashable] = set()

    @property
    def choose(self) -> Callable[[int], int] | None:
        """What is asked for each choice; None from when it has raised, and after a verdict.

        A test may set it, such as to None before it cleans up.
        """
        return self._choose

    @choose.setter
    def choose(self, choose: Callable[[int], int] | None) -> None:
        self._choose = choose
        self._are_steps.clear()

    def schedule(self) -> Schedule:
        """Return the choices so far: a value to print, and to replay with ``DetLoop(schedule)``."""
        return Schedule.of(self.choices)

    def advance(self, seconds: float) -> None:
        """Move the clock on, as if the callback that runs had taken that long.

        Raises:
            ValueError: `seconds` is negative, infinite or not a number.
        """
        if not 0 <= seconds < inf:
            raise ValueError(f"The clock cannot be moved by {seconds} seconds.")
        self._now += seconds

    def call_soon_threadsafe(
        self, callback: Callable[[*_Ts], object], *args: *_Ts, context: Context | None = None
    ) -> asyncio.Handle:
        """Call `callback` soon; any thread may ask for it."""
        self._outside.heard(threading.get_ident())
        return super().call_soon_threadsafe(callback, *args, context=context)

    def run_forever(self) -> None:
        """Run until `stop` is called."""
        self._steps = 0
        super().run_forever()

    def _run_once(self) -> None:
        ready = self._ready
        if not ready and not self._stopping:
            self._idle()
        else:
            self._keep_up()
        if self._timers:
            self._ring()
        count = len(ready)
        self._steps += count
        plain = not self.watched and not self._debug and self._steps < self.max_steps - _RECENT
        for _ in range(count):
            handle: Any = ready.popleft() if self._choose is None else self._chosen()
            if handle._cancelled:  # noqa: SLF001 - a call of cancelled() costs as much as the rest
                continue
            if plain:
                handle._run()  # noqa: SLF001 - as asyncio's own loop
            else:
                self._run_watched(handle)
        if self._steps > self.max_steps:
            self._choose = None
            recent = list(self._recent)
            self._recent.clear()
            raise Livelock(self._now, self._steps, recent, self._waiting())

    def _keep_up(self) -> None:
        """Take what has come from outside, and do not let it stop the clock."""
        if not self.is_polled():
            return
        self.poll(0)
        when = self._next_timer()
        if when < inf and self._outside.is_overdue(when - self._now):
            self._now = max(self._now, when)

    def _chosen(self) -> asyncio.Handle:
        """Take the next callback out of the queue."""
        ready, steps, choose = self._ready, self._are_steps, self._choose
        # In a copy: other threads append.
        steps += [task_of(handle) is not None for handle in list(ready)[len(steps) :]]
        if steps[0] and ready[0] is not self._decided:
            index = 0
            if choose and self._overtaken < _OVERTAKEN and (count := sum(steps)) > 1:
                index = self._choice(choose, count)
            self._overtaken = self._overtaken + 1 if index else 0
            if index:
                self._postpone(index)
        del steps[0]
        return ready.popleft()

    def _postpone(self, count: int) -> None:
        """Put the first steps behind the next one, and no callback behind any step.

        asyncio promises nothing of the order between tasks, but its own transports count on it
        that a task goes on after what was called before.
        """
        ready, steps = self._ready, self._are_steps
        late: list[asyncio.Handle] = []
        early: list[asyncio.Handle] = []
        while len(late) < count or not steps[len(late) + len(early)]:
            is_step = steps[len(late) + len(early)]
            (late if is_step else early).append(ready.popleft())
        self._decided = ready.popleft()
        front = [*early, self._decided, *late]
        ready.extendleft(reversed(front))
        steps[: len(front)] = [*[False] * len(early), True, *[True] * len(late)]

    def _choice(self, choose: Callable[[int], int], ready: int) -> int:
        self._choose = None  # stays so, if it raises
        index = choose(ready)
        if not 0 <= index < ready:
            raise IndexError(f"choose({ready}) returned {index}, which is not the index of a step.")
        self._choose = choose
        self.choices.append((ready, index))
        return index

    def _run_watched(self, handle: Any) -> None:
        """Run a callback in debug mode, or near the end of `max_steps`."""
        task = task_of(handle)
        if task is not None:
            self._recent.append(task.get_name())
        if not self._debug:
            handle._run()  # noqa: SLF001 - as asyncio's own loop
            return
        began = monotonic() + self._now
        self._current_handle = handle
        try:
            handle._run()  # noqa: SLF001 - as asyncio's own loop
        finally:
            self._current_handle = None
        took = monotonic() + self._now - began
        if took >= self.slow_callback_duration:
            _logger.warning("Executing %s took %.3f seconds", task or handle, took)

    def _idle(self) -> None:
        """Wait for what is outside, or else jump to the next timer."""
        when = self._next_timer()
        if self._outside.wait(when - self._now):
            return
        if when == inf:
            self._choose = None
            raise Deadlock(self._now, self._waiting())
        self._now = max(self._now, when)

    def _waiting(self) -> list[Waiting]:
        return [Waiting.of(task) for task in sorted(asyncio.all_tasks(self), key=number_of)]
