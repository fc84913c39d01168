"""Modules of the old kinds, for which there are adapters."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.migration.classes import contract_names, methods_of, plugin_classes
from aitbc_hooks.migration.findings import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.migration.findings import Finding
    from aitbc_hooks.migration.source import Source

__all__ = ["find_shapes"]

_FACTORY: Final = "create_plugin"
_GROUP: Final = "plugin_command"
_SAID: Final = ("__version__", "__author__", "__license__")
_WHY: Final = (
    "A host runs subclasses of BasePlugin, @hookimpl functions, and what an adapter wraps."
)

_FACTORY_TEXT: Final = '''

def create_plugin(context):
    """Let a host run what this module has, through an adapter."""
{body}
'''


@attrs.frozen
class _Shape:
    """Something in a module that an adapter could present as a plugin.

    Attributes:
        line: Where it is.
        what: What it is, in words.
        adapter: The adapter's name.
        argument: What the adapter is given.
        lacks: What stands in the way of doing it mechanically.
        imports: What the factory has to import besides.
    """

    line: int
    what: str
    adapter: str
    argument: str
    lacks: str | None
    imports: str = ""


def find_shapes(source: Source) -> Iterator[Finding]:
    """Yield what a plugin's main module needs to be one, if it is of an old kind."""
    if _is_plugin(source.tree):
        return
    shapes = list(_shapes(source.tree))
    for shape in shapes:
        what = f"{shape.what} needs {shape.adapter} in a {_FACTORY}(context)."
        edits: tuple[Edit, ...] = ()
        if shape.lacks:
            what = f"{what} {shape.lacks}"
        elif len(shapes) > 1:
            what = f"{what} There are {len(shapes)} of these; a module has one plugin."
        else:
            edits = (_factory(source, shape),)
        yield source.finding("adapter", shape.line, what, _WHY, edits)


def _is_plugin(tree: ast.Module) -> bool:
    if plugin_classes(tree):
        return True
    names = contract_names(tree)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            marks = [ast.unparse(each).partition("(")[0] for each in node.decorator_list]
            marked = any(names.get(mark, mark) == "hookimpl" for mark in marks)
            if marked or node.name == _FACTORY:
                return True
        elif _FACTORY in _bound(node):
            return True
    return False


def _bound(node: ast.stmt) -> set[str]:
    """Return the names that a statement at the top of a module binds."""
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name for alias in node.names}
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    targets = node.targets if isinstance(node, ast.Assign) else []
    if isinstance(node, ast.AnnAssign):
        targets = [node.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _shapes(tree: ast.Module) -> Iterator[_Shape]:
    names = contract_names(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            methods = {method.name for method in methods_of(node)}
            bases = {names.get(ast.unparse(base), ast.unparse(base)) for base in node.bases}
            if "LegacyPlugin" in bases:
                yield _class_shape(node, "LegacyPlugin", "LegacyPluginAdapter")
            elif "execute" in methods and methods & {"setup", "cleanup", "health_check"}:
                yield _class_shape(node, "a service", "LegacyServiceAdapter")
        elif _GROUP in _bound(node):
            yield _module_shape(tree, node)


def _class_shape(node: ast.ClassDef, kind: str, adapter: str) -> _Shape:
    lacks = None
    if any(method.name == "__init__" and _has_required(method) for method in methods_of(node)):
        lacks = "Its constructor takes arguments; only you know which."
    elif len(node.bases) > (kind != "a service") or node.keywords:
        lacks = "It has bases of its own; whether its constructor takes arguments cannot be seen."
    elif kind != "a service" and not _has_interface_method(node):
        lacks = "Only you know which of its methods do what: pass methods={...}."
    elif not _has_metadata(node.body):
        lacks = "It has no `metadata = PluginMetadata(...)`; only you know what it is."
    what = (
        f"{node.name}, {kind} of the old kind,"
        if kind == "a service"
        else f"{node.name}, a {kind},"
    )
    return _Shape(node.lineno, what, adapter, f"{node.name}()", lacks)


def _has_required(method: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a constructor cannot be called without arguments."""
    arguments = method.args
    positional = [*arguments.posonlyargs, *arguments.args][1:]
    return len(positional) > len(arguments.defaults) or None in arguments.kw_defaults


def _has_interface_method(node: ast.ClassDef) -> bool:
    known = {"initialize", "start", "stop", "cleanup", "health_check", "handle_event"}
    return any(method.name in known for method in methods_of(node))


def _has_metadata(body: list[ast.stmt]) -> bool:
    """Return whether ``metadata = PluginMetadata(...)`` stands in a body."""
    for node in body:
        if isinstance(node, ast.Assign | ast.AnnAssign) and "metadata" in _bound(node):
            called = node.value.func if isinstance(node.value, ast.Call) else None
            if called is not None and ast.unparse(called).rpartition(".")[2] == "PluginMetadata":
                return True
    return False


def _module_shape(tree: ast.Module, node: ast.stmt) -> _Shape:
    bound = set().union(*map(_bound, tree.body))
    missing = [name for name in _SAID if name not in bound]
    lacks = None
    if missing and not _has_metadata(tree.body):
        lacks = f"The module has no {', '.join(missing)}; only you know them."
    what = f"The module's click group {_GROUP}"
    argument = "sys.modules[__name__]"
    return _Shape(node.lineno, what, "LegacyCommandAdapter", argument, lacks, "import sys")


def _factory(source: Source, shape: _Shape) -> Edit:
    """Return the factory, as the last function of the module."""
    lines = [
        *([shape.imports, ""] if shape.imports else []),
        f"from aitbc.plugins import {shape.adapter}",
        "",
        f"return {shape.adapter}({shape.argument})",
    ]
    text = _FACTORY_TEXT.format(body=textwrap.indent("\n".join(lines), "    "))
    if source.text and not source.text.endswith(("\n", "\r")):
        text = f"\n{text}"
    end = len(source.text)
    return Edit(end, end, text.replace("\n", source.newline))
