"""Where an implementation stands among those of its hook.

A hook's list is called from its end. It is sorted by `Rank`: first pluggy's groups, then
priority; equals stay in the order of their registration, the reverse of it for trylast.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import pluggy

    Rank: TypeAlias = tuple[int, ...]

__all__ = ["group", "insert", "is_peculiar", "position"]


def group(impl: pluggy.HookImpl) -> int:
    """Return the place of an implementation's group; wrappers come last in the list."""
    place = 0 if impl.trylast else 2 if impl.tryfirst else 1
    return place + 3 if impl.wrapper or impl.hookwrapper else place


def is_peculiar(impl: pluggy.HookImpl) -> bool:
    """Return whether pluggy places an implementation as trylast and passes it as tryfirst.

    Where it is among others follows from the order of all registrations, not from a rank.
    """
    return bool(impl.tryfirst and impl.trylast)


def insert(
    impls: list[pluggy.HookImpl],
    impl: pluggy.HookImpl,
    rank: Callable[[pluggy.HookImpl], Rank],
) -> None:
    """Insert an implementation that is the latest of its hook.

    Args:
        impls: The hook's implementations, sorted by `rank`.
        impl: The new one.
        rank: Gives the group and priority of an implementation.
    """
    new = rank(impl)
    if impl.trylast:
        impls.insert(bisect_left(impls, new, key=rank), impl)
    elif not impls or rank(impls[-1]) <= new:
        impls.append(impl)
    else:
        impls.insert(bisect_right(impls, new, key=rank), impl)


def position(
    impls: Sequence[pluggy.HookImpl],
    impl: pluggy.HookImpl,
    rank: Callable[[pluggy.HookImpl], Rank],
) -> int:
    """Return where an implementation is.

    Args:
        impls: The hook's implementations; `impl` is one of them.
        impl: What is looked for.
        rank: Tells any two implementations apart. Where the list is not sorted by it, as after
            a registration inside another one, the answer only takes longer.
    """
    for end in (len(impls) - 1, 0):
        if impls[end] is impl:
            return end
    guess = bisect_left(impls, rank(impl), key=rank)
    if guess < len(impls) and impls[guess] is impl:
        return guess
    return impls.index(impl)
