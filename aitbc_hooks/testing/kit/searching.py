"""Looking for a case that breaks a property, with Hypothesis: seeded, bounded, and shrunk."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException, Unsatisfiable

from aitbc_hooks.testing.kit.outcomes import Inconclusive, Violation

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

__all__ = ["Clock", "search"]

_T = TypeVar("_T")

#: Further cases that may be tried to make a found one simpler.
_SHRINKS: Final = 300
#: Seconds of computing for that, which are as many on a busy machine.
_SHRINKING: Final = 5.0
#: Real seconds for that, where the plugin waits for something real.
_WAITING: Final = 20.0


class Clock:
    """A wall budget: when it is spent, what is not decided yet stays undecided.

    Args:
        budget: Real seconds.
    """

    def __init__(self, budget: float) -> None:
        self.budget = budget
        self._began = time.monotonic()

    @property
    def spent(self) -> bool:
        """Whether the budget is spent."""
        return time.monotonic() - self._began > self.budget

    def check(self) -> None:
        """Go on, if there is time.

        Raises:
            Inconclusive: There is none.
        """
        if self.spent:
            raise Inconclusive(f"slow: the budget of {self.budget:g} s is spent.")


def search(
    strategy: SearchStrategy[_T],
    test: Callable[[_T], object],
    *,
    examples: int,
    random_seed: int,
    clock: Clock,
    affordable: Callable[[int], int] = int,
) -> None:
    """Try cases; raise the simplest violation that was found.

    Args:
        strategy: Where cases come from.
        test: Raises `Violation` for a case that breaks the property.
        examples: How many cases are tried.
        random_seed: One seed gives the same cases every time.
        clock: Bounds the search.
        affordable: Returns how many of so many cases there is time for, as far as is known by now.

    Raises:
        Violation: As `test` raised it for the simplest case.
        Inconclusive: No case could be generated, or there was no time.
    """
    hunt = _Hunt(test, clock, lambda: affordable(examples))
    given_cases = given(strategy)(hunt.attempt)
    run = seed(random_seed)(_settings(examples)(given_cases))
    try:
        run()
    except Unsatisfiable:
        raise Inconclusive(
            "no configuration or argument could be generated; pass config=, formats= or samples=."
        ) from None
    except (HypothesisException, ExceptionGroup):
        if hunt.found is None:  # else it does not fail every time: that is a violation too
            raise
    except Violation:
        pass
    if hunt.found is not None:
        raise hunt.found from None


class _Hunt(Generic[_T]):
    """The cases that are tried in one search, and the simplest one that fails."""

    def __init__(
        self, test: Callable[[_T], object], clock: Clock, affordable: Callable[[], int]
    ) -> None:
        self._test = test
        self._clock = clock
        self._affordable = affordable
        self._tried = 0
        self._left = _SHRINKS
        self._limits = math.inf, math.inf
        self.found: Violation | None = None

    def attempt(self, case: _T) -> None:
        """Try one case."""
        __tracebackhide__ = True
        if self.found is not None:
            self._left -= 1
            if self._left < 0 or self._is_late() or self._clock.spent:
                return  # nothing simpler is found any more
        else:
            self._clock.check()
            self._tried += 1
            if self._tried > self._affordable():
                return
        try:
            self._test(case)
        except Violation as violation:
            if self.found is None:
                self._limits = time.process_time() + _SHRINKING, time.monotonic() + _WAITING
            if self.found is None or _size(violation) <= _size(self.found):
                self.found = violation
            raise

    def _is_late(self) -> bool:
        computing, waiting = self._limits
        return time.process_time() > computing or time.monotonic() > waiting


def _size(violation: Violation) -> tuple[int, int]:
    return len(violation.program), len(violation.message)


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        phases=(Phase.generate, Phase.shrink),
        database=None,
        deadline=None,
        derandomize=False,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),  # pyright: ignore[reportArgumentType]
        verbosity=Verbosity.quiet,
    )
