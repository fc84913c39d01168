"""Topic patterns: ``*`` stands for one word of a dotted event type, ``#`` for any number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["compile_pattern", "is_exact"]


def is_exact(pattern: str) -> bool:
    """Whether a pattern has no wildcard, and so matches itself alone."""
    return "*" not in pattern and "#" not in pattern


def compile_pattern(pattern: str) -> Callable[[str], bool]:
    """Return a predicate for event types.

    Args:
        pattern: Words joined by dots, as in AMQP's topic exchanges: ``blocks.*`` matches
            ``blocks.new``; ``blocks.#`` matches ``blocks`` and ``blocks.new.orphan`` too; a
            pattern without either matches itself.

    Raises:
        ValueError: The pattern is empty, or mixes a wildcard with other characters in one word.
    """
    words = pattern.split(".")
    for word in words:
        if not word or (len(word) > 1 and ("*" in word or "#" in word)):
            raise ValueError(
                f"expected words joined by dots, each a name, '*' or '#' as a whole, "
                f"got {pattern!r}."
            )
    if is_exact(pattern):
        return pattern.__eq__
    # Each word brings its own leading dot, so that '#' can stand for no word at all.
    parts = {"*": r"\.[^.]+", "#": r"(?:\.[^.]+)*"}
    expression = re.compile("".join(parts.get(word, re.escape(f".{word}")) for word in words))
    return lambda event_type: expression.fullmatch(f".{event_type}") is not None
