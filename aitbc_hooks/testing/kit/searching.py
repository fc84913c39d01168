"""Looking for a case that breaks a property, with Hypothesis: seeded, bounded, and shrunk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis.errors import HypothesisException, Unsatisfiable

from aitbc_hooks.testing.kit.outcomes import Inconclusive, Violation

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["Clock", "Patience", "fewest", "search"]

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


class Patience:
    """How long is looked for something simpler, from now on.

    Args:
        clock: When its budget is spent, that is enough.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._left = _SHRINKS
        self._limits = time.process_time() + _SHRINKING, time.monotonic() + _WAITING

    def is_over(self) -> bool:
        """Return whether that was enough; each call counts as a further case."""
        self._left -= 1
        computing, waiting = self._limits
        late = time.process_time() > computing or time.monotonic() > waiting
        return self._left < 0 or late or self._clock.spent


def fewest(items: Sequence[_T], fail: Callable[[list[_T]], bool]) -> list[_T]:
    """Return some of the items that fail all the same: as few as leaving out comes to, last first.

    Args:
        items: They fail.
        fail: Returns whether some of them do.
    """
    left = list(items)
    size = len(left)
    while size > 0:
        for end in range(len(left), 0, -size):
            fewer = left[: max(end - size, 0)] + left[end:]
            if fail(fewer):
                left = fewer
        size //= 2
    return left


class _Hunt(Generic[_T]):
    """The cases that are tried in one search, and the simplest one that fails."""

    def __init__(
        self, test: Callable[[_T], object], clock: Clock, affordable: Callable[[], int]
    ) -> None:
        self._test = test
        self._clock = clock
        self._affordable = affordable
        self._tried = 0
        self._patience: Patience | None = None
        self.found: Violation | None = None

    def attempt(self, case: _T) -> None:
        """Try one case."""
        __tracebackhide__ = True
        if self._patience is not None:
            if self._patience.is_over():
                return  # nothing simpler is found any more
        else:
            self._clock.check()
            self._tried += 1
            if self._tried > self._affordable():
                return
        try:
            self._test(case)
        except Violation as violation:
            self._patience = self._patience or Patience(self._clock)
            if self.found is None or _size(violation) <= _size(self.found):
                self.found = violation
            raise


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
