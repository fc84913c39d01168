"""Which values are secret, and how they are kept out of every output.

A plugin gets its secrets as plain strings, because a wrapper type leaks at the first formatting
anyway. What protects them is that every *output* of the host is masked: by path where the place
of a value is known, and by text, with `Redactor`, where it is not.
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import traceback
from contextlib import suppress
from typing import Any, Final
from urllib.parse import quote

import attrs

from aitbc_hooks.config.problems import KeyPath  # noqa: TC001 - attrs resolves annotations
from aitbc_hooks.config.userinfo import MASK, userinfo_secrets

__all__ = ["MASK", "Redactor", "is_secret_name", "is_secret_path", "mask"]

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_SECRET_WORDS: Final = frozenset(
    {"password", "passwords", "passwd", "pwd", "passphrase", "secret", "secrets", "token"}
    | {"apikey", "apikeys", "privatekey", "credential", "credentials", "mnemonic"}
)
_SECRET_KEYS: Final = frozenset({"api", "private", "secret", "access", "signing", "encryption"})

_SHORTEST: Final = 4
_SHORTEST_NUMBER: Final = 6
#: Masking these wherever they stand in a log would hide more than it protects.
_COMMON: Final = _SECRET_WORDS | {
    *("true", "false", "none", "null", "test", "example", "default", "local", "localhost"),
    *("admin", "root", "user", "changeme", "bitcoin", "openai"),
}


def is_secret_name(name: str) -> bool:
    """Whether a key of this name holds a secret: ``rpc_password``, ``apiKey``, ``auth-token``."""
    words = [word.lower() for word in _WORD.findall(name)]
    if not _SECRET_WORDS.isdisjoint(words) or words == ["tokens"]:
        return True
    pairs = itertools.pairwise(words)
    return any(first in _SECRET_KEYS and second in {"key", "keys"} for first, second in pairs)


def is_secret_path(path: KeyPath) -> bool:
    """Whether a key on the way to the value has a secret-looking name.

    Plugin names do not count: ``plugins.token-shop`` is no secret as a whole.
    """
    keys = path[2:] if path[:1] == ("plugins",) else path
    return any(isinstance(key, str) and is_secret_name(key) for key in keys)


def mask(value: Any) -> Any:
    """Return `value` with every scalar in it masked; None stays, it has nothing to hide."""
    if isinstance(value, dict):
        return {key: mask(item) for key, item in value.items()}
    if isinstance(value, list):
        return [mask(item) for item in value]
    return None if value is None else MASK


@attrs.define(eq=False)
class Redactor:
    """Masks the known secret values in any text, a log record's included.

    It knows the values of secret keys and those that ``${…}`` took from the environment, and
    learns those that a plugin's schema declares secret. Values of fewer than four characters and
    words such as ``password`` are not searched for: masking them would garble every line.
    """

    _values: set[str] = attrs.field(factory=set, repr=False)
    _pattern: re.Pattern[str] | None = attrs.field(default=None, init=False, repr=False)

    def learn(self, value: Any) -> None:
        """Add a secret value; a mapping or list adds the scalars that it holds."""
        if isinstance(value, dict | list):
            for item in value.values() if isinstance(value, dict) else value:
                self.learn(item)
            return
        if isinstance(value, bool) or value is None:
            return
        text = str(value)
        self.learn_urls(text)
        shortest = _SHORTEST if isinstance(value, str) else _SHORTEST_NUMBER
        if len(text.strip()) >= shortest and text.strip().lower() not in _COMMON:
            self._values = self._values | _spellings(text)  # a new set: others may be reading
            self._pattern = None

    def learn_urls(self, text: str) -> None:
        """Add the credentials in the URLs of `text`, which is no secret as a whole."""
        for secret in userinfo_secrets(text):
            self.learn(secret)

    def redact(self, text: str) -> str:
        """Return `text` with each known secret replaced by asterisks."""
        if not self._values:
            return text
        if self._pattern is None:
            # The longest first: one secret may begin with another.
            longest_first = sorted(self._values, key=len, reverse=True)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))
        return self._pattern.sub(MASK, text)

    def filter(self) -> logging.Filter:
        """Return a filter for a handler or logger; it redacts message, traceback and stack."""
        return _RedactingFilter(self)


def _spellings(text: str) -> set[str]:
    """Return how a secret may stand in an output: plain, escaped, or in a URL."""
    spellings = {
        text,
        text.strip(),
        repr(text)[1:-1],
        json.dumps(text)[1:-1],
        json.dumps(text, ensure_ascii=False)[1:-1],
    }
    with suppress(UnicodeEncodeError):  # a lone surrogate cannot stand in a URL
        spellings |= {quote(text), quote(text, safe="")}
    return {spelling for spelling in spellings if len(spelling) >= _SHORTEST}


class _RedactingFilter(logging.Filter):
    """Redacts a record in place, so that every handler after it sees the masked text."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        redact = self._redactor.redact
        try:
            message = record.getMessage()
        except Exception:  # noqa: BLE001 - logging would print the arguments, secrets included
            message, record.args = f"{record.msg} {record.args!r}", ()
            record.msg = message
        masked = redact(message)
        if masked != message:
            record.msg, record.args = masked, ()
        if record.exc_info and not record.exc_text and record.exc_info[0] is not None:
            record.exc_text = "".join(traceback.format_exception(*record.exc_info)).rstrip("\n")
        if record.exc_text:
            record.exc_text = redact(record.exc_text)
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True
