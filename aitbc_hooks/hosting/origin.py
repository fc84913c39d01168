"""Whose code is running: plugins are known by a context variable, and by their modules."""

from __future__ import annotations

import contextlib
import gc
import sys
from contextvars import Context
from types import ModuleType
from typing import TYPE_CHECKING

from aitbc_hooks.events import Errand, Standby, owner_in, running

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["in_method_of", "in_package_of", "outward", "owner_of_task", "running_as"]


@contextlib.contextmanager
def running_as(owner: object) -> Iterator[None]:
    """Mark what runs, and every task that it creates, as `owner`'s; None is the host.

    Tasks inherit it, threads do not. The bus marks event handlers itself.
    """
    token = running.set(Errand(owner))
    try:
        yield
    finally:
        running.reset(token)


def owner_of_task(task: asyncio.Task[object]) -> object:
    """Return in whose name a task was created; None for the host's own."""
    context = _context_of(task)
    return None if context is None else owner_in(context)


def _context_of(task: asyncio.Task[object]) -> Context | None:
    if isinstance(task, Standby):
        return task.context
    if sys.version_info >= (3, 12):
        return task.get_context()
    # Before 3.12 a task does not show its context, but the garbage collector knows it.
    return next((item for item in gc.get_referents(task) if isinstance(item, Context)), None)


def outward(frame: FrameType | None) -> Iterator[FrameType]:
    """Iterate over a frame and the calls that led to it, innermost first."""
    while frame is not None:
        yield frame
        frame = frame.f_back


def in_method_of(plugin: object, frame: FrameType) -> bool:
    """Whether a frame runs a method of this very object, or a function of this very module.

    No frame does for None, a plugin that is still being made.
    """
    if plugin is None:
        return False
    if isinstance(plugin, ModuleType):
        return frame.f_globals is vars(plugin)
    code = frame.f_code
    return code.co_argcount > 0 and frame.f_locals.get(code.co_varnames[0]) is plugin


def in_package_of(plugin: object, frame: FrameType) -> bool:
    """Whether a frame runs code of the package that the plugin's own code lives in."""
    if plugin is None:
        return False
    module = frame.f_globals.get("__name__")
    package = _package(plugin)
    return isinstance(module, str) and f"{module}.".startswith(f"{package}.")


def _package(plugin: object) -> str:
    """Return the package that a plugin's code lives in, or its module if that is no package."""
    name = plugin.__name__ if isinstance(plugin, ModuleType) else type(plugin).__module__
    module = sys.modules.get(name)
    return getattr(module, "__package__", None) or name
