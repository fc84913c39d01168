"""Noticing that something blocks the event loop, where, and whose code it is."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
import traceback
from typing import TYPE_CHECKING, Any, Final, Self

import attrs

from aitbc_hooks.hosting.origin import in_method_of, in_package_of, outward, owner_of_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from types import FrameType

    from aitbc_hooks.hosting.plugin import HostedPlugin

__all__ = ["STALL", "Stall", "StallWatch", "find_culprit"]

#: Seconds without a sign of life from the loop that count as blocked: short enough for a block of
#: one second never to fall between two looks.
STALL: Final = 0.75


@attrs.frozen(eq=False)
class Stall:
    """One time that a loop was blocked.

    Attributes:
        frame: The innermost Python frame of the loop's thread.
        task: The task that was running; None in a callback.
        stack: The calls that led to `frame`, outermost first, as they stood then.
    """

    frame: FrameType
    task: asyncio.Task[Any] | None
    stack: traceback.StackSummary

    def since(self, is_own: Callable[[FrameType], bool]) -> traceback.StackSummary:
        """Return the part of the stack that begins with the first call that `is_own`.

        What led to the loop's own turn is left out: it runs no plugin.
        """
        frames = list(self._turn())
        depths = [depth for depth, frame in enumerate(frames, 1) if is_own(frame)] or [len(frames)]
        return traceback.StackSummary.from_list(self.stack[-depths[-1] :])

    def _turn(self) -> Iterator[FrameType]:
        for frame in outward(self.frame):
            if frame.f_code is asyncio.Handle._run.__code__:  # noqa: SLF001 - the boundary
                return
            yield frame


class StallWatch:
    """A thread that watches whether an event loop turns.

    A context manager, entered and left in the loop's own thread. Each stall is told once, while
    it lasts, in the watching thread.

    Args:
        on_stall: Called with each stall.
        threshold: Seconds without a turn that count as blocked.
    """

    def __init__(self, on_stall: Callable[[Stall], None], *, threshold: float = STALL) -> None:
        self._on_stall = on_stall
        self._threshold = threshold
        self._over = threading.Event()
        self._beat = time.monotonic()
        self._told = True

    def __enter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        self._ident = threading.get_ident()
        self._pulse()
        self._thread = threading.Thread(target=self._watch, name="aitbc-hooks-stalls", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._timer.cancel()
        self._thread.join()

    def _pulse(self) -> None:
        self._beat = time.monotonic()
        self._told = False
        self._timer = self._loop.call_later(self._threshold / 8, self._pulse)

    def _watch(self) -> None:
        while not self._over.wait(self._threshold / 8):
            if self._told or time.monotonic() - self._beat < self._threshold:
                continue
            if not self._loop.is_running():
                return  # nobody left the context: the loop has ended all the same
            self._told = True
            frame = sys._current_frames().get(self._ident)  # noqa: SLF001 - documented for this
            if frame is not None:
                task = asyncio.current_task(self._loop)
                self._on_stall(Stall(frame, task, traceback.extract_stack(frame)))


def find_culprit(plugins: Iterable[HostedPlugin], stall: Stall) -> HostedPlugin | None:
    """Return the plugin whose code blocks the loop; None if it is nobody's, or not known whose.

    The surest evidence comes first: the innermost call of a plugin's own method; the plugin in
    whose name the task runs; code of a package that belongs to one plugin alone.
    """
    instances = {hosted: hosted.plugin for hosted in plugins if hosted.owner is not None}
    for frame in outward(stall.frame):
        for hosted, plugin in instances.items():
            if in_method_of(plugin, frame):
                return hosted
    owner = owner_of_task(stall.task) if stall.task else None
    for hosted in instances:
        if hosted.owner is owner:
            return hosted
    for frame in outward(stall.frame):
        suspects = [hosted for hosted, plugin in instances.items() if in_package_of(plugin, frame)]
        if suspects:
            return suspects[0] if len(suspects) == 1 else None
    return None
