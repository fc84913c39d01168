"""Tasks that have the same order in a set each time, and how they are told from other callbacks.

asyncio keeps tasks in sets: `TaskGroup`, `wait` and `all_tasks` go through them. What is hashed by
its address, as tasks are, has another order in a set each time.
"""

from __future__ import annotations

import asyncio
import threading
import weakref
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["Future", "Generators", "Task", "keep_order", "number_of", "release_order", "task_of"]

_T = TypeVar("_T")

#: By these names a step of a task is told from its other methods, such as `cancel`.
_STEPS: Final = frozenset({None, "task_wakeup", "__step", "__wakeup"})

#: Where asyncio keeps the tasks of all loops; by the first name in Python 3.11.
_TASKS: Final[Any] = vars(asyncio.tasks)[
    "_all_tasks" if "_all_tasks" in vars(asyncio.tasks) else "_scheduled_tasks"
]

_lock: Final = threading.Lock()
_keepers: Final[set[int]] = set()


class Future(asyncio.Future[_T]):
    """A future that is hashed by a number of its loop, not by its address."""

    __slots__ = ("_number",)

    if TYPE_CHECKING:
        _number: int

    def __hash__(self) -> int:
        try:
            return self._number
        except AttributeError:
            return _numbered(self)


class Task(asyncio.Task[_T]):
    """A task that is hashed by a number of its loop, not by its address."""

    __slots__ = ("_number",)

    if TYPE_CHECKING:
        _number: int

    # asyncio hashes a task before the constructor returns, so it cannot be numbered there.
    def __hash__(self) -> int:
        try:
            return self._number
        except AttributeError:
            return _numbered(self)


def _numbered(future: Any) -> int:
    future._number = future.get_loop().next_number()  # noqa: SLF001 - of the classes above
    return future._number  # type: ignore[no-any-return]  # noqa: SLF001


def task_of(handle: asyncio.Handle) -> asyncio.Task[Any] | None:
    """Return the task that this callback is a step of."""
    callback = handle._callback  # type: ignore[attr-defined]  # noqa: SLF001 - pinned
    owner = getattr(callback, "__self__", None)
    if isinstance(owner, asyncio.Task) and getattr(callback, "__name__", None) in _STEPS:
        return owner
    return None


def number_of(future: Any) -> int:
    """Return the number of a future of ours; 0 for any other."""
    return getattr(future, "_number", 0)


def keep_order(loop: object) -> None:
    """Let `asyncio.all_tasks` give the tasks of `loop` in the same order each time.

    It copies asyncio's set of all tasks, whose order depends on every loop that this process has
    had, into a set of its own; where two tasks collide in that, the first one copied comes first.
    """
    with _lock:
        _keepers.add(id(loop))
        _TASKS.__class__ = _InOrder


def release_order(loop: object) -> None:
    """Leave asyncio as it was, unless another loop still needs the order."""
    with _lock:
        _keepers.discard(id(loop))
        if not _keepers:
            _TASKS.__class__ = weakref.WeakSet


class _InOrder(weakref.WeakSet[Any]):
    def __iter__(self) -> Iterator[Any]:
        return iter(sorted(super().__iter__(), key=number_of))


class Generators:
    """The asynchronous generators of a loop, in the order in which they began."""

    def __init__(self) -> None:
        self._began: weakref.WeakKeyDictionary[Any, None] = weakref.WeakKeyDictionary()

    def add(self, generator: Any) -> None:
        """Keep one that has begun."""
        self._began[generator] = None

    def discard(self, generator: Any) -> None:
        """Forget one."""
        self._began.pop(generator, None)

    def clear(self) -> None:
        """Forget all."""
        self._began.clear()

    def __len__(self) -> int:
        return len(self._began)

    def __iter__(self) -> Iterator[Any]:
        return iter(list(self._began))
