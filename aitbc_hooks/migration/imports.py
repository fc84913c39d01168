"""Imports of names from where they live, instead of from where they are offered."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from aitbc_hooks.migration.findings import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.migration.findings import Finding
    from aitbc_hooks.migration.source import Source

__all__ = ["find_imports"]

_INNER: Final = "aitbc_hooks.interfaces"

#: Inner modules -> the documented path of the same names.
_OFFERED: Final = {
    _INNER: "aitbc.plugins",
    "aitbc_hooks.testing.case": "aitbc.plugins.testing",
    "aitbc_hooks.testing.doubles": "aitbc.plugins.testing",
}

_WHY: Final = "Inner modules move; a plugin imports from aitbc.plugins (SPEC.md, Example Plugin)."


def find_imports(source: Source) -> Iterator[Finding]:
    """Yield the imports from inner modules, wherever they stand in the file."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            yield from _from(source, node)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if offered := _offered(alias.name):
                    what = f"import {alias.name}: import what is needed from {offered}."
                    yield source.finding("import-path", node.lineno, what, _WHY)


def _offered(module: str) -> str | None:
    """Return the documented path of what an inner module has."""
    return next(
        (path for inner, path in _OFFERED.items() if f"{module}.".startswith(f"{inner}.")), None
    )


def _from(source: Source, node: ast.ImportFrom) -> Iterator[Finding]:
    module = node.module or ""
    offered = _offered(module)
    if offered is None:
        return
    inner = [alias.name for alias in node.names if alias.name not in _names_of(offered)]
    what = f"from {module} import …: import from {offered}."
    if inner:
        what = f"from {module} import {inner[0]}: {offered} does not offer that name."
        yield source.finding("import-path", node.lineno, what, _WHY)
        return
    edits = _edits(source, node, module, offered)
    yield source.finding("import-path", node.lineno, what, _WHY, edits)


def _names_of(path: str) -> frozenset[str]:
    import importlib  # noqa: PLC0415 - a plugin's imports are rarely inner ones

    return frozenset(importlib.import_module(path).__all__)


def _edits(source: Source, node: ast.ImportFrom, module: str, offered: str) -> tuple[Edit, ...]:
    """Return the replacement of the module's name, if it stands there in one piece."""
    start = source.start(node)
    found = re.compile(rf"from[ \t]+({re.escape(module)})(?![\w.])").match(source.text, start)
    return (Edit(found.start(1), found.end(1), offered),) if found else ()
