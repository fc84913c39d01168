"""Whether what is enabled can run: dependencies, versions, host, platform, names of commands."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.cli.reasoning import Judge
from aitbc_hooks.errors import CODES
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS"]

#: Told by the checks of places and of descriptions, whether it is enabled or not.
_TOLD: Final = frozenset(code for code in CODES if code.startswith("AITBC-P")) - {"AITBC-P01"}


def _enabled(scene: Scene) -> Iterator[Trouble]:
    """Ask of each enabled plugin what keeps it from running.

    What is the fault of another enabled plugin is told of that one.
    """
    known, config = scene.known, scene.config
    if known is None or config is None:
        return
    judge = Judge(known, config)
    names = {row.name: row for row in known.overview.listings if row.enabled}
    for name in [*names, *known.overview.missing]:
        for obstacle in judge.obstacles(canonical_name(name)):
            if obstacle.code not in _TOLD and not names.keys() & obstacle.through[:1]:
                fix = f"{obstacle.fix} More: aitbc-hooks why {name}"
                yield Trouble(name, obstacle.text, fix, obstacle.code)


def _commands(scene: Scene) -> Iterator[Trouble]:
    """Ask whether every command that plugins offer can be called by its name."""
    if scene.known is not None:
        for refusal in scene.known.overview.offers.refusals():
            yield Trouble("commands", refusal.message, refusal.hint or "", refusal.code)


CHECKS: Final = (
    Check("what is enabled", _enabled),
    Check("names of commands", _commands),
)
