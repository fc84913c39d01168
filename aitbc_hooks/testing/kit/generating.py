"""What the checks try on a plugin, beside its configurations: events.

Some are any at all. Others are *telling*: they have the types and the keys that the plugin's own
code names, since no chance leads into ``if event_type == "order" and data["amount"] > 100``.
"""

from __future__ import annotations

import copy
import re
from collections import deque
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.outcomes import Violation
from aitbc_hooks.testing.kit.searching import Patience, fewest
from aitbc_hooks.testing.strategies import event_types, payload_keys, payloads
from aitbc_hooks.testing.strategies.mining import mined_strings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.testing.kit.specimen import Specimen

__all__ = ["Event", "events", "one_event", "telling_events", "try_telling_events"]

#: Event type and payload.
Event = tuple[str, dict[str, Any]]

#: What may be the type of an event, or a key of its payload, rather than a piece of a message.
_WORD: Final = re.compile(r"[^\W\d][\w.:/*-]*")
#: Words that are tried.
_WORDS: Final = 24
#: Words that are tried as values.
_AS_VALUES: Final = 8
#: Stands for a key that is not there.
_ABSENT: Final = object()
#: One that many plugins know.
_WELL_KNOWN: Final[Event] = ("user_login", {"user": "alice"})


def one_event(specimen: Specimen) -> st.SearchStrategy[Event]:
    """An event as any plugin may publish it; likely ones are among them."""
    keys = payload_keys(specimen.probe)
    anything = st.tuples(event_types(specimen.probe), payloads(keys=keys))
    words = _words_of(specimen)
    if not words:
        return anything
    # Absence is a value like others, the simplest one: so a dict shrinks key by key.
    values = st.sampled_from([_ABSENT, *_values(words)])
    known = st.fixed_dictionaries(dict.fromkeys(words, values)).map(_present)
    return anything | st.tuples(st.sampled_from(_types(words)), known)


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: copy.deepcopy(value) for key, value in values.items() if value is not _ABSENT}


def events(specimen: Specimen) -> st.SearchStrategy[list[Event]]:
    """Some events."""
    return st.lists(one_event(specimen), min_size=1, max_size=4)


def telling_events(specimen: Specimen) -> list[list[Event]]:
    """Return lists of events of all types that the plugin's code names, with all keys that it names.

    The first one is of an event that many plugins know, the second one has no keys. After it, the
    values are others from list to list: of one kind under all keys, then of another one under each,
    then what the code names too. Each list begins with another type.
    """
    words = _words_of(specimen)
    types = deque(_types(words))
    lists: list[list[Event]] = [[_WELL_KNOWN]]
    for payload in _payloads(words):
        lists.append([(event_type, copy.deepcopy(payload)) for event_type in types])
        types.rotate(-1)
    return lists


def try_telling_events(
    specimen: Specimen, test: Callable[[list[Event]], object], *, most: int | None = None
) -> None:
    """Try the telling events, a list of them at a time, as far as there is time.

    Args:
        specimen: The plugin.
        test: Raises `Violation` for events that break the property.
        most: How many of the lists are tried; all by default.

    Raises:
        Violation: As `test` raised it for the simplest events that were found to fail.
    """
    for some in specimen.each_affordable(telling_events(specimen)[:most]):
        try:
            test(some)
        except Violation as violation:
            search = _Simplifying(test, violation, Patience(specimen.clock))
            search.simplify(some)
            raise search.found from None


class _Simplifying:
    """The search for fewer events, with fewer keys, that fail too.

    Attributes:
        found: The violation that the simplest ones lead to.
    """

    def __init__(
        self, test: Callable[[list[Event]], object], found: Violation, patience: Patience
    ) -> None:
        self.found = found
        self._test = test
        self._patience = patience

    def simplify(self, some: list[Event]) -> None:
        """Leave out what is not needed."""
        left = fewest(some, self._fail)
        for at, (event_type, data) in enumerate(left):
            left[at] = (
                event_type,
                dict(fewest([*data.items()], partial(self._fail_with, left, at))),
            )

    def _fail(self, some: list[Event]) -> bool:
        if self._patience.is_over():
            return False
        try:
            self._test(some)
        except Violation as violation:
            self.found = violation
            return True
        return False

    def _fail_with(self, some: list[Event], at: int, keys: list[tuple[str, Any]]) -> bool:
        return self._fail([*some[:at], (some[at][0], dict(keys)), *some[at + 1 :]])


def _words_of(specimen: Specimen) -> list[str]:
    known = mined_strings(specimen.probe)
    return [word for word in known if _WORD.fullmatch(word)][:_WORDS]


def _types(words: list[str]) -> list[str]:
    """Return types of events: a prefix such as ``job.`` is none yet, nor is ``job.*``."""
    whole = (word.replace("*", "x") for word in words)
    return [_WELL_KNOWN[0], *(word if word[-1].isalnum() else f"{word}x" for word in whole)]


def _values(words: list[str]) -> list[Any]:
    """Return values of all kinds, such as handlers look for."""
    inner = dict.fromkeys(words, "a")
    return ["b", 1000, ["b", "a"], [inner], inner, True, None, -0.5, ""]


def _payloads(words: list[str]) -> Iterator[dict[str, Any]]:
    """Yield a payload without keys, and others that have all words as keys."""
    if not words:
        return
    yield {}
    values = _values(words)
    yield from (dict.fromkeys(words, value) for value in values)
    for options in (values, words[:_AS_VALUES]):
        for turn in range(len(options)):
            yield {key: options[(at + turn) % len(options)] for at, key in enumerate(words)}
