"""The decoder: text into its translation by a model, and how far to trust it.

A text that was taught as a whole is answered from memory. Else each sentence is cut into known
phrases, from left to right in the order of the source: as few pieces as possible, then the
likeliest. Reordering therefore happens within remembered phrases only.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import attrs

from .phrases import MAX_PHRASE
from .text import capitalise, key, normalise, sentences, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from .model import TranslationModel
    from .text import Token

__all__ = ["Translation", "translate"]


@attrs.frozen
class Translation:
    """A translated text.

    Attributes:
        text: The translation; unknown words stand in it as they were written.
        words: How many words the source has; numbers and punctuation marks are none.
        unknown: Every occurrence of a word that the model does not know.
        belief: Sum over the words of the probability of the piece that translated them.
    """

    text: str
    words: int = 0
    unknown: tuple[str, ...] = ()
    belief: float = 0.0

    @property
    def coverage(self) -> float:
        """Fraction of known words; 1 for a text without words."""
        return (self.words - len(self.unknown)) / self.words if self.words else 1.0

    @property
    def confidence(self) -> float:
        """Mean probability over all words, unknown ones counting as 0; never above `coverage`."""
        return self.belief / self.words if self.words else 1.0


@attrs.frozen
class _Piece:
    """Tokens ``start`` to ``end`` and their translation; None copies them."""

    start: int
    end: int
    target: str | None
    probability: float
    unknown: bool = False

    @property
    def cost(self) -> tuple[int, float]:
        return (1, -math.log(self.probability))


def translate(model: TranslationModel, text: str) -> Translation:
    """Translate `text`; white space between and around sentences is kept."""
    text = normalise(text)
    whole = _recall(model, text)
    if whole is not None:
        return whole
    parts = [_recall(model, part) or _compose(model, part) for part in sentences(text)]
    return Translation(
        text="".join(part.text for part in parts),
        words=sum(part.words for part in parts),
        unknown=tuple(word for part in parts for word in part.unknown),
        belief=sum(part.belief for part in parts),
    )


def _recall(model: TranslationModel, text: str) -> Translation | None:
    tokens = tokenise(text)
    found = model.memory.get(key(tokens))
    if found is None:
        return None
    core = text.strip()
    before, _, after = text.partition(core)
    words = sum(token.is_word for token in tokens)
    return Translation(
        before + found.target.strip() + after, words=words, belief=words * found.probability
    )


def _compose(model: TranslationModel, text: str) -> Translation:
    tokens = tokenise(text)
    written = ""
    words, belief = 0, 0.0
    unknown: list[str] = []
    for piece in _cheapest(model, tokens):
        run = tokens[piece.start : piece.end]
        target = run[0].text if piece.target is None else piece.target
        if target:
            # What follows a word without counterpart moves up to the beginning of the sentence.
            written += (run[0].gap if written else tokens[0].gap) + target
        count = sum(token.is_word for token in run)
        words += count
        if piece.unknown:
            unknown.append(run[0].text)
        else:
            belief += count * piece.probability
    tail = text[len(text.rstrip()) :]
    return Translation(capitalise(written, like=text) + tail, words, tuple(unknown), belief)


def _cheapest(model: TranslationModel, tokens: Sequence[Token]) -> list[_Piece]:
    """Cut `tokens` into pieces of the least total cost, by dynamic programming."""
    costs: list[tuple[int, float]] = [(0, 0.0)]
    chosen: list[_Piece] = []
    for end in range(1, len(tokens) + 1):
        options = [
            ((before[0] + own[0], before[1] + own[1]), piece)
            for piece in _pieces(model, tokens, end)
            for before, own in [(costs[piece.start], piece.cost)]
        ]
        cost, piece = min(options, key=lambda option: option[0])
        costs.append(cost)
        chosen.append(piece)
    path: list[_Piece] = []
    while (end := path[-1].start if path else len(tokens)) > 0:
        path.append(chosen[end - 1])
    return path[::-1]


def _pieces(model: TranslationModel, tokens: Sequence[Token], end: int) -> Iterator[_Piece]:
    """Yield all pieces that end before token `end`, the longest first."""
    for start in range(max(0, end - MAX_PHRASE), end):
        phrase = model.phrases.get(key(tokens[start:end]))
        if phrase is not None:
            yield _Piece(start, end, phrase.target, phrase.probability)
    last = tokens[end - 1]
    word = model.lexicon.get(last.key)
    if not last.is_word:
        yield _Piece(end - 1, end, None, 1.0)
    elif word is not None:
        yield _Piece(end - 1, end, word.target, word.probability)
    else:
        yield _Piece(end - 1, end, None, 1.0, unknown=True)
