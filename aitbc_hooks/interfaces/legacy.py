"""Legacy plugins and their way into the interface (SPEC.md, Plugin Migration)."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import inspect
import threading
import warnings
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.errors import MetadataError, PluginError
from aitbc_hooks.interfaces.base import BasePlugin
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

    Raises:
        MetadataError: Neither `metadata` nor the object says what the plugin is.
        PluginError: `methods` names no method of the interface, or one that the object lacks.

    Example:
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
    ) -> None:
        self.legacy = legacy_plugin
        self.metadata = metadata or _own_metadata(legacy_plugin)
        self._methods = {
            name: _resolve(legacy_plugin, name, (methods or {}).get(name), self.metadata.name)
            for name in (_METHODS | (methods or {}).keys())
        }
        warnings.warn(
            f"plugin {self.metadata.name!r} ({type(legacy_plugin).__qualname__}) uses the legacy "
            "interface; subclass aitbc.plugins.BasePlugin, or mark functions with @hookimpl, "
            "instead.",
            DeprecationWarning,
            stacklevel=2,
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
        own = await _call(method)
        return {**health, **own} if isinstance(own, dict) else {**health, "healthy": own}

    async def handle_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Pass the event on, if the legacy object takes events."""
        if (method := self._methods["handle_event"]) is not None:
            await _call(method, event_type, data)

    def get_config_schema(self) -> dict[str, Any]:
        """Return the legacy object's schema, or an empty one."""
        method = self._methods["get_config_schema"]
        return method() if method is not None else {}

    async def _succeed(self, name: str) -> bool:
        method = self._methods[name]
        result = None if method is None else await _call(method)
        return True if result is None else result


def _own_metadata(legacy: object) -> PluginMetadata:
    getter = getattr(legacy, "get_metadata", None)
    metadata = getter() if callable(getter) else getattr(legacy, "metadata", None)
    if isinstance(metadata, PluginMetadata):
        return metadata
    raise MetadataError(
        f"metadata: {type(legacy).__qualname__} says nothing of itself.",
        hint="Pass LegacyPluginAdapter(..., metadata=PluginMetadata(...)).",
    )


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
        return _Bound(given, legacy)
    method = getattr(legacy, given or name, None)
    if given is not None and not callable(method):
        raise PluginError(
            f"methods: {type(legacy).__qualname__} has no method {given!r} for {name}().",
            plugin=plugin,
        )
    return method if callable(method) else None


class _Bound:
    """A function given for a method, called with the legacy object first."""

    def __init__(self, function: Callable[..., Any], legacy: object) -> None:
        self.function = function
        self.legacy = legacy

    def __call__(self, *args: object) -> Any:
        return self.function(self.legacy, *args)


async def _call(method: Callable[..., Any], *args: object) -> Any:
    function = method.function if isinstance(method, _Bound) else method
    result = (
        method(*args) if inspect.iscoroutinefunction(function) else await _in_thread(method, *args)
    )
    return await awaited(result)


async def _in_thread(function: Callable[..., Any], *args: object) -> Any:
    """Run a blocking function in a daemon thread.

    Not `asyncio.to_thread`: on cancellation that returns while the thread still works, and the
    next method would overlap it; and its worker threads keep a process with a hung plugin alive.
    """
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    call = functools.partial(contextvars.copy_context().run, function, *args)
    name = getattr(function, "__qualname__", type(function).__qualname__)
    thread = threading.Thread(
        target=_deliver, args=(call, future), name=f"legacy:{name}", daemon=True
    )
    thread.start()
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        # A thread cannot be cancelled. Its end is awaited so that no other method overlaps it;
        # the driver's grace period bounds the wait.
        await asyncio.wait({future})
        if not future.cancelled():
            future.exception()  # retrieved: the cancellation is what the caller gets
        raise
    finally:
        if future.done():
            thread.join()  # it has delivered its result and is about to end


def _deliver(call: Callable[[], Any], future: asyncio.Future[Any]) -> None:
    """Call a function, in its own thread, and settle a future of another thread's loop."""
    try:
        settle = functools.partial(_settle, future, future.set_result, call())
    except StopIteration as stop:  # a Future cannot carry it
        error = RuntimeError(f"legacy method raised {stop!r}")
        settle = functools.partial(_settle, future, future.set_exception, error)
    except BaseException as error:  # noqa: BLE001 - SystemExit too belongs to the caller
        settle = functools.partial(_settle, future, future.set_exception, error)
    loop = future.get_loop()
    if not loop.is_closed():
        loop.call_soon_threadsafe(settle)


def _settle(future: asyncio.Future[Any], setter: Callable[[Any], None], outcome: Any) -> None:
    if not future.cancelled():
        setter(outcome)
