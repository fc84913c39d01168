"""Phrase memory: which runs of words were translated by which, read off aligned sentences.

A pair of runs is *consistent* when no link leads from inside one to outside the other (Och and
Ney 2004). Reordering that happens inside a run, as of a noun and its adjective, is remembered
with it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .text import join, key

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .alignment import Links
    from .text import Token

__all__ = ["MAX_PHRASE", "phrase_pairs"]

#: The longest run of tokens that is remembered, on either side.
MAX_PHRASE: Final = 6


def phrase_pairs(
    source: Sequence[Token], target: Sequence[Token], links: Links
) -> Iterator[tuple[str, str]]:
    """Yield every consistent pair as (key of the source run, text of the target run)."""
    for start in range(len(source)):
        for end in range(start + 1, min(start + MAX_PHRASE, len(source)) + 1):
            if not (source[start].is_word and source[end - 1].is_word):
                continue  # numbers and punctuation marks at its ends are copied without its help
            span = _translation_of(start, end, links)
            if span is not None:
                yield key(source[start:end]), join(target[span[0] : span[1]])


def _translation_of(start: int, end: int, links: Links) -> tuple[int, int] | None:
    linked = [j for i, j in links if start <= i < end]
    if not linked:
        return None
    first, last = min(linked), max(linked)
    crossed = any(first <= j <= last and not start <= i < end for i, j in links)
    return None if crossed or last - first >= MAX_PHRASE else (first, last + 1)
