"""The plugin's settings, checked: what `config_schema.json` describes, as a record.

The host checks the ``config`` block against the schema; `connect` may be given any dict, so the
record checks everything itself. No message contains
a value, because a value in the wrong place may be a password.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

import attrs

from .errors import MalformedError
from .http1 import Endpoint

__all__ = ["Settings"]

#: C0, DEL and C1; and halves of characters, which nothing can send.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_MAX_SECONDS: Final = 3600
_MAX_COUNT: Final = 1_000_000


def _text(key: str, value: object) -> None:
    if not isinstance(value, str):
        raise MalformedError(f"{key}: expected a string, got {type(value).__name__}.")
    if _CONTROL.search(value):
        raise MalformedError(f"{key}: expected no control characters.")


def _non_empty(key: str, value: object) -> None:
    _text(key, value)
    if not value:
        raise MalformedError(f"{key}: expected a non-empty string.")


def _url(key: str, value: object) -> None:
    _text(key, value)
    Endpoint.parse(str(value))


def _user(key: str, value: object) -> None:
    _non_empty(key, value)
    if ":" in str(value):
        raise MalformedError(f"{key}: a user name cannot contain ':'.")


def _seconds(key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MalformedError(f"{key}: expected a number of seconds, got {type(value).__name__}.")
    if not (math.isfinite(value) and 0 < value <= _MAX_SECONDS):
        raise MalformedError(f"{key}: expected more than 0 and at most {_MAX_SECONDS} seconds.")


def _count(key: str, value: object) -> None:
    if isinstance(value, bool) or not isinstance(value, int):
        raise MalformedError(f"{key}: expected an integer, got {type(value).__name__}.")
    if not 1 <= value <= _MAX_COUNT:
        raise MalformedError(f"{key}: expected 1 to {_MAX_COUNT}.")


_CHECKS: Final[dict[str, Callable[[str, object], None]]] = {
    "rpc_url": _url,
    "rpc_user": _user,
    "rpc_password": _text,
    "rpc_cookie_file": _non_empty,
    "wallet": _non_empty,
    "timeout": _seconds,
    "scan_timeout": _seconds,
    "confirmations": _count,
    "poll_interval": _seconds,
    "max_scan_blocks": _count,
}


@attrs.frozen
class Settings:
    """The settings of `docs/configuration.md`; times in seconds."""

    rpc_url: str = "http://localhost:8332"
    rpc_user: str | None = attrs.field(default=None, repr=False)
    rpc_password: str | None = attrs.field(default=None, repr=False)
    rpc_cookie_file: str | None = None
    wallet: str | None = None
    timeout: float = 10
    scan_timeout: float = 300
    confirmations: int = 1
    poll_interval: float = 30
    max_scan_blocks: int = 2016

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Settings:
        """Read a ``config`` block; what it leaves out has its default.

        Raises:
            MalformedError: A key is unknown, a value is of the wrong type or out of range, or two
                keys contradict each other. The message names the key and never the value.
        """
        if not isinstance(config, Mapping):
            raise MalformedError(f"config: expected a mapping, got {type(config).__name__}.")
        unknown = sorted(str(key) for key in config.keys() - _CHECKS.keys())
        if unknown:
            raise MalformedError(
                f"unknown setting {', '.join(unknown)}; known: {', '.join(_CHECKS)}."
            )
        for key, value in config.items():
            _CHECKS[key](key, value)
        settings = cls(**config)
        if (settings.rpc_user is None) != (settings.rpc_password is None):
            raise MalformedError("rpc_user and rpc_password: expected both or neither.")
        if settings.rpc_user is not None and settings.rpc_cookie_file is not None:
            raise MalformedError("rpc_cookie_file: not together with rpc_user and rpc_password.")
        return settings
