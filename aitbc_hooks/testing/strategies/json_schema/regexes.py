"""Regular expressions, read just far enough to steer how long the generated text is.

A schema's pattern may match anywhere in the text, and goes with ``minLength`` and ``maxLength``.
`variants` rewrites a pattern into some that match whole texts of the wanted length, by narrowing
its repetitions. What is not understood is left to be generated as it is, and filtered.
"""

from __future__ import annotations

import re
from typing import Final

import attrs

from aitbc_hooks.testing.strategies.json_schema.spans import Span

__all__ = ["variants"]

_REPEAT: Final = re.compile(r"(?:(?P<sign>[*+?])|\{(?P<low>\d*)(?P<comma>,)?(?P<high>\d*)\})[?+]?")
_CLASS: Final = re.compile(r"\[\^?\]?(?:\\.|[^\]\\])*\]", re.DOTALL)
_ESCAPE: Final = re.compile(r"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[^0-9])", re.DOTALL)
_GROUP: Final = re.compile(r"\((?:\?(?::|P<\w+>|(?P<look><?[=!])))?")
_EMPTY: Final = frozenset({r"\b", r"\B", r"\A", r"\Z"})
#: More ways than these to reach a length add nothing.
_WAYS: Final = 8


class _NotUnderstoodError(Exception):
    """The pattern has something that only `re` knows."""


@attrs.frozen
class _Atom:
    """Text that matches a fixed number of characters."""

    text: str
    width: Span

    def fitted(self, _: Span, __: int = 0) -> str:
        return self.text


@attrs.frozen
class _Sequence:
    """What matches one after another."""

    items: tuple[_Item, ...]

    @property
    def width(self) -> Span:
        return _total([item.width for item in self.items])

    def fitted(self, wanted: Span, way: int = 0) -> str:
        """Return the sequence with its repetitions narrowed to the wanted width.

        Args:
            wanted: How many characters it is to match.
            way: Which of the items gives way first.
        """
        widths = [item.width for item in self.items]
        spans = dict(enumerate(_shared(widths, wanted, way)))
        return "".join(item.fitted(spans[index], way) for index, item in enumerate(self.items))


@attrs.frozen
class _Group:
    """Alternatives in parentheses."""

    opening: str
    options: tuple[_Sequence, ...]

    @property
    def width(self) -> Span:
        if self.opening.endswith(("=", "!")):
            return Span(0, 0)
        widths = [option.width for option in self.options]
        highs = [width.high for width in widths]
        high = None if None in highs else max(high for high in highs if high is not None)
        return Span(min(width.low for width in widths), high)

    def fitted(self, wanted: Span, way: int = 0) -> str:
        if self.opening.endswith(("=", "!")):
            wanted = Span()
        able = [o for o in self.options if not o.width.meet(wanted).is_empty] or self.options
        return f"{self.opening}{'|'.join(o.fitted(wanted, way) for o in able)})"


