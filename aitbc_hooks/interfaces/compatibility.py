"""Whether a plugin and a host mean the same interface."""

from __future__ import annotations

import re
from typing import Final

from aitbc_hookspecs import INTERFACE_VERSION

__all__ = ["INTERFACE", "interface_problem"]

#: How an interface's version is written.
INTERFACE: Final = re.compile(r"(\d+)\.(\d+)", re.ASCII)


def interface_problem(declared: object, offered: str = INTERFACE_VERSION) -> str | None:
    """Say why a plugin of interface `declared` does not fit a host that has `offered`, or None.

    It fits a host of the same major version that is not older: ``1.1`` fits 1.1 and 1.4, and
    neither 1.0 nor 2.0.

    Args:
        declared: ``interface`` of a manifest, MAJOR.MINOR.
        offered: The host's `INTERFACE_VERSION`.
    """
    found = INTERFACE.fullmatch(declared) if isinstance(declared, str) else None
    if found is None:
        return f"interface is {declared!r}; it is a text of the form MAJOR.MINOR."
    mine, theirs = tuple(map(int, found.groups())), tuple(map(int, offered.split(".")))
    if mine[0] != theirs[0] or mine > theirs:
        return f"it is written for interface {declared}; this host has {offered}."
    return None
