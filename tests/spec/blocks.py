"""The code blocks of the specification, in their order."""

from __future__ import annotations

import re
from pathlib import Path

SPEC = Path(__file__).with_name("SPEC.md")


def blocks(language: str) -> list[str]:
    text = SPEC.read_text("utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def python_block(holding: str) -> str:
    """Return the one python block that contains `holding`."""
    found = [block for block in blocks("python") if holding in block]
    assert len(found) == 1, holding
    return found[0]
