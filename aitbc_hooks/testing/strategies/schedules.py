"""The order of task steps on a `DetLoop`, drawn by Hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hypothesis.strategies import DataObject

__all__ = ["drawn"]

#: So many choices are drawn at a time. Hypothesis takes the shorter of two examples for the
#: simpler one, and would rather deviate often than draw once more.
_BLOCK: Final = 32

#: The largest number that is drawn: far above the number of tasks that are ready, so that its
#: remainder is any of them with about the same chance.
_LARGEST: Final = 255


def drawn(data: DataObject) -> Callable[[int], int]:
    """Return a chooser for `DetLoop` that draws which of the ready steps runs next.

    A failing schedule shrinks together with everything else that the test has drawn, towards
    first come, first served. Print it with ``note(str(loop.schedule()))``.

    Args:
        data: What ``st.data()`` gives.

    Example::

        @given(st.data())
        def test_transfers_keep_the_sum(data):
            with asyncio.Runner(loop_factory=lambda: DetLoop(drawn(data))) as runner:
                runner.run(transfers())
    """
    numbers = _numbers(data)
    return lambda ready: next(numbers) % ready


def _numbers(data: DataObject) -> Iterator[int]:
    while True:
        yield from _drawn_block(data)


def _drawn_block(data: DataObject) -> list[int]:
    # Internal to Hypothesis: a third less time for each test, and no line of numbers in its report.
    internal: Any = getattr(data, "conjecture_data", None)
    draw_integer: Any = getattr(internal, "draw_integer", None)
    if draw_integer is None:
        numbers = st.integers(0, _LARGEST)
        return data.draw(st.lists(numbers, min_size=_BLOCK, max_size=_BLOCK), label="schedule")
    return [draw_integer(0, _LARGEST) for _ in range(_BLOCK)]
