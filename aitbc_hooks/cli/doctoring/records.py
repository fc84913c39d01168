"""What a check is, and what it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.cli.sentences import ended
from aitbc_hooks.cli.table import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["Check", "Trouble"]


@attrs.frozen
class Trouble:
    """One thing that is wrong, or worth knowing.

    Attributes:
        subject: What it is about: a plugin, a file, a folder.
        text: What is wrong.
        fix: What to do, as an imperative sentence.
        code: A key of `aitbc_hooks.errors.CODES`; empty if none is about it.
        is_wrong: False for what may be as it is meant to be.
    """

    subject: str
    text: str
    fix: str
    code: str = ""
    is_wrong: bool = True

    def line(self) -> str:
        """Return it as one line, nothing in which could steer a terminal."""
        head = "wrong" if self.is_wrong else "note "
        code = f"[{self.code}] " if self.code else ""
        return printable(f"{head}  {code}{self.subject}: {ended(self.text)} {self.fix}".rstrip())

    def record(self, check: str) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"check": check, **attrs.asdict(self)}


@attrs.frozen
class Check:
    """One question to an installation.

    Attributes:
        name: A few words, for whoever wonders what was looked at.
        look: Yields what is wrong.
        deep: Whether plugins are loaded for it, each in a process of its own.
    """

    name: str
    look: Callable[[Scene], Iterator[Trouble]]
    deep: bool = False
