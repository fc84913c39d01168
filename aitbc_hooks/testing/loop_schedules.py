"""`Schedule`: which task step ran first where several were ready, as a value to print and replay."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Schedule"]


def _copied(deviations: Mapping[int, int]) -> Mapping[int, int]:
    return dict(deviations)


@attrs.frozen
class Schedule:
    """Where a schedule deviates from first come, first served.

    Example:
        ``DetLoop(Schedule({3: 1}))`` runs the second of the steps that are ready at choice 3
        (counted from 0), and everything else in the order in which it became ready.

    Attributes:
        deviations: The number of the choice, and the index of the step that was chosen.
    """

    deviations: Mapping[int, int] = attrs.field(factory=dict, converter=_copied)

    @classmethod
    def of(cls, choices: Iterable[tuple[int, int]]) -> Schedule:
        """Return the schedule that `DetLoop.choices` recorded."""
        return cls({at: index for at, (_, index) in enumerate(choices) if index})

    def chooser(self) -> Callable[[int], int]:
        """Return a function that makes these choices, from the first on.

        Where a program has changed and fewer steps are ready than were, it chooses the last.
        """
        count = itertools.count()
        return lambda ready: min(self.deviations.get(next(count), 0), ready - 1)

    def __str__(self) -> str:
        listed = ", ".join(f"choice {at} -> {index}" for at, index in self.deviations.items())
        return "first come, first served" + (f", except {listed}" if listed else "")

    def __repr__(self) -> str:
        return f"Schedule({self.deviations})"
