"""What a plugin's function returns may be awaitable or not; whoever calls it need not care."""

from __future__ import annotations

import inspect
from typing import Any

__all__ = ["awaited"]


async def awaited(result: Any) -> Any:
    """Return `result`, awaited first if it is awaitable."""
    return await result if inspect.isawaitable(result) else result
