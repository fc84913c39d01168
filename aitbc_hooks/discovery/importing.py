"""Importing a plugin: by location, or by a dotted name; and finding the plugin in a module."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import inspect
import os
import re
import sys
from contextvars import ContextVar
from importlib.machinery import ModuleSpec
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Final

from aitbc_hooks.discovery.forgetting import forget_bytecode, forget_modules
from aitbc_hooks.errors import PluginLoadError
from aitbc_hooks.interfaces import BasePlugin

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import ModuleType

__all__ = [
    "FACTORY",
    "collecting_imports",
    "has_hookimpls",
    "import_entry",
    "import_folder",
    "is_hookimpl",
    "plugin_in",
    "synthetic_name",
]

#: The name of a plugin module's factory: ``create_plugin(context) -> plugin``.
FACTORY: Final = "create_plugin"

_HOOKABLE: Final = (FunctionType, MethodType, staticmethod, classmethod)

# Synthetic name -> how often this process has imported the folder. A name is never used again:
# code that is left over from an earlier import must not meet a later one.
_generations: dict[str, int] = {}

_collected: ContextVar[list[str] | None] = ContextVar("aitbc_hooks_discovery_imports", default=None)


@contextlib.contextmanager
def collecting_imports(into: list[str]) -> Iterator[None]:
    """Note the packages as which the body of the ``with`` statement imports folders.

    Whoever imports a folder for a time has to forget its package afterwards, with
    `forget_modules`; what an import that fails has brought is forgotten at once.
    """
    token = _collected.set(into)
    try:
        yield
    finally:
        _collected.reset(token)


def synthetic_name(folder: Path) -> str:
    """Return the package name under which a folder is imported first: unique to its location."""
    digest = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return f"aitbc_plugin_{re.sub(r'[^0-9A-Za-z]', '_', folder.name)}_{digest}"


def import_folder(folder: Path, entry: str, plugin: str) -> object:
    """Import ``entry`` of a plugin's folder afresh and return the plugin in it.

    The folder is imported as a package of a synthetic name, so that it may be called anything
    and never meets another package of its name. Each import has a name of its own: old code and
    new can exist beside each other.

    Args:
        folder: The folder, absolute; an ``__init__.py`` in it is run if there is one.
        entry: ``module`` or ``module:attribute``, relative to the folder.
        plugin: The plugin's name, for messages.

    Raises:
        PluginLoadError: The import failed (``AITBC-P02``), or it holds no plugin (``AITBC-P06``).
    """
    package = _next_generation(folder)
    module_name, _, attribute = entry.partition(":")

    def load() -> object:
        importlib.invalidate_caches()  # a file may have been added since the folder was listed
        _import_root(package, folder)
        return _pick(importlib.import_module(f"{package}.{module_name}"), attribute, plugin)

    try:
        target = _guard(load, plugin, str(folder))
    except BaseException:
        forget_modules(package)
        raise
    collected = _collected.get()
    if collected is not None:
        collected.append(package)
    return target


def _next_generation(folder: Path) -> str:
    """Return a package name for one more import of a folder, beside those that are in use."""
    name = synthetic_name(folder)
    generation = _generations[name] = _generations.get(name, 0) + 1
    if generation == 1:
        return name
    forget_bytecode(folder)
    return f"{name}_{generation}"


def _import_root(package: str, folder: Path) -> None:
    init = folder / "__init__.py"
    spec = (
        importlib.util.spec_from_file_location(package, init)
        if init.is_file()
        else ModuleSpec(package, None, is_package=True)
    )
    if spec is None:
        raise ImportError(f"cannot import {init}")
    spec.submodule_search_locations = [str(folder)]
    root = sys.modules[package] = importlib.util.module_from_spec(spec)
    if spec.loader is not None:
        spec.loader.exec_module(root)


def import_entry(entry: str, plugin: str) -> object:
    """Import ``module`` or ``module:attribute`` and return the plugin in it.

    Raises:
        PluginLoadError: The import failed (``AITBC-P02``), or it holds no plugin (``AITBC-P06``).
    """
    module_name, _, attribute = entry.partition(":")
    return _guard(
        lambda: _pick(importlib.import_module(module_name), attribute, plugin), plugin, entry
    )


def _guard(load: Callable[[], object], plugin: str, what: str) -> object:
    """Turn whatever an import raises into a `PluginLoadError`; let an interrupt through."""
    try:
        return load()
    except (KeyboardInterrupt, GeneratorExit, PluginLoadError):
        raise
    except BaseException as error:
        raised = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise PluginLoadError(f"importing {what} raised {raised}.", plugin=plugin) from error


def _pick(module: ModuleType, attribute: str, plugin: str) -> object:
    if not attribute:
        return plugin_in(module, plugin)
    target: object = module
    for part in attribute.split("."):
        target = getattr(target, part)
    return target


def plugin_in(module: ModuleType, plugin: str) -> object:
    """Return the plugin that a module holds: its factory, its one class, or the module itself.

    Classes that the module has imported from its own package count where it defines none.

    Raises:
        PluginLoadError: There is none, or there are several (``AITBC-P06``).
    """
    if callable(factory := vars(module).get(FACTORY)):
        return factory
    classes = _plugin_classes(module)
    concrete = [cls for cls in classes if not inspect.isabstract(cls)]
    if len(concrete) == 1:
        return concrete[0]
    if concrete:
        names = ", ".join(sorted(cls.__name__ for cls in concrete))
        raise PluginLoadError(
            f"{module.__name__} holds {len(concrete)} plugin classes: {names}.",
            plugin=plugin,
            hint='Say which in plugin.toml: entry = "plugin:ClassName".',
            code="AITBC-P06",
        )
    if any(is_hookimpl(value) for value in vars(module).values()):
        return module
    raise PluginLoadError(
        f"{module.__name__} holds no concrete subclass of BasePlugin, no {FACTORY}() and no "
        "function marked @hookimpl.",
        plugin=plugin,
        hint="; ".join(map(_missing, classes)) or None,
        code="AITBC-P06",
    )


def _plugin_classes(module: ModuleType) -> list[type[BasePlugin]]:
    """Return the module's own plugin classes or, if it has none, those of its package."""
    # A name may be bound to anything; only type() is sure not to run code of its.
    values = {id(value): value for value in vars(module).values() if issubclass(type(value), type)}
    classes = [cls for cls in values.values() if issubclass(cls, BasePlugin)]
    own = [cls for cls in classes if cls.__module__ == module.__name__]
    package = f"{module.__package__ or module.__name__}."
    return own or [cls for cls in classes if cls.__module__.startswith(package)]


def _missing(cls: type[BasePlugin]) -> str:
    return f"{cls.__name__} lacks: {', '.join(sorted(cls.__abstractmethods__))}."


def is_hookimpl(value: object) -> bool:
    """Whether a value found in a module or class is marked ``@hookimpl``, as pluggy sees it."""
    return issubclass(type(value), _HOOKABLE) and isinstance(
        getattr(value, "aitbc_impl", None), dict
    )


def has_hookimpls(plugin: object) -> bool:
    """Whether a module or object has hookimpls; none of its properties is evaluated."""
    return any(is_hookimpl(inspect.getattr_static(plugin, name, None)) for name in dir(plugin))
