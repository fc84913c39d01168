"""All checks, in the order in which they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring import (
    caching,
    configuration,
    describing,
    environment,
    fitting,
    places,
)
from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.errors import AitbcError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS", "examine"]

#: The cache comes before whatever reads it, which makes it anew.
CHECKS: Final[tuple[Check, ...]] = (
    *environment.CHECKS,
    *caching.CHECKS,
    *configuration.CHECKS,
    *places.CHECKS,
    *describing.CHECKS,
    *fitting.CHECKS,
)


def examine(scene: Scene, *, deep: bool = False) -> Iterator[tuple[Check, Trouble]]:
    """Yield what the checks find, each thing once.

    Args:
        scene: The installation.
        deep: Also make the checks that load plugins.
    """
    told = set()
    for check in CHECKS:
        if check.deep and not deep:
            continue
        for trouble in _found(check, scene):
            if trouble not in told:
                told.add(trouble)
                yield check, trouble


def _found(check: Check, scene: Scene) -> Iterator[Trouble]:
    """Yield what one check finds; where it fails, the others are made all the same."""
    try:
        yield from check.look(scene)
    except AitbcError as error:
        yield Trouble(error.plugin or "plugins", error.message, error.hint or "", error.code)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other checks are sound
        text = f"this could not be looked at: {type(error).__name__}: {error}"
        yield Trouble(check.name, text, "Report it with the output of aitbc-hooks -v doctor.")
