"""Which classes of a module are plugins, told from its syntax tree."""

from __future__ import annotations

import ast
import functools
import inspect
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks import interfaces

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["PluginClass", "asynchronous", "contract_names", "methods_of", "plugin_classes"]

#: Modules that offer the contract.
_HOMES: Final = ("aitbc.plugins", "aitbc_hooks")

_INTERFACES: Final = ("BasePlugin", "CLIPlugin", "BlockchainPlugin", "AIPlugin")


@attrs.frozen
class PluginClass:
    """A class that implements the interface.

    Attributes:
        node: The class.
        interfaces: The interfaces that it derives from, by name.
    """

    node: ast.ClassDef
    interfaces: frozenset[str]


@functools.cache
def asynchronous(interface: str) -> frozenset[str]:
    """Return the names of an interface's asynchronous methods."""
    cls = getattr(interfaces, interface)
    return frozenset(
        name for name, _ in inspect.getmembers(cls, inspect.iscoroutinefunction) if name[0] != "_"
    )


def contract_names(tree: ast.Module) -> dict[str, str]:
    """Return what the module's imports make of the contract: name or ``alias.Name`` -> name."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 0 and _is_home(node.module or ""):
            for alias in node.names:
                names[alias.asname or alias.name] = alias.name
        elif isinstance(node, ast.ImportFrom) and node.module == "aitbc":
            for alias in node.names:
                _add_all(names, alias.asname or alias.name)
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if _is_home(alias.name):
                    _add_all(names, alias.asname or alias.name)
    return names


def _add_all(names: dict[str, str], prefix: str) -> None:
    names.update({f"{prefix}.{name}": name for name in (*interfaces.__all__, "hookimpl")})


def _is_home(module: str) -> bool:
    return any(f"{module}.".startswith(f"{home}.") for home in _HOMES)


def plugin_classes(tree: ast.Module) -> list[PluginClass]:
    """Return the module's plugin classes, also those that derive from one in the same module."""
    known = {
        spelt: frozenset({name, "BasePlugin"})
        for spelt, name in contract_names(tree).items()
        if name in _INTERFACES
    }
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            bases = [known[spelt] for base in node.bases if (spelt := ast.unparse(base)) in known]
            if bases:
                known[node.name] = frozenset().union(*bases)
                found.append(PluginClass(node, known[node.name]))
    return found


def methods_of(node: ast.ClassDef) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yield the functions that stand in the class itself."""
    for each in node.body:
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef):
            yield each
