"""Whose code is running: plugins are known by a context variable, and by their modules."""

from __future__ import annotations

import contextlib
import gc
import sys
from contextvars import Context, ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from types import FrameType

__all__ = ["is_of", "owner_of_task", "running_as"]

# The plugin in whose name the current code runs; tasks inherit it, threads do not.
_owner: ContextVar[object] = ContextVar("aitbc_hooks_hosting_owner", default=None)


@contextlib.contextmanager
def running_as(owner: object) -> Iterator[None]:
    """Mark what runs, and every task that it creates, as `owner`'s."""
    token = _owner.set(owner)
    try:
        yield
    finally:
        _owner.reset(token)


def owner_of_task(task: asyncio.Task[object]) -> object:
    """Return in whose name a task was created; None for the host's own."""
    context = _context_of(task)
    return None if context is None else context.get(_owner)


def _context_of(task: asyncio.Task[object]) -> Context | None:
    if sys.version_info >= (3, 12):
        return task.get_context()
    # Before 3.12 a task does not show its context, but the garbage collector knows it.
    return next((item for item in gc.get_referents(task) if isinstance(item, Context)), None)


def is_of(plugin: object, frame: FrameType | None) -> bool:
    """Whether a plugin's code is among the calls that led to `frame`."""
    package = _package(plugin)
    while frame is not None:
        if frame.f_locals.get("self") is plugin:
            return True
        if _within(frame.f_globals.get("__name__"), package):
            return True
        frame = frame.f_back
    return False


def _package(plugin: object) -> str:
    """Return the package that a plugin's code lives in, or its module if that is no package."""
    module = getattr(plugin, "__name__", None) or type(plugin).__module__
    return sys.modules[module].__package__ or module if module in sys.modules else module


def _within(module: object, package: str) -> bool:
    return isinstance(module, str) and (module == package or module.startswith(f"{package}."))
