"""Values that are neither array nor object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hypothesis.strategies import SearchStrategy

    from aitbc_hooks.testing.strategies.json_schema.merging import Merged

__all__ = ["scalars"]


def scalars(
    kind: str, merged: Merged, formats: Mapping[str, SearchStrategy[str]]
) -> SearchStrategy[Any] | None:
    """Return the values of a kind that are allowed; None if there are none.

    Args:
        kind: The kind.
        merged: What holds for the value.
        formats: The strings of each format that is known.
    """
    if kind in {"null", "boolean"}:
        return _few([None] if kind == "null" else [False, True], merged)
    if kind == "string":
        texts = merged.strings.strategy(formats)
        if texts is not None and merged.strings.formats:
            # Whether a text has its format, only the referee knows.
            texts = texts.filter(merged.is_accepted)
        return _without_excluded(texts, merged)
    numbers = merged.numbers.strategy(kind)
    if numbers is not None and kind == "float" and "integer" not in merged.kinds:
        numbers = numbers.filter(_is_fraction)
    return _without_excluded(numbers, merged)


def _few(values: list[Any], merged: Merged) -> SearchStrategy[Any] | None:
    allowed = [value for value in values if not merged.excludes(value)]
    return st.sampled_from(allowed) if allowed else None


def _without_excluded(
    strategy: SearchStrategy[Any] | None, merged: Merged
) -> SearchStrategy[Any] | None:
    if strategy is None or not merged.excluded:
        return strategy
    return strategy.filter(lambda value: not merged.excludes(value))


def _is_fraction(value: float) -> bool:
    return not float(value).is_integer()
