"""Text as the model sees it: tokens with the white space before them, sentences, first letters.

A token keeps the gap before it, so that text which nobody can translate comes out as it went in
and no rules for re-joining punctuation are needed. Words are compared in lower case and, because
callers normalise with `normalise`, in Unicode form NFC.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    "Token",
    "capitalise",
    "decapitalise",
    "join",
    "key",
    "normalise",
    "sentences",
    "tokenise",
]

_TOKEN: Final = re.compile(r"\w+(?:['\u2019-]\w+)*|[^\w\s]")
_BOUNDARY: Final = re.compile(r"(\n|(?<=[.!?…])\s+)")


@attrs.frozen
class Token:
    """One word, number or punctuation mark.

    Attributes:
        text: As it was written.
        gap: The white space between the token before and this one.
    """

    text: str
    gap: str

    @property
    def key(self) -> str:
        """The form in which tokens are compared."""
        return self.text.lower()

    @property
    def is_word(self) -> bool:
        """Whether it has a letter; numbers and punctuation marks are copied, not translated."""
        return any(character.isalpha() for character in self.text)


def normalise(text: str) -> str:
    """Return `text` in Unicode form NFC, in which an accented letter is one character."""
    return unicodedata.normalize("NFC", text)


def tokenise(text: str) -> list[Token]:
    """Split `text` into tokens; white space after the last one is left out."""
    tokens = []
    end = 0
    for match in _TOKEN.finditer(text):
        tokens.append(Token(match[0], text[end : match.start()]))
        end = match.end()
    return tokens


def sentences(text: str) -> list[str]:
    """Cut `text` after sentence marks and at line ends; the parts joined are `text` again."""
    return [part for part in _BOUNDARY.split(text) if part]


def key(tokens: Sequence[Token]) -> str:
    """Return the form in which sequences of tokens are compared."""
    return " ".join(token.key for token in tokens)


def join(tokens: Sequence[Token]) -> str:
    """Write `tokens` as text without outer white space, any inner gap as one blank."""
    return "".join((" " if token.gap else "") + token.text for token in tokens).removeprefix(" ")


def capitalise(text: str, like: str) -> str:
    """Put the first letter of `text` in upper case if the first letter of `like` is."""
    model = next(filter(str.isalpha, like), "")
    at = next((index for index, letter in enumerate(text) if letter.isalpha()), None)
    if at is None or not model.isupper():
        return text
    return text[:at] + text[at].upper() + text[at + 1 :]


def decapitalise(tokens: Sequence[Token]) -> list[Token]:
    """Undo the capital letter that a sentence begins with; acronyms keep theirs."""
    found = next((index for index, token in enumerate(tokens) if token.is_word), None)
    result = list(tokens)
    if found is not None and not any(map(str.isupper, tokens[found].text[1:])):
        result[found] = attrs.evolve(tokens[found], text=tokens[found].key)
    return result
