"""Hooks, and arguments of hooks, that the interface will lose."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import aitbc_hookspecs
from aitbc_hooks.migration.classes import contract_names, methods_of, plugin_classes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.migration.findings import Finding
    from aitbc_hooks.migration.source import Source
    from aitbc_hookspecs import Deprecated

__all__ = ["find_deprecated"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef


def find_deprecated(source: Source) -> Iterator[Finding]:
    """Yield the implementations of what is deprecated."""
    specs = _specs()
    if not specs:
        return
    for name, function in _implementations(source.tree):
        options = specs.get(name, {})
        if deprecated := options.get("deprecated"):
            yield _finding(source, function, f"hook {name}", "implement", deprecated)
        arguments = {each.arg for each in (*function.args.posonlyargs, *function.args.args)}
        for argument, deprecated in (options.get("deprecated_args") or {}).items():
            if argument in arguments:
                what = f"argument {argument} of hook {name}"
                yield _finding(source, function, what, "take", deprecated)


def _specs() -> dict[str, dict[str, Any]]:
    """Return the options of the hookspecs in which something is deprecated, by name."""
    marker = f"{aitbc_hookspecs.PROJECT_NAME}_spec"
    specs = {
        name: getattr(value, marker)
        for module in aitbc_hookspecs.SPEC_MODULES
        for name, value in vars(module).items()
        if hasattr(value, marker)
    }
    return {
        name: options
        for name, options in specs.items()
        if options.get("deprecated") or options.get("deprecated_args")
    }


def _implementations(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """Yield hook name and function: methods of plugin classes, and functions that are marked."""
    for plugin in plugin_classes(tree):
        for method in methods_of(plugin.node):
            yield method.name, method
    names = contract_names(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for mark in node.decorator_list:
                call = mark if isinstance(mark, ast.Call) else None
                spelt = ast.unparse(call.func if call else mark)
                if names.get(spelt, spelt) == "hookimpl":
                    yield _specname(call) or node.name, node


def _specname(call: ast.Call | None) -> str | None:
    for keyword in call.keywords if call else ():
        if keyword.arg == "specname" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    return None


def _finding(
    source: Source, function: _Function, what: str, verb: str, deprecated: Deprecated
) -> Finding:
    instead = f"{verb} {deprecated.use} instead" if deprecated.use else "nothing takes its place"
    why = f"Deprecated since {deprecated.since}; it goes with {deprecated.removed_in}."
    return source.finding("deprecated", function.lineno, f"{what}: {instead}.", why)
