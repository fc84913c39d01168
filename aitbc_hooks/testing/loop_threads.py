"""Whether another thread is at work, as its stack shows it.

The private names that are used here are pinned by ``tests/testing/test_testing_loop_asyncio.py``.
"""

from __future__ import annotations

import sys
import threading
from concurrent.futures import thread as pool
from math import inf
from typing import TYPE_CHECKING, Any, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import CodeType, FrameType

__all__ = ["AtWork", "Kind", "thread_at_work"]

_pool: Final[Any] = pool
_WAIT: Final = threading.Condition.wait.__code__
_WORKER: Final = _pool._worker.__code__  # noqa: SLF001 - see above

#: Since then a job goes to a waiting worker directly: it is never seen in the queue.
_HANDS_OVER: Final = sys.version_info >= (3, 13)

#: asyncio's own threads: one waits for a child process, one for an executor to end.
_ASYNCIO: Final = frozenset({"_do_waitpid", "_do_shutdown"})


@attrs.frozen
class Kind:
    """What threads of the same code have in common.

    Attributes:
        code: What they were started to run.
        naps: Whether they wait for another thread just now, though not for ever.
    """

    code: CodeType
    naps: bool


@attrs.frozen
class AtWork:
    """What a thread does that may wake a loop.

    Attributes:
        key: Its kind; the thread itself where its code says too little.
        sure: Whether it will end: a job of an executor, or the wait for a child process.
        children: The numbers of the processes that do it.
    """

    key: Kind | threading.Thread
    sure: bool = False
    children: tuple[int, ...] = ()


def thread_at_work(thread: threading.Thread, frames: Mapping[int, FrameType]) -> AtWork | None:
    """Return what a thread does; None if it waits until another thread wakes it.

    Args:
        thread: The thread.
        frames: The innermost frame of each thread that has begun, by the thread's number.
    """
    manager: Any = thread
    if hasattr(thread, "pending_work_items"):  # of a process pool
        children = tuple(manager.processes or ())
        return AtWork(thread, sure=True, children=children) if manager.pending_work_items else None
    frame = frames.get(thread.ident or 0)
    if frame is None:
        return AtWork(thread)
    rest = _rest(frame, frames)
    if rest == inf:
        return None
    code = _outermost(frame)
    if code is None or code.co_name in _ASYNCIO or code is _WORKER:
        waits_for = frame.f_locals.get("expected_pid") if frame.f_code is code else None
        children = () if waits_for is None else (waits_for,)
        return AtWork(thread, sure=code is not None, children=children)
    return AtWork(Kind(code, naps=rest > 0))


def _rest(frame: FrameType, frames: Mapping[int, FrameType]) -> float:
    """Return for how many seconds the thread asked to wait for another one; infinity: for ever."""
    if frame.f_code is _WORKER:
        return inf if _is_idle(frame, frames) else 0.0
    local: Any = frame.f_locals if frame.f_code is _WAIT else {}
    # Who wakes it takes it off the list, however long it is until the thread notices.
    if local and local.get("waiter") in local["self"]._waiters:  # noqa: SLF001 - see above
        return inf if local["timeout"] is None else float(local["timeout"])
    return 0.0


def _is_idle(frame: FrameType, frames: Mapping[int, FrameType]) -> bool:
    """Tell whether a worker of a thread pool waits for a job."""
    local: Any = frame.f_locals
    executor: Any = local["executor_reference"]()
    if local.get("work_item") is not None or not local["work_queue"].empty():
        return False
    if executor is None or not _HANDS_OVER:
        return True
    waiting = [frames.get(worker.ident) for worker in list(executor._threads)]  # noqa: SLF001 - see above
    count = sum(each is not None and each.f_code is _WORKER for each in waiting)
    return bool(count <= executor._idle_semaphore._value)  # noqa: SLF001 - see above


def _outermost(frame: FrameType) -> CodeType | None:
    """Return the code that the thread was started to run."""
    own = [code for code in _codes(frame) if code.co_filename != threading.__file__]
    return own[-1] if own else None


def _codes(frame: FrameType | None) -> Iterator[CodeType]:
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back
