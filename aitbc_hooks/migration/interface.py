"""The interface version that a plugin was written for, where its manifest says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.interfaces.compatibility import interface_problem
from aitbc_hooks.migration.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["find_interface"]

_WHY: Final = (
    "A minor version of the interface only adds; a major one takes away what was deprecated."
)


def find_interface(file: str, text: str) -> Iterator[Finding]:
    """Yield what is wrong with the interface version in a ``plugin.toml``."""
    import tomllib  # noqa: PLC0415 - for manifests only

    try:
        plugin = tomllib.loads(text).get("plugin")
    except (ValueError, RecursionError) as error:
        yield Finding("unreadable", file, 0, f"it is no TOML: {error}", "It is left as it is.")
        return
    declared = plugin.get("interface") if isinstance(plugin, dict) else None
    problem = None if declared is None else interface_problem(declared)
    if problem is not None:
        before = text[: text.find("interface")]
        yield Finding("interface-version", file, before.count("\n") + 1, problem, _WHY)
