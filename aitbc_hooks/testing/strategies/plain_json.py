"""JSON values and the payloads of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.strategies.texts import CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import SearchStrategy

__all__ = ["json_values", "payloads"]

#: What every JSON reader keeps exactly (RFC 7493, 2.2).
_EXACT: Final = 2**53
_TEXT: Final = st.text(CHARACTERS)
_LEAVES: Final = 6
_KEYS: Final = 5


def json_values() -> SearchStrategy[Any]:
    """Return small JSON values of every kind.

    Floats are finite, integers within 2**53 on both sides; text has any character, but no
    surrogates, which are none (RFC 8259, 8.2).
    """
    return _VALUES


_SCALARS: Final = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-_EXACT, _EXACT),
    st.floats(allow_nan=False, allow_infinity=False),
    _TEXT,
)
_VALUES: Final = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=_KEYS), st.dictionaries(_TEXT, inner, max_size=_KEYS)
    ),
    max_leaves=_LEAVES,
)


def payloads(keys: SearchStrategy[str] | Iterable[str] = ()) -> SearchStrategy[dict[str, Any]]:
    """Return payloads of events: small dicts of JSON values.

    Args:
        keys: Keys that are likely, such as `payload_keys` finds; others occur too.
    """
    likely = keys if isinstance(keys, st.SearchStrategy) else _among(keys)
    return st.dictionaries(st.one_of(_TEXT, likely), _VALUES, max_size=_KEYS)


def _among(keys: Iterable[str]) -> SearchStrategy[str]:
    listed = list(dict.fromkeys(keys))
    return st.sampled_from(listed) if listed else st.nothing()
