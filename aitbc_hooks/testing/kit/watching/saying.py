"""Listening to all that a plugin says: log records, prints, health, repr, events, failures."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.outcomes import Violation

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.testing.kit.trials.trial import Trial

__all__ = ["Listener", "places_of"]


#: The alphabet of the Base64 for URLs, in that of the usual one.
_STANDARD: Final = str.maketrans("-_", "+/")


class Listener(logging.Handler):
    """Keeps every log record, and what is printed."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[tuple[str, str]] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record as it would be written."""
        with contextlib.suppress(Exception):
            self.said.append((f"a log record ({record.levelname})", self.format(record)))

    def write(self, text: str) -> None:
        """Keep what is printed."""
        self.said.append(("what it prints", text))

    @contextlib.contextmanager
    def listening(self, logger: logging.Logger) -> Iterator[None]:
        """Listen during the body of the ``with`` statement."""
        loggers = (logger, logging.getLogger())
        levels = [each.level for each in loggers]
        streams = sys.stdout, sys.stderr
        for each in loggers:
            each.addHandler(self)
            each.setLevel(logging.DEBUG)
        sys.stdout, sys.stderr = _Tee(self, streams[0]), _Tee(self, streams[1])
        try:
            yield
        finally:
            sys.stdout, sys.stderr = streams
            for each, level in zip(loggers, levels, strict=True):
                each.removeHandler(self)
                each.setLevel(level)


class _Tee:
    """A text stream that passes on what it is given, after it was listened to."""

    def __init__(self, listener: Listener, stream: TextIO) -> None:
        self._listener = listener
        self._stream = stream

    def write(self, text: str) -> int:
        self._listener.write(text)
        return self._stream.write(text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


async def places_of(trial: Trial, text: str, listener: Listener) -> list[str]:
    """Return where the plugin has said a text so far, as it is or in Base64, in words."""
    metadata = trial.hooks.implementation(trial.plugin, "get_metadata")
    said = [
        *listener.said,
        ("health_check()", await _health_of(trial)),
        ("its repr()", shown(trial.plugin)),
        ("its metadata", shown(metadata()) if metadata else ""),
        *(("an event", repr(event)) for event in trial.published),
        ("a failure", str(trial.lifecycle.failure or "")),
    ]
    encoded = _in_base64(text)
    found = [where for where, what in said if text in what]
    for where, what in said:
        plain = what.translate(_STANDARD)
        found += [f"{where}, in Base64" for form in encoded if form in plain]
    return found


def _in_base64(text: str) -> list[str]:
    """Return what stands for a text in Base64 (RFC 4648), wherever it begins in what is encoded."""
    forms = []
    for before, shared in enumerate(
        (0, 2, 3)
    ):  # the bytes before it, and the characters they touch
        encoded = base64.b64encode(b"\0" * before + text.encode()).decode()
        whole = (before + len(text.encode())) * 8 // 6
        forms.append(encoded[shared:whole])
    return forms


async def _health_of(trial: Trial) -> str:
    """Return what the plugin says of its health, well or badly."""
    try:
        return json.dumps(await trial.health())
    except Violation as violation:
        return violation.message
