"""Types of events, and keys of their payloads, that a plugin may know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.mining import mined_strings
from aitbc_hooks.testing.strategies.texts import matching

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["event_types", "payload_keys"]

_NAMES: Final = matching(r"[a-z]{1,8}(?:\.[a-z_]{1,8}){0,2}")
_WORDS: Final = 3


def event_types(plugin: object) -> SearchStrategy[str]:
    """Return types of events: any dotted names, and those that a plugin's ``handle_event`` knows.

    What it knows is mined from its code, so that ``if event_type == "job.new"`` and
    ``event_type.startswith("job.")`` are reached.

    Args:
        plugin: A plugin, its class, a module with hook implementations, or a handler itself.
    """
    known = mined_strings(plugin)
    if not known:
        return _NAMES
    exact = st.sampled_from([name.replace("*", "x") for name in known])
    dotted = st.lists(st.one_of(exact, _NAMES), min_size=2, max_size=_WORDS).map(".".join)
    ends = [name for name in known if not name[-1].isalnum()] or known
    longer = st.builds(str.__add__, st.sampled_from(ends), _NAMES)
    # Twice: what is compared with is worth more than what only resembles it.
    return st.one_of(_NAMES, exact, exact, dotted, longer)


def payload_keys(plugin: object) -> SearchStrategy[str]:
    """Return the strings in a plugin's ``handle_event`` that may be keys of payloads.

    Args:
        plugin: A plugin, its class, a module with hook implementations, or a handler itself.

    Returns:
        A strategy for ``payloads(keys=…)``; it is empty if there are no such strings.
    """
    known = mined_strings(plugin)
    return st.sampled_from(known) if known else st.nothing()
