"""Strings: length, patterns and formats, merged, and the strategies for them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.json_schema.regexes import variants
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.texts import CHARACTERS, matching

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

__all__ = ["StringRules"]


@attrs.frozen
class StringRules:
    """What holds for strings.

    Attributes:
        patterns: Regular expressions that match somewhere.
        avoided: Those that match nowhere.
        formats: Names of formats that the text has.
    """

    lengths: Span = attrs.Factory(Span)
    patterns: tuple[str, ...] = ()
    avoided: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()

    def meet(self, other: StringRules) -> StringRules:
        """Return what holds if both hold."""
        return StringRules(
            self.lengths.meet(other.lengths),
            tuple(dict.fromkeys((*self.patterns, *other.patterns))),
            tuple(dict.fromkeys((*self.avoided, *other.avoided))),
            tuple(dict.fromkeys((*self.formats, *other.formats))),
        )

    def allow(self, text: str) -> bool:
        """Return whether a string satisfies the rules; formats are left to the referee."""
        return (
            self.lengths.holds(len(text))
            and all(re.search(pattern, text) for pattern in self.patterns)
            and not any(re.search(pattern, text) for pattern in self.avoided)
        )

    def strategy(self, formats: Mapping[str, SearchStrategy[str]]) -> SearchStrategy[str] | None:
        """Return the strings that satisfy the rules; None if there are none.

        Args:
            formats: The strings of each format that is known; others allow every string.
        """
        if self.lengths.is_empty:
            return None
        known = [formats[name] for name in self.formats if name in formats]
        sources = [*known, *self._matching()]
        if not sources:
            sources = [st.text(CHARACTERS, min_size=self.lengths.low, max_size=self.lengths.high)]
        return st.one_of(sources).filter(self.allow)

    def _matching(self) -> list[SearchStrategy[str]]:
        found = []
        # JSON Schema's \d and \w are ASCII (ECMA 262, 22.2.2), as those of `matching`.
        for index, pattern in enumerate(self.patterns):
            others = self.patterns[:index] + self.patterns[index + 1 :]
            found += [matching(text) for text in variants(pattern, self.lengths)] or [
                _holding(pattern)
            ]
            if others and index == 0:
                # Patterns that may match anywhere do so side by side.
                found.append(st.tuples(*map(_holding, self.patterns)).map("".join))
        return found


def _holding(pattern: str) -> SearchStrategy[str]:
    return st.from_regex(pattern, alphabet=CHARACTERS)
