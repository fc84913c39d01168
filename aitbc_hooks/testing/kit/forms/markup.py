"""Texts that are safe in XML: what no XML document can hold is shown as an escape."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["safe"]

#: All but the characters of XML 1.0, section 2.2. A carriage return would come back as a new line.
_FORBIDDEN: Final = re.compile("[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def safe(text: str) -> str:
    """Return a text with escapes in the place of the characters that XML cannot hold."""
    return _FORBIDDEN.sub(lambda found: ascii(found[0])[1:-1], text)
