"""What a plugin may be called, and when two names are the same."""

from __future__ import annotations

import re
from typing import Final

__all__ = ["PLUGIN_NAME", "canonical_name"]

#: The grammar of a plugin's name: SPEC.md's pattern, anchored to the whole string.
PLUGIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


def canonical_name(name: str) -> str:
    """Return the form under which names are compared: lower case (DESIGN: names)."""
    return name.lower()
