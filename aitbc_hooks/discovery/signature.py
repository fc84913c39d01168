"""Whether a file is what it was: told from its `os.stat`, and from its content where that may lie."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import os

__all__ = ["digest", "is_doubtful", "sign"]

#: File systems count time in steps of up to two seconds (FAT): what was changed within one step of
#: a look may have been changed again after it, with the same time.
_STEP: Final = 2_000_000_000


def sign(found: os.stat_result) -> str:
    """Return the signature of what `os.stat` has found: size, and two times in nanoseconds.

    The second time, of the entry itself, changes also where somebody sets that of the content
    back, as archives and build tools do.
    """
    return f"{found.st_size} {found.st_mtime_ns} {found.st_ctime_ns}"


def is_doubtful(found: os.stat_result, seen: int) -> bool:
    """Whether an equal signature does not prove that the file is the same.

    Args:
        found: The file, whose signature is what it was then.
        seen: When it was then; nanoseconds since the epoch.
    """
    settled = seen - _STEP
    return found.st_mtime_ns > settled or found.st_ctime_ns > settled


def digest(data: bytes) -> str:
    """Return a digest of a file's content; against accidents, not against attackers."""
    return hashlib.blake2b(data, digest_size=12, usedforsecurity=False).hexdigest()
