"""Failures that an author has declared as expected: identifier -> reason."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from aitbc_hooks.testing.kit.checking import Check

__all__ = ["declared", "read_declared"]

_NEAR: Final = 3


def declared(xfails: Mapping[str, str], checks: Mapping[str, Check]) -> dict[str, str]:
    """Return expected failures by the identifiers of the checks.

    Args:
        xfails: Identifier or label (``LIFE-04``, ``SHOULD-LIFE-04``) -> reason.
        checks: Identifier -> check.

    Raises:
        ValueError: There is no such check; the message names those that are near.
    """
    ids = {name: check.id for check in checks.values() for name in (check.id, check.label)}
    if unknown := [name for name in xfails if name not in ids]:
        raise ValueError(" ".join(_refusal(name, checks) for name in unknown))
    return {ids[name]: reason for name, reason in xfails.items()}


def _refusal(name: str, checks: Mapping[str, Check]) -> str:
    unlevelled = "-".join(name.upper().split("-")[-2:])
    near = difflib.get_close_matches(unlevelled, checks, n=_NEAR)
    families = dict.fromkeys(check.family for check in checks.values())
    hint = f"near: {', '.join(near)}" if near else f"families: {', '.join(families)}"
    return f"No check is called {name!r}, whose failure is expected ({hint})."


def read_declared(path: Path) -> dict[str, str]:
    """Read expected failures from a file.

    Each line has an identifier and a reason; empty lines and those that begin with ``#`` are
    passed over.

    Raises:
        OSError: The file cannot be read.
        ValueError: A line has no reason, or an identifier has two.
    """
    return dict(_pairs(path.read_text(encoding="utf-8").splitlines(), path))


def _pairs(lines: Iterable[str], path: Path) -> Iterable[tuple[str, str]]:
    seen: set[str] = set()
    for number, line in enumerate(lines, 1):
        name, _, reason = line.strip().partition(" ")
        if not name or name.startswith("#"):
            continue
        if not reason.strip():
            raise ValueError(f"{path}, line {number}: {name} has no reason.")
        if name in seen:
            raise ValueError(f"{path}, line {number}: {name} is there twice.")
        seen.add(name)
        yield name, reason.strip()
