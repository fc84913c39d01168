"""The local model: an immutable record of what was learnt, and `learn`, which makes one.

Three memories, from the most to the least certain: whole texts as they were taught, phrases, and
single words. The decoder reads nothing else, so it can be replaced without touching this module;
the examples stay in the record, so a better learner can start again from them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from .alignment import NULL, align, lexical_table
from .phrases import phrase_pairs
from .text import decapitalise, key, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from .alignment import Check, Links, Table
    from .text import Token

__all__ = ["Candidate", "Example", "TranslationModel", "learn"]

#: Longer texts are remembered whole but not aligned: that costs the product of both lengths.
MAX_ALIGNED_TOKENS: Final = 80
#: Bound on the sum of those products: about 1 GB of memory while learning.
MAX_LINKS: Final = 10_000_000


@attrs.frozen
class Example:
    """A text and its translation, both in Unicode form NFC."""

    source: str
    target: str


@attrs.frozen
class Candidate:
    """The best known translation of something.

    Attributes:
        target: The translation; empty for a word that has no counterpart.
        probability: How far to believe it, above 0, at most 1.
    """

    target: str
    probability: float


@attrs.frozen
class TranslationModel:
    """All that was learnt; never changed, only replaced.

    Attributes:
        examples: What `train` was given so far, without the starter set.
        starter_examples: How many examples of the starter set it has learnt too.
        memory: Whole texts, by their key.
        phrases: Runs of up to ``MAX_PHRASE`` tokens, by their key.
        lexicon: Single words, by their key.
        target_words: How many different words it has seen in translations.
    """

    examples: tuple[Example, ...]
    starter_examples: int
    memory: Mapping[str, Candidate]
    phrases: Mapping[str, Candidate]
    lexicon: Mapping[str, Candidate]
    target_words: int


def _go_on() -> None:
    pass


def learn(
    examples: Sequence[Example], *, starter: Sequence[Example] = (), check: Check = _go_on
) -> TranslationModel:
    """Learn a model from `examples` and a starter set.

    Args:
        examples: In the order in which they were taught: of two translations of one text the
            later is preferred.
        starter: Learnt as if it had been taught first.
        check: Called once per example and iteration; what it raises ends the learning.

    Raises:
        ValueError: The examples together are too large to align.
    """
    known = (*starter, *examples)
    pairs = [(tokenise(example.source), tokenise(example.target)) for example in known]
    aligned = [(source, decapitalise(target)) for source, target in pairs if _fits(source, target)]
    words = [(_words(source), _words(target)) for source, target in aligned]
    _require_affordable(words)
    forward = lexical_table(words, check)
    backward = lexical_table([(target, source) for source, target in words], check)
    found: list[tuple[str, str]] = []
    for source, target in aligned:
        check()
        found.extend(phrase_pairs(source, target, _links(source, target, forward, backward)))
    return TranslationModel(
        examples=tuple(examples),
        starter_examples=len(starter),
        memory=_latest(
            (key(pair[0]), taught.target) for pair, taught in zip(pairs, known, strict=True)
        ),
        phrases=_most_frequent(found),
        lexicon=_most_probable(forward, backward),
        target_words=len({word for _, target in pairs for word in _words(target)}),
    )


def _words(tokens: Sequence[Token]) -> list[str]:
    return [token.key for token in tokens if token.is_word]


def _fits(source: Sequence[Token], target: Sequence[Token]) -> bool:
    """Whether a pair can be aligned; one that cannot is remembered whole all the same."""
    return all(_words(side) and len(side) <= MAX_ALIGNED_TOKENS for side in (source, target))


def _links(
    source: Sequence[Token], target: Sequence[Token], forward: Table, backward: Table
) -> Links:
    """Link the words of a pair; numbers and punctuation marks stand aside, unlinked."""
    here = [index for index, token in enumerate(source) if token.is_word]
    there = [index for index, token in enumerate(target) if token.is_word]
    links = align(_words(source), _words(target), forward, backward)
    return {(here[i], there[j]) for i, j in links}


def _require_affordable(pairs: Iterable[tuple[Sequence[str], Sequence[str]]]) -> None:
    links = sum(len(source) * len(target) for source, target in pairs)
    if links > MAX_LINKS:
        raise ValueError(
            f"training_data: too large together with what was learnt before: {links} pairs of "
            f"words to compare, at most {MAX_LINKS}. Give fewer or shorter examples."
        )


def _latest(texts: Iterable[tuple[str, str]]) -> dict[str, Candidate]:
    versions: dict[str, dict[str, None]] = {}
    for source, target in texts:
        taught = versions.setdefault(source, {})
        taught.pop(target, None)
        taught[target] = None
    return {
        source: Candidate(next(reversed(taught)), 1 / len(taught))
        for source, taught in versions.items()
    }


def _most_frequent(pairs: Iterable[tuple[str, str]]) -> dict[str, Candidate]:
    counts: dict[str, dict[str, int]] = {}
    for source, target in pairs:
        row = counts.setdefault(source, {})
        row[target] = row.get(target, 0) + 1
    result = {}
    for source, row in counts.items():
        target, count = max(row.items(), key=lambda item: item[1])
        # One more than was counted: a phrase seen once is an observation, not a certainty.
        result[source] = Candidate(target, count / (sum(row.values()) + 1))
    return result


def _most_probable(forward: Table, backward: Table) -> dict[str, Candidate]:
    result = {}
    for word, row in forward.items():
        if word == NULL:
            continue
        target, chance = max(row.items(), key=lambda item: round(item[1], 12))
        # The word itself may be one that translations leave out, such as a pronoun.
        silent = round(backward[NULL][word], 12) > round(max(backward[t][word] for t in row), 12)
        result[word] = Candidate("" if silent else target, chance)
    return result
