"""Sentences of what was found: a capital at the start, a stop at the end."""

from __future__ import annotations

__all__ = ["ended", "sentence"]


def ended(text: str) -> str:
    """Return a text with a full stop, unless it ends a sentence already."""
    text = text.rstrip()
    return text if text.endswith((".", "?", "!")) else f"{text}."


def sentence(clause: str) -> str:
    """Return a clause as a sentence."""
    return ended(clause[:1].upper() + clause[1:])
