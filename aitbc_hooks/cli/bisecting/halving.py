"""Delta debugging, after Zeller and Hildebrandt (2002): the smallest set that still breaks.

Sets are closed here: with a plugin comes what it needs, as the host would have it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = ["closed", "smallest_breaking"]


def closed(names: Iterable[str], needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return names with all that they need, directly or not."""
    found = set(names)
    waiting = list(found)
    while waiting:
        new = needs.get(waiting.pop(), frozenset()) - found
        found |= new
        waiting += new
    return frozenset(found)


def smallest_breaking(
    names: Sequence[str],
    breaks: Callable[[frozenset[str]], bool],
    needs: Mapping[str, frozenset[str]] | None = None,
) -> frozenset[str]:
    """Return a closed set that breaks and of which no smaller closed part does.

    That holds for every `breaks` that stays true when more is added. Where it does not, no part
    breaks that lacks but one plugin, and what needs it.

    Args:
        names: All plugins; together they break.
        breaks: Whether a closed set does. Asked once for each set, never for none or all.
        needs: Name -> what it needs, among `names`.
    """
    needs = needs or {}
    known: dict[frozenset[str], bool] = {frozenset(): False, frozenset(names): True}

    def asked(part: Iterable[str]) -> bool:
        whole = closed(part, needs)
        if whole not in known:
            known[whole] = breaks(whole)
        return known[whole]

    return _without_more(closed(_halved(list(names), asked), needs), asked, needs)


def _halved(names: list[str], asked: Callable[[Iterable[str]], bool]) -> list[str]:
    """Take away halves, then smaller parts, for as long as the rest breaks."""
    parts = 2
    while len(names) > 1:
        pieces = _pieces(names, parts)
        smaller = next((piece for piece in pieces if asked(piece)), None)
        if smaller is not None:
            names, parts = smaller, 2
            continue
        rests = ([n for n in names if n not in piece] for piece in pieces)
        smaller = next((rest for rest in rests if parts > 2 and asked(rest)), None)  # noqa: PLR2004 - of two, each is the other's rest
        if smaller is not None:
            names, parts = smaller, max(parts - 1, 2)
        elif parts < len(names):
            parts = min(2 * parts, len(names))
        else:
            break
    return names


def _pieces(names: list[str], count: int) -> list[list[str]]:
    bounds = [len(names) * number // count for number in range(count + 1)]
    return [names[low:high] for low, high in itertools.pairwise(bounds)]


def _without_more(
    whole: frozenset[str],
    asked: Callable[[Iterable[str]], bool],
    needs: Mapping[str, frozenset[str]],
) -> frozenset[str]:
    """Take away single plugins with what needs them, until no further one can go.

    Halving judges plugins by what they bring along: what breaks may be but a part of that.
    """
    smaller: frozenset[str] | None = whole
    while smaller is not None:
        whole = smaller
        smaller = next((rest for rest in _lacking_one(whole, needs) if asked(rest)), None)
    return whole


def _lacking_one(
    whole: frozenset[str], needs: Mapping[str, frozenset[str]]
) -> Iterator[frozenset[str]]:
    for name in sorted(whole):
        yield frozenset(other for other in whole if name not in closed([other], needs))
