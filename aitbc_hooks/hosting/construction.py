"""From what discovery resolves to a plugin's instance, and what the instance says of itself."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import platform
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from aitbc_hooks.discovery import (
    CONFIG_SCHEMA,
    has_hookimpls,
    is_hookimpl,
    plugin_in,
    read_schema_file,
)
from aitbc_hooks.errors import DependencyError, MetadataError, PluginError, PluginLoadError
from aitbc_hooks.interfaces import BasePlugin, PluginMetadata
from aitbc_hooks.interfaces.compatibility import interface_problem
from aitbc_hooks.versions import Version, VersionRange, canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.discovery import Manifest
    from aitbc_hooks.interfaces import PluginContext

__all__ = [
    "check_manifest",
    "check_metadata",
    "construct",
    "read_metadata",
    "read_schema",
    "static_schema",
]


def construct(target: object, context: PluginContext, name: str) -> object:
    """Make the plugin of what discovery has resolved.

    Args:
        target: A subclass of `BasePlugin`, a factory that takes the context, an instance, a module
            that holds one of these, or a module or object with hookimpls.
        context: What the host gives to the plugin.
        name: The plugin's name, for messages.

    Raises:
        PluginLoadError: It cannot be constructed (``AITBC-P03``), is abstract (``AITBC-P10``),
            or is no plugin (``AITBC-P06``).
    """
    if isinstance(target, ModuleType):
        target = plugin_in(target, name)
    plugin = target
    if isinstance(target, type):
        _check_class(target, name)
        plugin = _call(target, context, name)
    elif not isinstance(target, BasePlugin) and callable(target) and not has_hookimpls(target):
        plugin = _call(target, context, name)
    if not isinstance(plugin, BasePlugin):
        if not has_hookimpls(plugin):
            raise PluginLoadError(
                f"{plugin!r:.200} is no instance of BasePlugin and has no method marked @hookimpl.",
                plugin=name,
                code="AITBC-P06",
            )
    elif plugin is target or plugin.context is None:  # handed over; or made without context
        _attach(plugin, context, name)
    return plugin


def _attach(plugin: BasePlugin, context: PluginContext, name: str) -> None:
    try:
        plugin.context = context
    except Exception as error:
        raise PluginLoadError(
            f"its context cannot be set: {type(error).__name__}: {error}.",
            plugin=name,
            code="AITBC-P03",
        ) from error


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
        raised = f"{type(error).__name__}: {error}".removesuffix(": ")
        raise PluginLoadError(
            f"{what}(context) raised {raised}.", plugin=name, code="AITBC-P03"
        ) from error


def read_metadata(get_metadata: Callable[[], object], name: str) -> PluginMetadata:
    """Ask a plugin for its metadata.

    Returns:
        A copy, checked once more: the plugin may change its own at any time.

    Raises:
        MetadataError: It raises, or returns something else (``AITBC-P04``).
    """
    try:
        metadata = get_metadata()
        if isinstance(metadata, PluginMetadata):
            fields = (field.name for field in dataclasses.fields(PluginMetadata))
            return PluginMetadata(**{key: copy.deepcopy(getattr(metadata, key)) for key in fields})
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        what = error.message if isinstance(error, MetadataError) else f"raised {error!r}."
        raise MetadataError(f"get_metadata(): {what}", plugin=name) from error
    if inspect.iscoroutine(metadata):
        metadata.close()
    raise MetadataError(
        f"get_metadata(): expected PluginMetadata, got {metadata!r:.200}.", plugin=name
    )


def check_manifest(manifest: Manifest, name: str, host_version: str) -> None:
    """Hold what a manifest says of its host against this one, before anything is imported.

    Raises:
        DependencyError: The host's version or platform is not among those it supports
            (``AITBC-D05``).
    """
    problem = interface_problem(manifest.interface) if manifest.interface else None
    if problem is not None:
        raise DependencyError(problem, plugin=name, code="AITBC-D05")
    if manifest.requires_aitbc:
        wanted = VersionRange.parse(manifest.requires_aitbc)
        if not wanted.allows(Version.parse(host_version), prereleases=True):
            raise DependencyError(
                f"it works with host versions {wanted}; this is {host_version}.",
                plugin=name,
                code="AITBC-D05",
            )
    low, high = manifest.min_aitbc_version, manifest.max_aitbc_version
    _check_host(name, low, high, manifest.supported_platforms, host_version)


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
    low, high = metadata.min_aitbc_version, metadata.max_aitbc_version
    _check_host(name, low, high, metadata.supported_platforms, host_version)


def _check_host(
    name: str, low: str | None, high: str | None, platforms: Iterable[str], host_version: str
) -> None:
    host = Version.parse(host_version)
    if (low and host < Version.parse(low)) or (high and host > Version.parse(high)):
        raise DependencyError(
            f"it supports host versions {low or 'any'} to {high or 'any'}; this is {host}.",
            plugin=name,
            code="AITBC-D05",
        )
    supported = {item.lower() for item in platforms}
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
    instance that was never initialised. Where there is no such method, the file
    ``config_schema.json`` counts.
    """
    own: Any = inspect.getattr_static(target, "get_config_schema", None)
    inherited = inspect.getattr_static(BasePlugin, "get_config_schema")
    if own is inherited:
        return _schema_beside(target) or {}
    if own is None or not (_is_class_style(target) or is_hookimpl(own)):
        return _schema_beside(target)
    if inspect.iscoroutinefunction(own):
        return None  # refused when it is held against its hookspec
    try:
        instance = object.__new__(target) if isinstance(target, type) else target
        schema = instance.get_config_schema()  # type: ignore[attr-defined]
    except (Exception, SystemExit):  # noqa: BLE001 - it needs its instance after all
        return None
    return schema if isinstance(schema, dict) else None


def _is_class_style(target: object) -> bool:
    return isinstance(target, BasePlugin) or (
        isinstance(target, type) and issubclass(target, BasePlugin)
    )


def read_schema(get_config_schema: Callable[[], object], name: str) -> dict[str, Any]:
    """Ask a plugin's instance for the schema of its configuration.

    Raises:
        PluginError: It raises, or returns something else (``AITBC-C10``).
    """
    try:
        schema = get_config_schema()
    except (KeyboardInterrupt, GeneratorExit):
        raise
    except BaseException as error:
        raise _bad_schema(f"get_config_schema(): raised {error!r}.", name) from error
    if not isinstance(schema, dict):
        raise _bad_schema(f"get_config_schema(): expected a dict, got {schema!r:.200}.", name)
    return schema


def _bad_schema(message: str, name: str) -> PluginError:
    return PluginError(message, plugin=name, code="AITBC-C10")


def _schema_beside(target: object) -> dict[str, Any] | None:
    module = sys.modules.get(getattr(target, "__module__", "") or getattr(target, "__name__", ""))
    source = getattr(module, "__file__", None)
    path = Path(source).with_name(CONFIG_SCHEMA) if source else None
    return read_schema_file(path) if path is not None and path.is_file() else None
