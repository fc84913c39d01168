"""ISO: two instances of one plugin, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen


def _is_single(specimen: Specimen) -> str | None:
    return None if specimen.makes_instances else "it is one object, and belongs to one host."


@check(
    "ISO-01",
    Level.MUST,
    "Two instances do not disturb each other.",
    sentence="Self-contained module that extends AITBC functionality",
    source="SPEC.md, Core Concepts",
    needs=["LIFE-01", "LIFE-02"],
    concern=_is_single,
    fix="Keep state in `self`, made in `__init__` or `initialize()`: not in the class, not in the "
    "module. Listen on port 0, and keep files below `context.data_dir`.",
    example="""
    class Shared(Sound):
        connections = {}

        async def start(self):
            self.connections["main"] = object()
            return True

        async def stop(self):
            del self.connections["main"]
            return True
    """,
)
def lives_beside_another(specimen: Specimen) -> None:
    """A host that reloads makes the new instance while the old one still serves."""
    specimen.play([Step("live_beside_another")])
