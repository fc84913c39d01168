"""Legacy plugins and their way into the interface (SPEC.md, Plugin Migration)."""

from __future__ import annotations

import warnings
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.errors import MetadataError, PluginError
from aitbc_hooks.interfaces.base import BasePlugin
from aitbc_hooks.interfaces.legacy_calls import Bound, call_legacy
from aitbc_hooks.interfaces.records import PluginMetadata

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    LegacyMethod = str | Callable[..., Any]

__all__ = ["LegacyPlugin", "LegacyPluginAdapter"]

#: The interface's methods that a legacy object can stand in for.
_METHODS: Final = frozenset(
    {
        "initialize",
        "start",
        "stop",
        "cleanup",
        "health_check",
        "handle_event",
        "get_config_schema",
    }
)


class LegacyPlugin:
    """Legacy plugin interface (deprecated): any object that predates `BasePlugin`.

    It need not be subclassed; `LegacyPluginAdapter` takes every object.
    """

    def old_method(self) -> None:
        """Do the plugin's work, the old way."""


class LegacyPluginAdapter(BasePlugin):
    """Presents a legacy object as a `BasePlugin`.

    Synchronous legacy methods run in a thread of their own, so they never block the event loop;
    a result of None counts as success, because legacy methods return nothing.

    Args:
        legacy_plugin: The object to adapt.
        metadata: What to report as the plugin's metadata; by default the object's own
            ``get_metadata()`` or its ``metadata`` attribute.
        methods: Interface method -> the legacy method's name, or a function that is called with
            the legacy object and the method's arguments. A method that is not mapped is looked
            up under its own name; one that the object does not have succeeds by doing nothing.
        stacklevel: Whose call the warning names: 2 is the caller of the adapter.

    Raises:
        MetadataError: Neither `metadata` nor the object says what the plugin is.
        PluginError: `methods` names no method of the interface, or one that the object lacks.

    Example:
        >>> import asyncio
        >>> class Mailer:
        ...     def setup(self): ...
        >>> card = PluginMetadata("mailer", "1.0.0", "Sends mail", "AITBC Team", "MIT")
        >>> with warnings.catch_warnings():
        ...     warnings.simplefilter("ignore", DeprecationWarning)
        ...     plugin = LegacyPluginAdapter(Mailer(), metadata=card, methods={"initialize": "setup"})
        >>> asyncio.run(plugin.initialize())
        True
    """

    def __init__(
        self,
        legacy_plugin: object,
        *,
        metadata: PluginMetadata | None = None,
        methods: Mapping[str, LegacyMethod] | None = None,
        stacklevel: int = 2,
    ) -> None:
        self.legacy = legacy_plugin
        self.metadata = metadata or _own_metadata(legacy_plugin)
        self._methods = {
            name: _resolve(legacy_plugin, name, (methods or {}).get(name), self.metadata.name)
            for name in (_METHODS | (methods or {}).keys())
        }
        warnings.warn(
            f"plugin {self.metadata.name!r} ({_kind(legacy_plugin)}) uses the legacy "
            "interface; subclass aitbc.plugins.BasePlugin, or mark functions with @hookimpl, "
            "instead.",
            DeprecationWarning,
            stacklevel=stacklevel,
        )

    def get_metadata(self) -> PluginMetadata:
        """Return the metadata given to the adapter, or the legacy object's own."""
        return self.metadata

    async def initialize(self) -> bool:
        """Run the legacy object's own initialisation."""
        return await self._succeed("initialize")

    async def start(self) -> bool:
        """Run the legacy object's own start."""
        return await self._succeed("start")

    async def stop(self) -> bool:
        """Run the legacy object's own stop."""
        return await self._succeed("stop")

    async def cleanup(self) -> bool:
        """Run the legacy object's own cleanup."""
        return await self._succeed("cleanup")

    async def health_check(self) -> dict[str, Any]:
        """Return the default health, with what the legacy object's own check says under it."""
        health = await super().health_check()
        method = self._methods["health_check"]
        if method is None:
            return health
        own = await call_legacy(method)
        return {**health, **own} if isinstance(own, dict) else {**health, "healthy": own}

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Pass the event on, if the legacy object takes events."""
        if (method := self._methods["handle_event"]) is not None:
            await call_legacy(method, event_type, data)

    def get_config_schema(self) -> dict[str, Any]:
        """Return the legacy object's schema, or an empty one."""
        method = self._methods["get_config_schema"]
        return method() if method is not None else {}

    async def _succeed(self, name: str) -> bool:
        method = self._methods[name]
        result = None if method is None else await call_legacy(method)
        return True if result is None else result


def _own_metadata(legacy: object) -> PluginMetadata:
    getter = getattr(legacy, "get_metadata", None)
    metadata = getter() if callable(getter) else getattr(legacy, "metadata", None)
    if isinstance(metadata, PluginMetadata):
        return metadata
    raise MetadataError(
        f"metadata: {_kind(legacy)} says nothing of itself.",
        hint="Pass LegacyPluginAdapter(..., metadata=PluginMetadata(...)).",
    )


def _kind(legacy: object) -> str:
    """Return what people call it: a module by its name, an object by that of its class."""
    if isinstance(legacy, ModuleType):
        return f"module {legacy.__name__}"
    return type(legacy).__qualname__


def _resolve(
    legacy: object, name: str, given: LegacyMethod | None, plugin: str
) -> Callable[..., Any] | None:
    """Return what to call for the interface's method `name`; None for nothing."""
    if name not in _METHODS:
        raise PluginError(
            f"methods: {name!r} is no method of the interface.",
            plugin=plugin,
            hint=f"Known are {', '.join(sorted(_METHODS))}.",
        )
    if callable(given):
        return Bound(given, legacy)
    method = getattr(legacy, given or name, None)
    if given is not None and not callable(method):
        raise PluginError(
            f"methods: {type(legacy).__qualname__} has no method {given!r} for {name}().",
            plugin=plugin,
        )
    return method if callable(method) else None
