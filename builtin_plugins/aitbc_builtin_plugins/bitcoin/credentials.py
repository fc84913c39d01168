"""Who the plugin is to the node: a user and password, or the cookie that the node wrote.

The secret leaves this module in one form only, the value of the Authorization header.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import TYPE_CHECKING, Final

from .errors import NodeUnreachableError

if TYPE_CHECKING:
    from .settings import Settings

__all__ = ["Credentials"]

_MAX_COOKIE: Final = 1024


class Credentials:
    """The credentials of one `Settings`; a cookie is read when it is first needed.

    Not an attrs record: its repr must have nothing to show.
    """

    def __init__(self, settings: Settings) -> None:
        self._cookie_file = settings.rpc_cookie_file
        self._pair: str | None = None
        if settings.rpc_user is not None:
            self._pair = f"{settings.rpc_user}:{settings.rpc_password}"

    def header(self) -> str | None:
        """Return the value of the Authorization header; None without credentials.

        Raises:
            NodeUnreachableError: The cookie file cannot be read or holds no cookie.
        """
        if self._pair is None and self._cookie_file is not None:
            self._pair = _read_cookie(self._cookie_file)
        return None if self._pair is None else f"Basic {_base64(self._pair)}"

    def refresh(self) -> bool:
        """Read the cookie again, for a restarted node has written a new one.

        Returns:
            True when the credentials are others than before, so that a second try makes sense.

        Raises:
            NodeUnreachableError: The cookie file cannot be read or holds no cookie.
        """
        if self._cookie_file is None:
            return False
        old, self._pair = self._pair, None
        self._pair = _read_cookie(self._cookie_file)
        return self._pair != old

    def redact(self, text: str) -> str:
        """Return `text` with every trace of the secret replaced, for text that the peer wrote."""
        if self._pair is None:
            return text
        password = self._pair.partition(":")[2]
        for secret in (_base64(self._pair), self._pair, password):
            text = text.replace(secret, "***") if secret else text
        return text


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _read_cookie(path: str) -> str:
    try:
        with Path(path).expanduser().open("rb") as file:
            cookie = file.read(_MAX_COOKIE + 1).decode("ascii").strip()
    except (OSError, RuntimeError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise NodeUnreachableError(
            f"The cookie file {path} cannot be read ({reason}); the node writes it when it starts."
        ) from None
    if ":" not in cookie or len(cookie) > _MAX_COOKIE or not cookie.isprintable():
        raise NodeUnreachableError(f"The file {path} does not hold a cookie of the node.")
    return cookie
