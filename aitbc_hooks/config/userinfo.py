"""Credentials inside URLs: ``scheme://user:password@host``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["MASK", "mask_userinfo", "userinfo_secrets"]

MASK: Final = "**********"

#: As URL parsers see it: up to the last "@" before the path, the query or the fragment.
_USERINFO: Final = re.compile(r"(?<=://)[^\s/?#]+(?=@)")


def mask_userinfo(text: str) -> str:
    """Return `text` with user names and passwords of the URLs in it masked."""
    return _USERINFO.sub(MASK, text) if "@" in text else text


def userinfo_secrets(text: str) -> Iterator[str]:
    """Yield what to search for in outputs: each URL's password, as written and decoded.

    A user name that stands alone may be a token or just a name such as ``postgres``, so it counts
    only together with its ``@``.
    """
    for found in _USERINFO.findall(text) if "@" in text else ():
        secret = found.partition(":")[2] or f"{found}@"
        yield from {secret, unquote(secret)}
