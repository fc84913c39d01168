"""Names that come close to what was typed."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "is_slip"]

#: One letter wrong among four, or two swapped.
_SLIP: Final = 0.75


def did_you_mean(typed: str, names: Iterable[str]) -> str:
    """Return `` Did you mean '…'?`` for the nearest of `names`, or nothing."""
    names = list(names)
    key = typed.casefold()
    close = difflib.get_close_matches(key, names, n=1) or [
        name for name in names if key and name.casefold().startswith(key)
    ]
    return f" Did you mean {close[0]!r}?" if close else ""


def is_slip(typed: str, names: Iterable[str]) -> bool:
    """Whether `typed` looks like one of `names` with a slip of the finger."""
    return bool(difflib.get_close_matches(typed.casefold(), list(names), n=1, cutoff=_SLIP))
