"""HLTH: what a plugin says of its health."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen

_HEALTH: Final = Step("health")


def _says_nothing(specimen: Specimen) -> str | None:
    return None if specimen.implements("health_check") else "it implements no health_check()."


@check(
    "HLTH-01",
    Level.MUST,
    "health_check() returns a JSON dict with a text under `status`, whether the plugin is loaded, "
    "active or inactive.",
    sentence="Return plugin health status",
    source="SPEC.md, Base Plugin Interface",
    needs=["LIFE-01"],
    concern=_says_nothing,
    fix="Extend what `await super().health_check()` returns, with JSON values, and do not count "
    "on what `start()` makes.",
    example="""
    class Vague(Sound):
        async def health_check(self):
            return {"since": object()}
    """,
)
def health_is_told(specimen: Specimen) -> None:
    """Health goes to endpoints and dashboards as JSON, and is asked for at any time."""
    specimen.play([LOAD, _HEALTH, START, _HEALTH, STOP, _HEALTH, UNLOAD])
