"""Methods of plugin classes that do not keep to the interface as it is today."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from aitbc_hooks.migration.classes import asynchronous, methods_of, plugin_classes
from aitbc_hooks.migration.findings import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.migration.classes import PluginClass
    from aitbc_hooks.migration.findings import Finding
    from aitbc_hooks.migration.source import Source

__all__ = ["find_methods"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_LIFECYCLE: Final = ("initialize", "start", "stop", "cleanup")

_WHY_ASYNC: Final = "The interface has it as `async def`; who awaits a plain value fails."
_WHY_TRUE: Final = "Success is True and nothing else; None is a failure (AITBC-L03)."
_WHY_STATUS: Final = "The host's driver owns the status; what a plugin assigns is overwritten."


def find_methods(source: Source) -> Iterator[Finding]:
    """Yield what the methods of the module's plugin classes need."""
    for plugin in plugin_classes(source.tree):
        for method in methods_of(plugin.node):
            yield from _asynchronous(source, plugin, method)
            if method.name in _LIFECYCLE:
                yield from _returns_true(source, plugin, method)
        yield from _assigns_status(source, plugin)


def _asynchronous(source: Source, plugin: PluginClass, method: _Function) -> Iterator[Finding]:
    wanted: set[str] = set().union(*map(asynchronous, plugin.interfaces))
    if isinstance(method, ast.AsyncFunctionDef) or method.name not in wanted:
        return
    what = f"{plugin.node.name}.{method.name}() is not asynchronous: make it `async def`."
    obstacle = None
    if _is_odd(method):
        obstacle = "It is decorated, or yields."
    elif "asyncio.run" in (text := ast.unparse(method)) or "run_until_complete" in text:
        obstacle = "It runs an event loop of its own, which an asynchronous method must not."
    elif calls := _calls(source.tree, method.name):
        obstacle = f"Line {calls[0]} calls it and would have to await it."
    start = source.start(method)
    edits = () if obstacle else (Edit(start, start, "async "),)
    if not source.text.startswith("def", start):
        edits = ()
    what = f"{what} {obstacle}" if obstacle else what
    yield source.finding("async-method", method.lineno, what, _WHY_ASYNC, edits)


def _is_odd(method: _Function) -> bool:
    """Return whether more than a plain function stands there."""
    decorators = [ast.unparse(each).rpartition(".")[2] for each in method.decorator_list]
    return any(name != "override" for name in decorators) or any(
        isinstance(node, ast.Yield | ast.YieldFrom) for node in _own_nodes(method)
    )


def _calls(tree: ast.Module, name: str) -> list[int]:
    """Return the lines in which something of that name is used as an attribute."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == name
    ]


def _own_nodes(method: _Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function, without those of functions and classes inside it."""
    waiting: list[ast.AST] = list(method.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def _returns_true(source: Source, plugin: PluginClass, method: _Function) -> Iterator[Finding]:
    returns = [node for node in _own_nodes(method) if isinstance(node, ast.Return)]
    if any(not _is_none(node.value) for node in returns) or not _falls_through(method.body[-1]):
        return
    what = f"{plugin.node.name}.{method.name}() returns nothing: end it with `return True`."
    if returns or _is_odd(method):
        what = f"{what} It returns in the middle, is decorated, or yields."
        yield source.finding("return-true", method.lineno, what, _WHY_TRUE)
        return
    edits = [_at_the_end(source, method)]
    if method.returns is not None and _is_none(method.returns):
        edits.append(Edit(source.start(method.returns), source.end(method.returns), "bool"))
    yield source.finding("return-true", method.lineno, what, _WHY_TRUE, tuple(edits))


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _falls_through(last: ast.stmt) -> bool:
    """Return whether the end of a function can be reached past its last statement."""
    if isinstance(last, ast.Raise):
        return False
    is_endless = isinstance(last, ast.While) and isinstance(last.test, ast.Constant)
    return not is_endless


def _at_the_end(source: Source, method: _Function) -> Edit:
    """Return the insertion of ``return True`` as a function's last statement."""
    last = method.body[-1]
    line = source.line(last.lineno)
    indent = line[: len(line) - len(line.lstrip())]
    begins = source.offset(last.lineno, 0) + len(indent)
    if any(source.start(each) == begins for each in method.body):
        return source.after_line(last.end_lineno or last.lineno, f"{indent}return True")
    end = source.end(last)  # the body stands on the line of its `def`
    return Edit(end, end, "; return True")


def _assigns_status(source: Source, plugin: PluginClass) -> Iterator[Finding]:
    for node in ast.walk(plugin.node):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(ast.unparse(target) == "self.status" for target in targets):
            what = f"{plugin.node.name} assigns self.status: take the line away."
            yield source.finding("status", targets[0].lineno, what, _WHY_STATUS)
