"""META-03: whether a plugin stays who it is."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from aitbc_hooks.interfaces import PluginMetadata
from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.checks.metadata import metadata_of, says_nothing
from aitbc_hooks.testing.kit.outcomes import Level, Violation

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial


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
    first = metadata_of(specimen.probe)
    _expect_equal(first, metadata_of(specimen.probe), "a second call")

    async def main(trial: Trial) -> None:
        for operation in ("load", "start", "stop"):
            await getattr(trial, operation)()
            _expect_equal(first, metadata_of(trial.plugin), f"an instance after {operation}")

    specimen.attempt(main)


def _expect_equal(first: PluginMetadata, second: PluginMetadata, when: str) -> None:
    for field in dataclasses.fields(PluginMetadata):
        before, after = getattr(first, field.name), getattr(second, field.name)
        if before != after:
            raise Violation(f"expected that {field.name} stays {before!r}; {when} said {after!r}.")
