"""What callers hand in, checked and made into records; each error begins with the key at fault."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from .model import Example
from .text import normalise

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "MAX_EXAMPLES",
    "SOURCE_LANGUAGE",
    "TARGET_LANGUAGE",
    "read_examples",
    "read_request",
    "starter_examples",
]

SOURCE_LANGUAGE: Final = "en"
TARGET_LANGUAGE: Final = "es"
#: Characters of a text to translate.
MAX_TEXT: Final = 10_000
#: Examples that one model learns from.
MAX_EXAMPLES: Final = 50_000
#: Characters of each side of an example.
MAX_EXAMPLE_TEXT: Final = 2_000


def read_request(input_data: object) -> str:
    """Return the text that `predict` was asked to translate.

    Raises:
        ValueError: A key is missing, has the wrong type, is too long, or names a language that
            the model does not serve.
    """
    if not isinstance(input_data, dict):
        raise _wrong("input_data", "a dict", input_data)
    text = _text(input_data, "text", "text", MAX_TEXT)
    pair = (
        input_data.get("source_language", SOURCE_LANGUAGE),
        input_data.get("target_language", TARGET_LANGUAGE),
    )
    for key, value, served in zip(
        ("source_language", "target_language"),
        pair,
        (SOURCE_LANGUAGE, TARGET_LANGUAGE),
        strict=True,
    ):
        if value != served:
            raise ValueError(
                f"{key}: cannot translate from {pair[0]!r} to {pair[1]!r}; supported: "
                f"from {SOURCE_LANGUAGE!r} to {TARGET_LANGUAGE!r}."
            )
    return text


def read_examples(training_data: object) -> tuple[Example, ...]:
    """Read what `train` was given.

    Raises:
        ValueError: It is no list, has too many entries, or an entry's text is missing, of the
            wrong type, blank or too long.
    """
    if not isinstance(training_data, list | tuple):
        raise _wrong("training_data", "a list of {source, target}", training_data)
    if len(training_data) > MAX_EXAMPLES:
        raise ValueError(
            f"training_data: {len(training_data)} examples; at most {MAX_EXAMPLES} are accepted."
        )
    return tuple(
        _example(entry, f"training_data[{index}]") for index, entry in enumerate(training_data)
    )


def starter_examples() -> tuple[Example, ...]:
    """Return the starter set: everyday English and Spanish, written for this plugin."""
    pairs = json.loads(Path(__file__).with_name("starter.json").read_text(encoding="utf-8"))
    return tuple(Example(normalise(source), normalise(target)) for source, target in pairs)


def _example(entry: object, where: str) -> Example:
    if not isinstance(entry, dict):
        raise _wrong(where, "a dict with source and target", entry)
    sides = []
    for name in ("source", "target"):
        side = _text(entry, name, f"{where}.{name}", MAX_EXAMPLE_TEXT)
        if not side.strip():
            raise ValueError(f"{where}.{name}: expected some text, got only white space.")
        sides.append(normalise(side))
    return Example(*sides)


def _text(data: Mapping[str, Any], name: str, where: str, limit: int) -> str:
    if name not in data:
        raise ValueError(f"{where}: missing.")
    value = data[name]
    if not isinstance(value, str):
        raise _wrong(where, "a string", value)
    if len(value) > limit:
        raise ValueError(f"{where}: {len(value)} characters; at most {limit} are accepted.")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError(f"{where}: not valid Unicode text: it has a lone surrogate.") from None
    return value


def _wrong(where: str, expected: str, value: object) -> ValueError:
    return ValueError(f"{where}: expected {expected}, got {type(value).__name__}.")
