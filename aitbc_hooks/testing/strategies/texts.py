"""Characters, and text that matches a pattern."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["CHARACTERS", "matching"]

#: Every character; surrogates are none (RFC 8259, 8.2). Hypothesis' default, those of a codec,
#: costs a second in a directory where it was never used.
CHARACTERS: Final = st.characters(exclude_categories=["Cs"])


def matching(pattern: str) -> SearchStrategy[str]:
    r"""Return the texts that match a pattern as a whole; ``\d`` and ``\w`` are ASCII."""
    return st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True, alphabet=CHARACTERS)
