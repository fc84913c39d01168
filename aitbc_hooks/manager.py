"""`PluginManager`: the rooms of this package composed into a host (SPEC.md, Plugin Manager)."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from typing import TYPE_CHECKING, Any, Self, cast

from aitbc_hooks import __version__
from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.config import HostConfig
from aitbc_hooks.discovery import Candidate
from aitbc_hooks.dispatch import Tallies
from aitbc_hooks.errors import (
    LifecycleError,
    PluginInactiveError,
)
from aitbc_hooks.events import EventBus
from aitbc_hooks.hosting import (
    Activation,
    Announcer,
    Dependencies,
    HealthWatch,
    HostedPlugin,
    HostServices,
    KnownPlugins,
    PluginReport,
    Reloader,
    SleepingPlugin,
    StallWatch,
    find_culprit,
    mark_known_secrets,
    name_of,
    place_of,
)
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, Turns
from aitbc_hooks.lifecycle.call import MethodCall, pass_on
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.registry import PluginRegistry
from aitbc_hooks.resolution import in_order
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from aitbc_hooks.discovery import Catalogue, Index
    from aitbc_hooks.dispatch import HookFailure
    from aitbc_hooks.dispatch.typed import Addressed, Hooks
    from aitbc_hooks.events import Event, Owner
    from aitbc_hooks.hosting import Stall

__all__ = ["PluginManager", "PluginReport"]

_log = logging.getLogger("aitbc.hooks")

#: Seconds that announcements have to be made in when the host stops.
_FAREWELL = 5.0

#: Seconds that waiting events have when the host stops, unless the configuration says otherwise.
_DRAIN = 5.0


class PluginManager:
    """Central plugin management system.

    An asynchronous context manager: entering starts what the configuration enables, leaving
    stops and unloads everything in the reverse order::

        async with PluginManager(load_config()) as manager:
            await manager.broadcast_event("user_login", {"user": "alice"})

    The operations return False for a plugin that failed; `report` says why.

    Args:
        config: A `HostConfig`, or a mapping in the form of SPEC.md's configuration.
        api_client: Handed to the plugins as ``context.api_client``.
        plugins: Further plugins by dotted module name, as with ``-p`` on the command line;
            ``no:NAME`` blocks one.
        tallies: Counts and times the calls of the plugins' hooks; one of its own by default.
        cache: Keep what was read of plugins in the user's cache directory, and trust what was
            kept there for as long as the files are the same.

    Raises:
        ConfigError: The mapping is no valid configuration.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | HostConfig,
        *,
        api_client: object = None,
        plugins: Iterable[str] = (),
        tallies: Tallies | None = None,
        cache: bool = True,
    ) -> None:
        self.config = config
        self.settings = (
            config if isinstance(config, HostConfig) else HostConfig.from_mapping(config)
        )
        self.plugin_registry = PluginRegistry()
        self.tallies = Tallies() if tallies is None else tallies
        self.hooks = PluginHooks(self._hook_failed, self.tallies)
        self.events = EventBus(self._event_failed, on_change=self._events_changed)
        self._announcer = Announcer(self.hooks.hook)
        services = HostServices(
            self.settings,
            self.settings.host_version or __version__,
            self.hooks,
            self.tallies,
            self.events,
            self._announcer,
            api_client,
        )
        self._known = KnownPlugins(services, self._drive, cached=cache)
        self._known.name(plugins)
        self._dependencies = Dependencies(
            lambda: self._known, self._known.find, self._known.is_enabled
        )
        self._reloader = Reloader(
            services, self._drive, self._dependencies, lambda: self._known.catalogue
        )
        self._activation = Activation(self.hooks, self.events, self._bring_up)
        self._health = HealthWatch(
            lambda: self._known,
            self._announcer,
            interval=self.settings.health_check_interval,
        )
        self._running = contextlib.AsyncExitStack()
        self._started = False
        self._turns = Turns()

    # The operations of SPEC.md.

    @property
    def plugins(self) -> dict[str, Any]:
        """The loaded plugins: name -> instance."""
        return {hosted.name: hosted.plugin for hosted in self._known if hosted.plugin is not None}

    async def load_plugin(self, plugin_name: str) -> bool:
        """Load a plugin by name: import, construct, check and initialize it.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            LifecycleError: The plugin is in ERROR; unload it first.
        """
        return await self._known.get(plugin_name).lifecycle.load()

    async def unload_plugin(self, plugin_name: str) -> bool:
        """Unload a plugin, whatever its status; ACTIVE plugins that need it are stopped first.

        Returns:
            Whether its `cleanup` succeeded; the plugin is UNLOADED either way.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
        """
        return await self._dependencies.unload(self._known.get(plugin_name))

    async def start_plugin(self, plugin_name: str) -> bool:
        """Start a loaded plugin and, before it, the enabled plugins that it needs.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            LifecycleError: The plugin is not loaded, or in ERROR.
        """
        return await self._dependencies.start(self._known.get(plugin_name))

    async def activate_plugin(self, plugin_name: str) -> bool:
        """Load and start a plugin, as the first call or event would that needs it.

        Several callers wait for one and the same start; who is cancelled leaves it to the others.

        Returns:
            Whether it is ACTIVE.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
        """
        hosted = self._known.get(plugin_name)
        if self._activation.awaited_by(hosted):
            return await self._activation.wake(hosted)
        return await self._bring_up(hosted)

    async def stop_plugin(self, plugin_name: str) -> bool:
        """Stop a plugin; ACTIVE plugins that need it are stopped first.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            LifecycleError: The plugin is not loaded, or in ERROR.
        """
        return await self._dependencies.stop(self._known.get(plugin_name))

    def get_plugin_status(self, plugin_name: str) -> PluginStatus:
        """Get plugin status.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
        """
        return self._known.get(plugin_name).lifecycle.status

    def list_plugins(self) -> list[str]:
        """List all loaded plugins, in the order in which they were first asked for."""
        return [
            hosted.name
            for hosted in self._known
            if hosted.lifecycle.status is not PluginStatus.UNLOADED
        ]

    async def broadcast_event(self, event_type: str, data: dict[str, Any]) -> None:
        """Broadcast event to all ACTIVE plugins and to all subscribers; return when handled.

        What a handler raises is recorded for its plugin and goes no further.
        """
        await self.events.broadcast(event_type, data)

    # Beyond SPEC.md.

    @property
    def catalogue(self) -> Catalogue:
        """Every plugin that exists, enabled or not, and what was passed over, with the reason."""
        return self._known.catalogue

    @property
    def index(self) -> Index:
        """What was read of plugins before."""
        return self._known.index

    @property
    def hook(self) -> Hooks:
        """Calls a hook on all ACTIVE plugins: ``await manager.hook.predict(input_data=…)``."""
        return cast("Hooks", self.hooks.hook)

    def plugin(self, plugin_name: str) -> Addressed:
        """Return a plugin to be called alone: ``await manager.plugin(name).train(data)``.

        Wrappers of other ACTIVE plugins take part.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            PluginInactiveError: It is not loaded; or, at the call, not ACTIVE.
        """
        hosted = self._known.get(plugin_name)
        if self._activation.awaited_by(hosted):
            return cast("Addressed", SleepingPlugin(hosted, self.hooks, self._activation))
        if hosted.plugin is None:
            raise PluginInactiveError(
                f"it is {hosted.lifecycle.status.name}.",
                plugin=hosted.name,
                hint="Load and start it first.",
            )
        return cast("Addressed", self.hooks.addressed(hosted.name))

    def register(self, plugin: object, name: str | None = None) -> str:
        """Make a plugin known that the program has at hand; it counts as enabled.

        It is loaded by `load_plugin`, or with everything else by `start`.

        Args:
            plugin: A subclass of `BasePlugin` or an instance of one; a module or any object
                with hookimpls; a factory that takes the `PluginContext`.
            name: Its name; by default what its metadata says, else its module or class.

        Returns:
            The name.

        Raises:
            PluginNameError: A registered or loaded plugin has the name already.
            MetadataError: The name is malformed.
        """
        name = name_of(plugin, name)
        self._known.add(Candidate(name, "registered", place_of(plugin), lambda: plugin))
        return name

    def unregister(self, plugin_name: str) -> None:
        """Forget a plugin that was registered; its name is free again.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            LifecycleError: It is loaded; unload it first (``AITBC-L01``).
        """
        hosted = self._known.get(plugin_name)
        if hosted.lifecycle.status is not PluginStatus.UNLOADED:
            raise LifecycleError(
                f"cannot unregister in status {hosted.lifecycle.status.name}.",
                plugin=hosted.name,
                hint="Unload it first.",
            )
        self._known.forget(hosted)

    async def reload_plugin(self, plugin_name: str) -> bool:
        """Put a plugin's code as it is now in the place of the code that is loaded.

        New code is made and checked beside the old; then the old is stopped and the new started.
        Where the new fails, the old is started again (`docs/reload.md`). Plugins that were ACTIVE
        before, this one and those that need it, are ACTIVE afterwards. Begun, it completes even
        if its caller is cancelled.

        Returns:
            Whether the new code has taken over, and whatever was stopped for it was started
            again; the reports say why not (``AITBC-L11``, ``AITBC-L12``).

        Raises:
            PluginNotFoundError: No plugin of that name is known.
            LifecycleError: It was asked for inside a transition of the plugin or of one that
                needs it, or inside another reload (``AITBC-L02``).
        """
        return await self._reloader.reload(self._known.get(plugin_name))

    def report(self, plugin_name: str) -> PluginReport:
        """Return all that is known of a plugin now, the reason of a False included.

        Raises:
            PluginNotFoundError: No plugin of that name is known.
        """
        hosted = self._known.get(plugin_name)
        return PluginReport.of(
            hosted,
            enabled=self._known.is_enabled(hosted),
            waits_for=self._activation.awaited_by(hosted),
        )

    def reports(self) -> list[PluginReport]:
        """Return a report for each plugin that is known, in start order where there is one."""
        everything = self._known.everything()
        order = self._dependencies.order(everything)
        ranks = {name: rank for rank, name in enumerate(order.names)}
        everything.sort(key=lambda hosted: ranks.get(canonical_name(hosted.name), len(ranks)))
        return [self.report(hosted.name) for hosted in everything]

    async def check_health(self, plugin_name: str) -> Mapping[str, Any]:
        """Check a plugin's health now."""
        hosted = self._known.get(plugin_name)
        await self._health.check(hosted)
        return hosted.health or {"status": hosted.lifecycle.status.value}

    async def load_all(self) -> None:
        """Load what is enabled, concurrently; log what is enabled and unknown.

        What its manifest has started on demand waits until then.
        """
        mark_known_secrets(self.settings, self.catalogue)
        self._known.log_problems()
        enabled = [h for h in self._known.enabled() if not self._activation.put_to_sleep(h)]
        await asyncio.gather(*(_quietly(hosted.lifecycle.load) for hosted in enabled))

    async def start_all(self) -> None:
        """Start everything that is enabled and loaded, in the start order.

        A dependency that failed leaves its dependents LOADED, with the reason.
        """
        loaded = {
            canonical_name(hosted.name): hosted
            for hosted in self._known.enabled()
            if hosted.lifecycle.status in (PluginStatus.LOADED, PluginStatus.INACTIVE)
        }
        order = self._dependencies.order(loaded.values())

        async def start(name: str) -> None:
            await _quietly(lambda: self._dependencies.start(loaded[name]))

        await in_order((*order.names, *sorted(order.problems)), order.needs, start)

    async def start(self) -> None:
        """Start the host: with ``auto_load``, load and start everything that is enabled.

        A plugin that fails is reported and stops nothing else. If the caller is cancelled
        meanwhile, everything that was started is stopped.

        Raises:
            LifecycleError: The host is running already (``AITBC-L01``), or a plugin asked for it
                inside the host's own start or stop (``AITBC-L02``).
        """
        self._refuse_own()
        async with self._turns.take():
            if self._started:
                raise LifecycleError("the host is running already.", hint="Stop it first.")
            self._started = True
            try:
                await self._start()
            except BaseException:
                await _to_its_end(self._stop)
                raise

    async def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._running.enter_context(StallWatch(functools.partial(self._stalled, loop)))
        self._activation.open()
        if self.settings.auto_load:
            await self.load_all()
            await self.start_all()
        task = asyncio.create_task(self._health.run(), name="aitbc-hooks:health")
        self._running.push_async_callback(_cancel, task)
        self._announcer.tell("host_started", plugin_names=self._active())

    async def stop(self) -> None:
        """Stop the host: stop and unload everything, in the reverse of the start order.

        It waits for a start that is under way, and completes if its caller is cancelled.

        Raises:
            LifecycleError: A plugin asked for it inside the host's own start or stop
                (``AITBC-L02``).
        """
        self._refuse_own()
        await _to_its_end(self._stop_in_turn)

    def _refuse_own(self) -> None:
        if self._turns.own:
            raise LifecycleError(
                "the host's start or stop was asked for inside its own, and would wait for itself.",
                hint="Ask from a task or an event handler instead.",
                code="AITBC-L02",
            )

    async def _stop_in_turn(self) -> None:
        async with self._turns.take():
            await self._stop()

    async def _stop(self) -> None:
        try:
            self._announcer.tell("host_stopping", plugin_names=self._active()[::-1])
            await self._announcer.settle(_FAREWELL)
            await self._drain()
            self._activation.close()
            await self._unload_all()
            await self._announcer.settle(_FAREWELL)
        finally:
            self._started = False
            try:
                await self._announcer.close()
            finally:
                await self._running.aclose()

    async def _drain(self) -> None:
        """Let waiting events be handled, as long as there are plugins to handle them."""
        seconds = self.settings.events.get("drain", _DRAIN)
        if left := await self.events.settle(seconds):
            _log.warning("%d events were not handled within %g s and are lost", left, seconds)

    async def _unload_all(self) -> None:
        loaded = [h for h in self._known if h.lifecycle.status is not PluginStatus.UNLOADED]
        await self._dependencies.in_stop_order(
            loaded, lambda hosted: _quietly(lambda: self._dependencies.unload(hosted))
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # Composition.

    async def _bring_up(self, hosted: HostedPlugin) -> bool:
        return await _quietly(hosted.lifecycle.load) and await _quietly(
            lambda: self._dependencies.start(hosted)
        )

    def _active(self) -> list[str]:
        active = [h for h in self._known if h.lifecycle.status is PluginStatus.ACTIVE]
        return [self._known.get(name).name for name in self._dependencies.order(active).names]

    # Keeping plugins' troubles to themselves.

    def _drive(self, hosted: HostedPlugin, method: str) -> Callable[[], Awaitable[bool]]:
        return functools.partial(self._dependencies.perform, hosted, OPERATION_OF[method])

    def _hook_failed(self, failure: HookFailure) -> None:
        _log.error(
            "plugin %r failed in hook %s: %s",
            failure.plugin_name,
            failure.hook_name,
            shown(failure.exception, str),
            exc_info=failure.exception,
        )
        hosted = self._known.find(failure.plugin_name)
        if hosted is not None:
            hosted.lifecycle.record_error()

    def _event_failed(self, owner: Owner, event: Event, error: BaseException) -> None:
        hosted = self._known.find(owner.name) if owner.name else None
        if hosted is not None:
            hosted.event_failed(event, error)
        else:
            _log.error("a subscriber failed to handle event %r", event.type, exc_info=error)

    def _events_changed(self, owner: Owner) -> None:
        hosted = self._known.find(owner.name) if owner.name else None
        if hosted is not None and hosted.owner is owner:
            self._health.look(hosted)

    def _stalled(self, loop: asyncio.AbstractEventLoop, stall: Stall) -> None:
        """Tell of a blocked loop; called in the watching thread, while the loop is blocked."""
        hosted = find_culprit(self._known, stall)
        if hosted is None:
            stack = "".join(stall.stack.format())
            _log.warning("the event loop is blocked, by no plugin, at:\n%s", stack)
            return
        failure = hosted.blocked(stall)
        _log.warning("plugin %r blocks the event loop, at:\n%s", hosted.name, failure.traceback)
        with contextlib.suppress(RuntimeError):  # the loop has been closed meanwhile
            loop.call_soon_threadsafe(hosted.lifecycle.note, failure)


async def _quietly(operation: Callable[[], Awaitable[bool]]) -> bool:
    """Await an operation that somebody else may have made impossible meanwhile."""
    try:
        return await operation()
    except LifecycleError as error:
        _log.warning("%s", error)
        return False


async def _to_its_end(operation: Callable[[], Awaitable[None]]) -> None:
    """Await what its caller's cancellation does not interrupt; the cancellation comes after."""
    call = MethodCall(operation, name="aitbc-hooks:stop")
    await call.run(deadline=None, grace=0, cancellable=False)
    pass_on(call)
    if call.exception is not None:
        raise call.exception


async def _cancel(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait({task})
