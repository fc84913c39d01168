"""Numbers: bounds and multiples, merged exactly, and the strategies for them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Final

import attrs
from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Edge", "NumberRules"]

#: What JSON numbers keep exactly everywhere (RFC 7493, 2.2): the limit where a schema has none.
_EXACT: Final = 2**53
#: How far beyond its one bound a number goes if that is itself far out.
_ROOM: Final = 1000


@attrs.frozen
class Edge:
    """A bound, and whether it is itself outside."""

    value: int | float
    open: bool = False


@attrs.frozen
class NumberRules:
    """What holds for numbers."""

    lower: Edge | None = None
    upper: Edge | None = None
    factors: tuple[int | float, ...] = ()

    def meet(self, other: NumberRules) -> NumberRules:
        """Return what holds if both hold."""
        lowers = [edge for edge in (self.lower, other.lower) if edge is not None]
        uppers = [edge for edge in (self.upper, other.upper) if edge is not None]
        return NumberRules(
            max(lowers, key=lambda edge: (edge.value, edge.open), default=None),
            min(uppers, key=lambda edge: (edge.value, not edge.open), default=None),
            tuple(dict.fromkeys((*self.factors, *other.factors))),
        )

    def allow(self, value: float) -> bool:
        """Return whether a number satisfies the rules."""
        return (
            _beyond(value, self.lower, 1)
            and _beyond(value, self.upper, -1)
            and all(_divides(factor, value) for factor in self.factors)
        )

    def strategy(self, kind: str) -> SearchStrategy[Any] | None:
        """Return the numbers of a kind that satisfy the rules; None if there are none."""
        if kind == "float":
            return self._multiples() if self.factors else self._floats()
        return self._integers()

    @property
    def _step(self) -> Fraction:
        """The number whose multiples are multiples of all factors."""
        step = Fraction(0)
        for factor in map(_exact, self.factors):
            step = factor if step == 0 else _common_multiple(step, factor)
        return step

    def _integers(self) -> SearchStrategy[int] | None:
        step = _common_multiple(self._step, Fraction(1)) if self.factors else Fraction(1)
        counts = self._counts(step)
        if counts is None:
            return None
        if step == 1:
            return st.integers(*counts)
        numbers = st.integers(*counts).map(lambda count: int(count * step))
        return numbers.filter(self.allow)

    def _multiples(self) -> SearchStrategy[float] | None:
        step = self._step
        if (counts := self._counts(step)) is None:
            return None
        # The validators divide floats, so not every multiple counts as one.
        numbers = st.integers(*counts).map(lambda count: _nearest(count * step))
        return numbers.filter(math.isfinite).filter(self.allow)

    def _counts(self, step: Fraction) -> tuple[int, int] | None:
        """Return the first and the last multiple of `step` within the bounds."""
        low = self._first(self.lower, step, 1)
        high = self._first(self.upper, step, -1)
        limit = max(_EXACT // max(math.ceil(step), 1), 1)
        if low is None:
            low = min(-limit, (high or 0) - _ROOM)
        if high is None:
            high = max(limit, low + _ROOM)
        return (low, high) if low <= high else None

    @staticmethod
    def _first(edge: Edge | None, step: Fraction, sign: int) -> int | None:
        if edge is None:
            return None
        quotient = Fraction(edge.value) / step
        count = math.ceil(quotient) if sign > 0 else math.floor(quotient)
        return count + sign if edge.open and count == quotient else count

    def _floats(self) -> SearchStrategy[float] | None:
        low = _as_float(self.lower, math.inf)
        high = _as_float(self.upper, -math.inf)
        if low == math.inf or high == -math.inf:
            return None
        if low is not None and high is not None and low > high:
            return None
        return st.floats(low, high, allow_nan=False, allow_infinity=False)


def _as_float(edge: Edge | None, towards: float) -> float | None:
    """Return the outermost float inside a bound."""
    if edge is None:
        return None
    value = _nearest(edge.value)
    if math.isinf(value):
        # All floats are on the good side of a bound that no float reaches, or none is.
        return towards if (value > 0) == (towards > 0) else None
    while not _beyond(value, edge, 1 if towards > 0 else -1):
        value = math.nextafter(value, towards)
    return value


def _nearest(number: float | Fraction) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _beyond(value: float, edge: Edge | None, sign: int) -> bool:
    if edge is None:
        return True
    if value == edge.value:
        return not edge.open
    return (value > edge.value) == (sign > 0)


def _exact(factor: float) -> Fraction:
    """Return what the author wrote: 0.01 is a hundredth, though the float is not."""
    return Fraction(str(factor))


def _common_multiple(one: Fraction, other: Fraction) -> Fraction:
    """Return the least common multiple of two fractions in their lowest terms."""
    return Fraction(
        math.lcm(one.numerator, other.numerator), math.gcd(one.denominator, other.denominator)
    )


def _divides(factor: Any, value: Any) -> bool:
    """Return whether a validator calls `value` a multiple of `factor`: it divides as floats."""
    if isinstance(factor, int):
        return bool(value % factor == 0)
    try:
        quotient = value / factor
        return bool(int(quotient) == quotient)
    except OverflowError:
        return (Fraction(value) / Fraction(factor)).denominator == 1
