"""From what discovery resolves to a plugin's instance, and what the instance says of itself."""

from __future__ import annotations

import json
import platform
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.errors import DependencyError, MetadataError, PluginError, PluginLoadError
from aitbc_hooks.interfaces import BasePlugin, LegacyPluginAdapter, PluginMetadata
from aitbc_hooks.versions import Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.interfaces import PluginContext

__all__ = ["CONFIG_SCHEMA", "check_metadata", "construct", "read_metadata", "static_schema"]

#: The file beside a plugin's code that holds the schema of its configuration.
CONFIG_SCHEMA: Final = "config_schema.json"


def construct(target: object, context: PluginContext, name: str) -> object:
    """Make the plugin of what discovery has resolved.

    Args:
        target: A subclass of `BasePlugin`, a factory that takes the context, an instance, or a
            module or object with hookimpls.
        context: What the host gives to the plugin.
        name: The plugin's name, for messages.

    Raises:
        PluginLoadError: It cannot be constructed (``AITBC-P03``), is abstract (``AITBC-P10``),
            or a class that is no plugin (``AITBC-P06``).
    """
    if isinstance(target, type):
        _check_class(target, name)
        return _call(target, context, name)
    if isinstance(target, LegacyPluginAdapter):
        target.attach(context)
    elif isinstance(target, BasePlugin):
        target.context = context
    elif callable(target) and not _has_hookimpls(target):
        return _call(target, context, name)
    return target


def _check_class(cls: type, name: str) -> None:
    if not issubclass(cls, BasePlugin):
        raise PluginLoadError(
            f"{cls.__qualname__} is a class, and no subclass of BasePlugin.",
            plugin=name,
            hint="Subclass BasePlugin, wrap an instance in LegacyPluginAdapter, or register an "
            "instance whose methods are marked @hookimpl.",
            code="AITBC-P06",
        )
    if missing := sorted(cls.__abstractmethods__):
        raise PluginLoadError(
            f"{cls.__qualname__} leaves abstract methods unimplemented: {', '.join(missing)}.",
            plugin=name,
            code="AITBC-P10",
        )


def _call(factory: Callable[..., object], context: PluginContext, name: str) -> object:
    try:
        return factory(context)
    except (KeyboardInterrupt, GeneratorExit, PluginError):
        raise
    except BaseException as error:
        what = getattr(factory, "__qualname__", repr(factory))
        raise PluginLoadError(
            f"{what}(context) raised {type(error).__name__}: {error}.",
            plugin=name,
            code="AITBC-P03",
        ) from error


def _has_hookimpls(target: object) -> bool:
    return any(hasattr(getattr(target, name, None), "aitbc_impl") for name in dir(target))


def read_metadata(get_metadata: Callable[[], object], name: str) -> PluginMetadata:
    """Ask a plugin for its metadata.

    Raises:
        MetadataError: It raises, or returns something else (``AITBC-P04``).
    """
    try:
        metadata = get_metadata()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        what = error.message if isinstance(error, MetadataError) else f"raised {error!r}."
        raise MetadataError(f"get_metadata(): {what}", plugin=name) from error
    if not isinstance(metadata, PluginMetadata):
        raise MetadataError(
            f"get_metadata(): expected PluginMetadata, got {metadata!r:.200}.", plugin=name
        )
    return metadata


def check_metadata(metadata: PluginMetadata, name: str, host_version: str) -> None:
    """Hold a plugin's metadata against the name it was found under and against this host.

    Raises:
        MetadataError: The names differ (``AITBC-P05``).
        DependencyError: The host's version or platform is not among those it supports
            (``AITBC-D05``).
    """
    if canonical_name(metadata.name) != canonical_name(name):
        raise MetadataError(
            f"its metadata says that it is {metadata.name!r}.",
            plugin=name,
            hint="Rename one of them.",
            code="AITBC-P05",
        )
    host = Version.parse(host_version)
    low, high = metadata.min_aitbc_version, metadata.max_aitbc_version
    if (low and host < Version.parse(low)) or (high and host > Version.parse(high)):
        raise DependencyError(
            f"it supports host versions {low or 'any'} to {high or 'any'}; this is {host}.",
            plugin=name,
            code="AITBC-D05",
        )
    supported = {item.lower() for item in metadata.supported_platforms}
    if supported and supported.isdisjoint({"any", sys.platform, *_platform_names()}):
        raise DependencyError(
            f"it supports {', '.join(sorted(supported))}; this is {platform.system()}.",
            plugin=name,
            code="AITBC-D05",
        )


def _platform_names() -> set[str]:
    system = platform.system().lower()
    return {system, "macos"} if system == "darwin" else {system}


def static_schema(target: object) -> dict[str, Any] | None:
    """Return the schema of a plugin's configuration if it is known before construction.

    `get_config_schema` is a method, but one that rarely needs its instance: it is asked on an
    instance that was never initialised. The file ``config_schema.json`` comes second.
    """
    own: Any = getattr(target, "get_config_schema", None)
    is_class = isinstance(target, type)
    if own is BasePlugin.get_config_schema or not (is_class or hasattr(own, "aitbc_impl")):
        return _schema_beside(target)
    try:
        schema = own(object.__new__(target)) if isinstance(target, type) else own()
    except Exception:  # noqa: BLE001 - it needs its instance after all
        return None
    return schema if isinstance(schema, dict) else None


def _schema_beside(target: object) -> dict[str, Any] | None:
    module = sys.modules.get(getattr(target, "__module__", "") or getattr(target, "__name__", ""))
    source = getattr(module, "__file__", None)
    path = Path(source).with_name(CONFIG_SCHEMA) if source else None
    if path is None or not path.is_file():
        return None
    try:
        schema = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise PluginError(f"{path}: {error}.", code="AITBC-C10") from None
    if not isinstance(schema, dict):
        raise PluginError(f"{path}: expected an object.", code="AITBC-C10")
    return schema
