"""`conformance`: all checks of one plugin, in this process."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.testing.kit.checks import CHECKS
from aitbc_hooks.testing.kit.outcomes import Level
from aitbc_hooks.testing.kit.report import Report
from aitbc_hooks.testing.kit.running import Examination
from aitbc_hooks.testing.kit.specimen import Specimen
from aitbc_hooks.testing.kit.untested import UNTESTED

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aitbc_hooks.testing.kit.checking import Check

__all__ = ["conformance"]


def conformance(
    plugin: object,
    *,
    level: Level | str = Level.MUST,
    seed: int = 0,
    checks: Mapping[str, Check] = CHECKS,
    **options: Any,
) -> Report:
    """Run the checks on a plugin, in this process.

    Args:
        plugin: A class, a factory that takes the context, an instance, a module or an object with
            hookimpls, a legacy class or object.
        level: The lowest level whose failures make the plugin non-conformant.
        seed: Of what is generated; the same one gives the same report.
        checks: Identifier -> check; by default all.
        options: ``config``, ``formats``, ``samples``, ``provides``, ``api_client``, ``examples``,
            ``budget``: as `Specimen` describes them.

    Returns:
        What each check came to, and the verdict.
    """
    specimen = Specimen(plugin, random_seed=seed, **options)
    examination = Examination(specimen, checks)
    results = tuple(examination.result(id) for id in checks)  # noqa: A001 - the reader's word
    return Report(specimen.name, results, seed=seed, untested=UNTESTED, level=Level(level))
