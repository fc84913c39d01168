"""Importing a plugin: by location, or by a dotted name; and finding the plugin in a module."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import re
import sys
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING

from aitbc_hooks.errors import PluginLoadError
from aitbc_hooks.interfaces import BasePlugin

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import ModuleType

__all__ = ["FACTORY", "import_entry", "import_folder", "plugin_in", "synthetic_name"]

#: The name of a plugin module's factory: ``create_plugin(context) -> plugin``.
FACTORY = "create_plugin"


def synthetic_name(folder: Path) -> str:
    """Return the package name under which a folder is imported: unique to its location."""
    digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return f"aitbc_plugin_{re.sub(r'[^0-9A-Za-z]', '_', folder.name)}_{digest}"


def import_folder(folder: Path, entry: str, plugin: str) -> object:
    """Import ``entry`` of a plugin's folder afresh and return the plugin in it.

    The folder is imported as a package of a synthetic name, so that it may be called anything
    and never meets another package of its name.

    Args:
        folder: The folder, absolute; an ``__init__.py`` in it is run if there is one.
        entry: ``module`` or ``module:attribute``, relative to the folder.
        plugin: The plugin's name, for messages.

    Raises:
        PluginLoadError: The import failed (``AITBC-P02``), or it holds no plugin (``AITBC-P06``).
    """
    package = synthetic_name(folder)
    _forget(package)
    module_name, _, attribute = entry.partition(":")

    def load() -> object:
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
        return _pick(importlib.import_module(f"{package}.{module_name}"), attribute, plugin)

    try:
        return _guard(load, plugin, str(folder))
    except BaseException:
        _forget(package)
        raise


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
        raise PluginLoadError(
            f"importing {what} raised {type(error).__name__}: {error}.", plugin=plugin
        ) from error


def _pick(module: ModuleType, attribute: str, plugin: str) -> object:
    if not attribute:
        return plugin_in(module, plugin)
    target: object = module
    for part in attribute.split("."):
        target = getattr(target, part)
    return target


def plugin_in(module: ModuleType, plugin: str) -> object:
    """Return the plugin that a module holds: its factory, its one class, or the module itself.

    Raises:
        PluginLoadError: There is none, or there are several (``AITBC-P06``).
    """
    if callable(factory := getattr(module, FACTORY, None)):
        return factory
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, BasePlugin)
        and value.__module__ == module.__name__
        and not inspect.isabstract(value)
    ]
    if len(classes) == 1:
        return classes[0]
    if classes:
        names = ", ".join(sorted(cls.__name__ for cls in classes))
        raise PluginLoadError(
            f"{module.__name__} holds {len(classes)} plugin classes: {names}.",
            plugin=plugin,
            hint='Say which in plugin.toml: entry = "plugin:ClassName".',
            code="AITBC-P06",
        )
    if any(hasattr(value, "aitbc_impl") for value in vars(module).values()):
        return module
    raise PluginLoadError(
        f"{module.__name__} holds no concrete subclass of BasePlugin, no {FACTORY}() and no "
        "function marked @hookimpl.",
        plugin=plugin,
        hint=_abstract_hint(module),
        code="AITBC-P06",
    )


def _abstract_hint(module: ModuleType) -> str | None:
    """Name the abstract methods of a class that would be the plugin if it had them."""
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, BasePlugin)
            and value.__module__ == module.__name__
        ):
            missing = ", ".join(sorted(value.__abstractmethods__))
            return f"{value.__name__} lacks: {missing}."
    return None


def _forget(package: str) -> None:
    """Remove a package and its modules, so that the next import runs them again."""
    for name in [n for n in sys.modules if n == package or n.startswith(f"{package}.")]:
        del sys.modules[name]
