"""How many there may be: of characters, items, keys."""

from __future__ import annotations

import attrs

__all__ = ["Span"]


@attrs.frozen
class Span:
    """From `low` to `high`, both included; None is no limit."""

    low: int = 0
    high: int | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no number is within."""
        return self.high is not None and self.high < self.low

    def holds(self, number: int) -> bool:
        """Return whether a number is within."""
        return self.low <= number and (self.high is None or number <= self.high)

    def meet(self, other: Span) -> Span:
        """Return what is within both."""
        highs = [high for high in (self.high, other.high) if high is not None]
        return Span(max(self.low, other.low), min(highs, default=None))

    def outside(self) -> list[Span]:
        """Return what is not within."""
        below = [Span(0, self.low - 1)] if self.low > 0 else []
        return below if self.high is None else [*below, Span(self.high + 1)]
