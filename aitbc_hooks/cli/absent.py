"""What the configuration enables and the host cannot even try to run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.cli.names import did_you_mean
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Collection

    from aitbc_hooks.manager import PluginManager

__all__ = ["Absent", "absent_record", "find_absent"]


@attrs.frozen
class Absent:
    """A plugin that is enabled and not there.

    Attributes:
        name: Its name, as the configuration has it.
        status: ``unknown``, or ``passed over``: something of that name is there and unfit.
        code: A key of `aitbc_hooks.errors.CODES`.
        message: The reason.
    """

    name: str
    status: str
    code: str
    message: str


def find_absent(manager: PluginManager, blocked: Collection[str]) -> list[Absent]:
    """Return what is enabled and not there.

    Args:
        manager: The host.
        blocked: Canonical names of plugins that are not wanted in this run.
    """
    return [
        _absent(manager, name)
        for name, settings in manager.settings.plugins.items()
        if settings.enabled
        and canonical_name(name) not in blocked
        and manager.catalogue.get(name) is None
    ]


def _absent(manager: PluginManager, name: str) -> Absent:
    for rejected in manager.catalogue.rejected:
        if canonical_name(rejected.name) == canonical_name(name):
            error = rejected.error
            return Absent(name, "passed over", error.code, f"{rejected.location}: {error.message}")
    known = [candidate.name for candidate in manager.catalogue.candidates.values()]
    message = f"no plugin of that name is known.{did_you_mean(name, known)}"
    return Absent(name, "unknown", "AITBC-P01", message)


def absent_record(absent: Absent) -> dict[str, Any]:
    """Return it as JSON values, in the shape of the plugins that are there."""
    return {
        "name": absent.name,
        "status": absent.status,
        "failure": {"code": absent.code, "message": absent.message},
    }
