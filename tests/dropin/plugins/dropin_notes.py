"""What the plugins have to tell the tests: which hooks were called, and by which manager."""

from __future__ import annotations

import os
from pathlib import Path


def note(text: str) -> None:
    """Add a line to the file that the test reads."""
    with Path(os.environ["DROPIN_NOTES"]).open("a", encoding="utf-8") as file:
        file.write(f"{text}\n")


def note_manager(manager: object) -> None:
    """Note the classes of a program's manager, and those of its hook callers."""
    bases = " ".join(base.__name__ for base in type(manager).__mro__)
    note(f"manager {bases}")
