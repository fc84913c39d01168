"""META-03: whether a plugin stays who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.checks.metadata import says_nothing
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.trials.steps import LOAD, START, STOP, UNLOAD, Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen


@check(
    "META-03",
    Level.MUST,
    "Metadata is the same on every call, on every instance, in every status.",
    sentence="Caching for plugin metadata",
    source="SPEC.md, Plugin Performance; DESIGN.md, 5",
    needs=["META-02", "LIFE-01"],
    concern=says_nothing,
    fix="Return constants: nothing that depends on the time, the configuration, or what the "
    "plugin has done before.",
    example="""
    class Renamed(Sound):
        calls = 0

        def get_metadata(self):
            Renamed.calls += 1
            return PluginMetadata(f"renamed-{self.calls}", "1.0.0", "Changes", "Me", "MIT")
    """,
)
def metadata_stay_the_same(specimen: Specimen) -> None:
    """Hosts cache metadata: a manifest stands for the code, and an index for a thousand plugins."""
    same = Step("expect_noted_metadata")
    specimen.play(
        [
            LOAD,
            Step("note_metadata"),
            same,
            Step("expect_noted_metadata_of_another"),
            *(START, same),
            *(STOP, same),
            UNLOAD,
        ]
    )