@attrs.frozen
class _Repeat:
    """Something several times."""

    item: _Item
    times: Span

    @property
    def width(self) -> Span:
        one = self.item.width
        unlimited = one.high is None or (self.times.high is None and one.high > 0)
        high = None if unlimited else (one.high or 0) * (self.times.high or 0)
        return Span(one.low * self.times.low, high)

    def fitted(self, wanted: Span, way: int = 0) -> str:
        low, high, one = self.times.low, self.times.high, self.item.width
        if one.high is None and wanted != Span():
            return self._fitted_inside(wanted, way)
        if one.low and wanted.low > one.low * low:
            low += -(-(wanted.low - one.low * low) // (one.high or one.low))
        if one.high and wanted.high is not None:
            most = max(wanted.high // one.high, low)
            high = most if high is None else min(high, most)
        text = self.item.fitted(Span(), way)
        return f"{text}{{{low},{'' if high is None else max(high, low)}}}"

    def _fitted_inside(self, wanted: Span, way: int) -> str:
        """Repeat seldom something that is itself of any width."""
        times = max(self.times.low, 1)
        inside = Span(
            -(-wanted.low // times), None if wanted.high is None else wanted.high // times
        )
        least = times if wanted.low else self.times.low
        return f"{self.item.fitted(inside, way)}{{{least},{times}}}"

    def shortened(self, width: int) -> _Repeat:
        """Return the repetition without so many characters, if it is of single ones."""
        if self.item.width != Span(1, 1):
            return self
        high = self.times.high
        return _Repeat(
            self.item,
            Span(max(self.times.low - width, 0), None if high is None else max(high - width, 0)),
        )


_Item = _Atom | _Sequence | _Group | _Repeat


def variants(pattern: str, wanted: Span) -> list[str]:
    """Return patterns that match whole texts, most of them of the wanted length.

    Every such text has a match of `pattern` somewhere. Python's ``$`` also matches before a
    newline at the end; that of JSON Schema (ECMA 262) does not, nor does that of the variants.

    Args:
        pattern: A regular expression as Python reads it.
        wanted: The length of the texts.

    Returns:
        The patterns; none if `pattern` is not understood, or matches no such text.
    """
    try:
        options = _Reader(pattern).options()
    except _NotUnderstoodError:
        return []
    padded = [_padded(option) for each in options for option in _without_lookahead(each)]
    able = [option for option in padded if not option.width.meet(wanted).is_empty]
    texts = [
        option.fitted(wanted, way)
        for option in able
        for way in range(min(_flexible(option), _WAYS) or 1)
    ]
    return list(dict.fromkeys(texts))


def _without_lookahead(option: _Sequence) -> list[_Sequence]:
    """Return a sequence with what it looks ahead for in its place, and with nothing there.

    ``(?=.*x)[a-z]{4}`` has a match in ``x[a-z]{3}``.
    """
    if not any(_is_lookahead(item) for item in option.items):
        return [option]
    placed: list[_Item] = []
    width = 0
    for item in option.items:
        if isinstance(item, _Group) and _is_lookahead(item):
            sought = _Group("(?:", tuple(map(_shortest, item.options)))
            placed.append(sought)
            width += sought.width.low
        elif isinstance(item, _Repeat):
            placed.append(item.shortened(width))
            width -= min(width, item.times.low)
        else:
            placed.append(item)
    rest = tuple(item for item in option.items if not _is_lookahead(item))
    return [_Sequence(tuple(placed)), _Sequence(rest)]


def _is_lookahead(item: _Item) -> bool:
    return isinstance(item, _Group) and item.opening == "(?="


def _shortest(option: _Sequence) -> _Sequence:
    """Return a sequence with the fewest repetitions at its top."""
    return _Sequence(
        tuple(
            _Repeat(item.item, Span(item.times.low, item.times.low))
            if isinstance(item, _Repeat)
            else item
            for item in option.items
        )
    )


def _padded(option: _Sequence) -> _Sequence:
    pad = _Repeat(_Atom(r"[\s\S]", Span(1, 1)), Span())
    texts = [item.text if isinstance(item, _Atom) else "" for item in option.items]
    before = () if texts and texts[0] in {"^", r"\A"} else (pad,)
    after = () if texts and texts[-1] == r"\Z" else (pad,)
    return _Sequence((*before, *option.items, *after))


def _flexible(option: _Sequence) -> int:
    return sum(item.width.low != item.width.high for item in option.items)


def _total(widths: list[Span]) -> Span:
    highs = [width.high for width in widths]
    high = None if None in highs else sum(high for high in highs if high is not None)
    return Span(sum(width.low for width in widths), high)


def _shared(widths: list[Span], wanted: Span, way: int) -> list[Span]:
    """Share the wanted width among the parts of a sequence; the chosen one has what is left."""
    flexible = [i for i, width in enumerate(widths) if width.low != width.high]
    order = flexible[way % len(flexible) :] + flexible[: way % len(flexible)] if flexible else []
    lows = [width.low for width in widths]
    for index in order:
        lacking = max(wanted.low - sum(lows), 0)
        high = widths[index].high
        lows[index] += lacking if high is None else min(lacking, high - lows[index])
    highs: list[int | None] = [width.high for width in widths]
    if wanted.high is not None:
        spare = max(wanted.high - sum(lows), 0)
        share = spare // len(order) if order else 0
        for index in order:
            given = spare - share * (len(order) - 1) if index == order[0] else share
            highs[index] = min(lows[index] + given, _or(widths[index].high, lows[index] + given))
    return [Span(low, high) for low, high in zip(lows, highs, strict=True)]


def _or(high: int | None, default: int) -> int:
    return default if high is None else high


class _Reader:
    """Reads a pattern."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._at = 0

    def options(self) -> tuple[_Sequence, ...]:
        """Read the whole pattern: alternatives of sequences."""
        options = self._alternatives()
        if self._at < len(self._pattern):
            raise _NotUnderstoodError
        return options

    def _alternatives(self) -> tuple[_Sequence, ...]:
        options = [self._sequence()]
        while self._pattern[self._at : self._at + 1] == "|":
            self._at += 1
            options.append(self._sequence())
        return tuple(options)

    def _sequence(self) -> _Sequence:
        items: list[_Item] = []
        while self._at < len(self._pattern) and self._pattern[self._at] not in "|)":
            items.append(self._repeated(self._item()))
        return _Sequence(tuple(items))

    def _item(self) -> _Item:
        char = self._pattern[self._at]
        if char == "(":
            return self._group()
        if char == "[":
            return _Atom(self._taken(_CLASS), Span(1, 1))
        if char == "\\":
            text = self._taken(_ESCAPE)
            return _Atom(text, Span(0, 0) if text in _EMPTY else Span(1, 1))
        if char in "*+?{":
            raise _NotUnderstoodError
        self._at += 1
        if char in "^$":
            return _Atom(r"\Z" if char == "$" else char, Span(0, 0))
        return _Atom(char, Span(1, 1))

    def _group(self) -> _Group:
        opening = self._taken(_GROUP)
        if self._pattern[self._at : self._at + 1] == "?":
            raise _NotUnderstoodError
        options = self._alternatives()
        if self._pattern[self._at : self._at + 1] != ")":
            raise _NotUnderstoodError
        self._at += 1
        return _Group(opening, options)

    def _repeated(self, item: _Item) -> _Item:
        match = _REPEAT.match(self._pattern, self._at)
        if match is None:
            return item
        self._at = match.end()
        if match["sign"]:
            low, high = {"*": (0, None), "+": (1, None), "?": (0, 1)}[match["sign"]]
            return _Repeat(item, Span(low, high))
        if not match["low"] and not match["high"]:
            raise _NotUnderstoodError
        low = int(match["low"] or 0)
        if not match["comma"]:
            return _Repeat(item, Span(low, low))
        return _Repeat(item, Span(low, int(match["high"]) if match["high"] else None))

    def _taken(self, expected: re.Pattern[str]) -> str:
        match = expected.match(self._pattern, self._at)
        if match is None:
            raise _NotUnderstoodError
        self._at = match.end()
        return match[0]
