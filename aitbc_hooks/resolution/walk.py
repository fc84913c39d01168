"""Doing something to many plugins in an order, with independent ones at the same time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

__all__ = ["in_order"]


async def in_order(
    names: Iterable[str],
    after: Mapping[str, Collection[str]],
    action: Callable[[str], Awaitable[object]],
) -> None:
    """Await ``action(name)`` for each name, each after those that it has to follow.

    Actions that need not follow one another run concurrently and are begun in the order of
    `names`.

    Args:
        names: In an order in which each comes after those that it has to follow.
        after: Name -> the names whose action has to have ended; a name that is not among
            `names` is not waited for.
        action: Must not raise; if it does, the others are cancelled.
    """
    tasks: dict[str, asyncio.Task[None]] = {}

    async def follow(name: str) -> None:
        first = [tasks[other] for other in after.get(name, ()) if other in tasks]
        if first:
            await asyncio.wait(first)
        await action(name)

    async with asyncio.TaskGroup() as group:
        for name in names:
            tasks[name] = group.create_task(follow(name), name=f"aitbc-hooks:{name}")
