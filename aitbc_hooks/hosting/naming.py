"""What to call a plugin that somebody hands over, and where it comes from."""

from __future__ import annotations

import re
from inspect import getattr_static
from types import FunctionType, ModuleType
from typing import Any

from aitbc_hooks.discovery import is_hookimpl
from aitbc_hooks.errors import MetadataError
from aitbc_hooks.hosting.construction import read_metadata
from aitbc_hooks.interfaces import BasePlugin
from aitbc_hooks.versions import PLUGIN_NAME

__all__ = ["name_of", "own_name", "place_of"]


def name_of(plugin: object, given: str | None = None) -> str:
    """Return the name of a plugin: as given, as its metadata says, or after its code.

    Raises:
        MetadataError: The name is malformed.
    """
    name = given or own_name(plugin) or _code_name(plugin)
    if not PLUGIN_NAME.fullmatch(name):
        raise MetadataError(
            f"name: expected a letter followed by letters, digits and '-', got {name!r}.",
            hint="Pass a name.",
        )
    return name


def place_of(plugin: object) -> str:
    """Return where a plugin's code stands: its module, and the name of its class in there."""
    if isinstance(plugin, ModuleType):
        return plugin.__name__
    code: Any = plugin if isinstance(plugin, (type, FunctionType)) else type(plugin)
    return f"{code.__module__}.{code.__qualname__}"


def own_name(plugin: object) -> str | None:
    """Return what a plugin's metadata says that it is called; None if it says nothing.

    Raises:
        MetadataError: It says something that is no metadata.
    """
    if isinstance(plugin, type) and issubclass(plugin, BasePlugin):
        # A class is asked through an instance that was never initialised, without a context.
        try:
            return read_metadata(object.__new__(plugin).get_metadata, plugin.__name__).name
        except Exception:  # noqa: BLE001 - it needs its instance, or is abstract: told at load
            return None
    own: Any = plugin
    if isinstance(plugin, BasePlugin) or is_hookimpl(getattr_static(plugin, "get_metadata", None)):
        return read_metadata(own.get_metadata, type(plugin).__name__).name
    return None


def _code_name(plugin: object) -> str:
    """Return ``my-plugin`` for a module ``my_plugin`` or an object of a class ``MyPlugin``."""
    code: Any = plugin if isinstance(plugin, (type, FunctionType, ModuleType)) else type(plugin)
    name: str = code.__name__
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", name.rpartition(".")[2])
    return words.replace("_", "-").lower().strip("-")
