"""What only the author of a plugin knows, as a command line says it: ``address=tc1q…``."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from hypothesis.strategies import SearchStrategy

__all__ = ["read_samples", "strategies_of"]

#: Arguments of the specialised interfaces that are texts.
_TEXTS: Final = ("address", "contract_address", "event_name")
#: Those that are written as JSON.
_JSON: Final = ("from_block", "tx_data", "input_data", "training_data")


def read_samples(texts: Iterable[str]) -> dict[str, list[Any]]:
    """Read samples.

    Args:
        texts: Each a name, ``=`` and a value; a name may come several times.

    Returns:
        Name -> its values.

    Raises:
        ValueError: A name is none, or a value is no JSON where it has to be.
    """
    found: dict[str, list[Any]] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or name not in (*_TEXTS, *_JSON):
            known = ", ".join((*_TEXTS, *_JSON))
            raise ValueError(f"{text!r}: expected NAME=VALUE, where NAME is one of {known}.")
        found.setdefault(name, []).append(value if name in _TEXTS else _read(name, value))
    return found


def _read(name: str, value: str) -> Any:
    try:
        return json.loads(value)
    except ValueError as error:
        raise ValueError(f"{name}={value}: expected JSON: {error}.") from None


def strategies_of(samples: Mapping[str, Sequence[Any]]) -> dict[str, SearchStrategy[Any]]:
    """Return a strategy of the values of each name: ``samples=`` of `Specimen`."""
    return {name: st.sampled_from(values).map(copy.deepcopy) for name, values in samples.items()}
