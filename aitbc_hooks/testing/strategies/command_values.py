"""Words of a command line that a parameter takes as its value, by click's parameter types."""

from __future__ import annotations

import datetime as dt
import enum
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.texts import matching

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hypothesis.strategies import SearchStrategy

    Words = SearchStrategy[str]

__all__ = ["furnish", "words_for"]

#: No shell passes NUL on.
_PLAIN: Final = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
#: Names get past a check of the author's own; some text looks like an option.
_TEXT: Final = st.one_of(matching(r"[a-z][a-z0-9-]{0,9}"), _PLAIN, _PLAIN.map("-{}".format))
#: What every program keeps exactly (RFC 7493, 2.2), and how far a number goes beyond a bound.
_EXACT: Final = 2**53
_ROOM: Final = 1000
_FILES: Final = ("file.txt", "data.json", "folder/inner.txt")
_PROGRAM: Final = "program"
_FOLDERS: Final = ("folder", ".")
_ABSENT: Final = ("absent.txt", "folder/absent.txt")
#: What a type of the author's own may take.
_SAMPLES: Final = (
    *(
        "0",
        "1",
        "-1",
        "1.5",
        "a",
        "true",
        "0x10",
        "1s",
        "10%",
        "[]",
        "{}",
        '{"a": 1}',
        "a=b",
        "a:b",
    ),
    *("a,b", "2024-02-29", "2024-02-29T12:00:00", "127.0.0.1", "localhost:80", "a@example.org"),
    *("https://example.org/", "00000000-0000-0000-0000-000000000000", "00ff", "1.2.3"),
)


def furnish(folder: str | Path) -> None:
    """Put the files and folders into a folder that `command_lines` names as existing.

    Args:
        folder: Where the command will run; it must exist.
    """
    for name in (*_FILES, _PROGRAM):
        path = Path(folder, name)
        path.parent.mkdir(exist_ok=True)
        path.write_text("{}\n", encoding="utf-8")
    Path(folder, _PROGRAM).chmod(0o755)


def words_for(parameter: click.Parameter, kind: click.ParamType[Any] | None = None) -> Words:
    """Return the words that a parameter takes as one value.

    Args:
        parameter: The parameter.
        kind: Its type, or one of those that it has at once (`click.Tuple`).
    """
    kind = parameter.type if kind is None else kind
    if isinstance(kind, click.File) and "x" in kind.mode:
        # Two parameters cannot both create one file.
        return st.integers(0, 9999).map(f"new-{parameter.name}-{{}}.txt".format)
    for cls in type(kind).__mro__:
        if (make := _BY_TYPE.get(cls)) is not None:
            words = make(kind)
            return words if cls is type(kind) else st.one_of(words, _own(parameter, kind))
    return _own(parameter, kind)


def _own(parameter: click.Parameter, kind: click.ParamType[Any]) -> Words:
    """Return words for a type of the author's own: what it converts, and any text."""
    known = [*_named(parameter, kind), *_SAMPLES]
    good = [word for word in dict.fromkeys(known) if _converts(kind, word)]
    return st.one_of(st.sampled_from(good), _TEXT) if good else _TEXT


def _named(parameter: click.Parameter, kind: Any) -> Iterable[str]:
    """Yield what the author names: examples, completions, the default."""
    examples = getattr(kind, "examples", ())
    yield from map(str, examples if isinstance(examples, list | tuple | set | frozenset) else ())
    default = parameter.to_info_dict()["default"]
    if isinstance(default, str | int | float):
        yield str(default)
    context = click.Context(click.Command("command"))
    try:
        yield from (str(item.value) for item in kind.shell_complete(context, parameter, ""))
    except Exception:  # noqa: BLE001 - the author's code; without its help there are samples
        return


def _converts(kind: click.ParamType[Any], word: str) -> bool:
    try:
        kind.convert(word, None, None)
    except Exception:  # noqa: BLE001 - the author's code may refuse a word in any way
        return False
    return True


def _integers(low: int | None = None, high: int | None = None) -> Words:
    if low is None:
        low = -_EXACT if high is None else min(-_EXACT, high - _ROOM)
    if high is None:
        high = max(_EXACT, low + _ROOM)
    return st.integers(low, high).map(str)


def _integers_within(kind: click.IntRange) -> Words:
    if kind.clamp:
        return _integers()
    low = None if kind.min is None else int(kind.min) + kind.min_open
    high = None if kind.max is None else int(kind.max) - kind.max_open
    return _integers(low, high)


def _floats_within(kind: click.FloatRange) -> Words:
    low = None if kind.min is None or kind.clamp else float(kind.min)
    high = None if kind.max is None or kind.clamp else float(kind.max)
    if low is not None and kind.min_open:
        low = math.nextafter(low, math.inf)
    if high is not None and kind.max_open:
        high = math.nextafter(high, -math.inf)
    return st.floats(low, high, allow_nan=False, allow_infinity=False).map(repr)


def _choices(kind: click.Choice[Any]) -> Words:
    words = [c.name if isinstance(c, enum.Enum) else str(c) for c in kind.choices]
    if not kind.case_sensitive:
        cased = [form for word in words for form in (word, word.lower(), word.upper())]
        known = {word.casefold() for word in words}
        words = [word for word in dict.fromkeys(cased) if word.casefold() in known]
    return st.sampled_from(words) if words else st.nothing()


def _moments(kind: click.DateTime) -> Words:
    utc = st.just(dt.UTC)
    moments = st.datetimes(dt.datetime(1970, 1, 1), dt.datetime(2100, 1, 1), timezones=utc)  # noqa: DTZ001 - Hypothesis adds the zone
    return st.one_of([moments.map(_formatter(form)) for form in kind.formats])


def _formatter(form: str) -> Callable[[dt.datetime], str]:
    return lambda moment: moment.strftime(form)


def _paths(kind: Any) -> Words:
    files = (_PROGRAM,) if kind.executable else (*_FILES, _PROGRAM)
    names = [*(files if kind.file_okay else ()), *(_FOLDERS if kind.dir_okay else ())]
    return st.sampled_from([*names, *(() if kind.exists else _ABSENT)])


def _opened(kind: click.File) -> Words:
    creates = "w" in kind.mode or "a" in kind.mode
    return st.sampled_from([*_FILES, *(_ABSENT if creates else ())])


_BOOLEANS: Final = matching(r"true|false|yes|no|on|off|[tfyn10]|True|OFF")
_BY_TYPE: Final[dict[type, Callable[[Any], Words]]] = {
    click.types.StringParamType: lambda _: _TEXT,
    click.types.UnprocessedParamType: lambda _: _TEXT,
    click.types.BoolParamType: lambda _: _BOOLEANS,
    click.types.IntParamType: lambda _: _integers(),
    click.types.FloatParamType: lambda _: _floats_within(click.FloatRange()),
    click.types.UUIDParameterType: lambda _: st.uuids().map(str),
    click.IntRange: _integers_within,
    click.FloatRange: _floats_within,
    click.Choice: _choices,
    click.DateTime: _moments,
    click.Path: _paths,
    click.File: _opened,
}
