"""One plugin in its host: from a candidate to an instance, and everything around the instance."""

from __future__ import annotations

import functools
import inspect
import logging
import shutil
import tempfile
import threading
import weakref
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.adapter import overrides_event_handler
from aitbc_hooks.awaiting import awaited
from aitbc_hooks.config import check_plugin_config
from aitbc_hooks.discovery import collecting_imports, forget_modules
from aitbc_hooks.errors import PluginNameError, StateError
from aitbc_hooks.events import EventLimits, EventStatistics, Owner, PluginBus
from aitbc_hooks.hosting.construction import (
    check_manifest,
    check_metadata,
    construct,
    read_metadata,
    read_schema,
    static_schema,
)
from aitbc_hooks.hosting.health import HealthProbe, UnwellError, with_trouble
from aitbc_hooks.hosting.leftovers import ThreadCensus, leftover_tasks
from aitbc_hooks.hosting.origin import in_method_of, in_package_of, running_as
from aitbc_hooks.hosting.resources import resident_bytes
from aitbc_hooks.hosting.stalls import STALL
from aitbc_hooks.interfaces import BasePlugin, PluginContext, PluginMetadata
from aitbc_hooks.lifecycle import Failure, Lifecycle, Listener, Subject
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.versions import Requirement, canonical_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from types import FrameType

    from aitbc_hooks.adapter import PluginHooks
    from aitbc_hooks.config import HostConfig
    from aitbc_hooks.discovery import Candidate
    from aitbc_hooks.dispatch import Tallies, Tally
    from aitbc_hooks.events import Event, EventBus
    from aitbc_hooks.hosting.activation import StandIn
    from aitbc_hooks.hosting.announcer import Announcer
    from aitbc_hooks.hosting.stalls import Stall
    from aitbc_hooks.interfaces import PluginStatus

__all__ = ["HostServices", "HostedPlugin"]

_log = logging.getLogger("aitbc.hooks")


@attrs.frozen
class HostServices:
    """What a host shares with all of its plugins."""

    config: HostConfig
    host_version: str
    hooks: PluginHooks
    tallies: Tallies
    events: EventBus
    announcer: Announcer
    api_client: object
    census: ThreadCensus = attrs.field(factory=ThreadCensus)


@attrs.define(eq=False)
class _Instance:
    """What belongs to one instance, and goes with it.

    The plugin may change its context, so the host keeps what it needs of it here.
    """

    context: PluginContext
    owner: Owner
    bus: PluginBus
    remove_temp_dir: Callable[[], object]
    older_threads: frozenset[threading.Thread]
    plugin: object = None
    metadata: PluginMetadata | None = None
    probe: HealthProbe | None = None
    imports: list[str] = attrs.field(factory=list)


class HostedPlugin(Listener):
    """A known plugin: its lifecycle, and what the host must do as the lifecycle moves on.

    Args:
        candidate: What discovery has found.
        services: What the host shares.
        drive: Lifecycle method -> what a direct call of it on the instance runs instead; the
            instance's own ``self.stop()`` thus is a transition like any other.
    """

    def __init__(
        self,
        candidate: Candidate,
        services: HostServices,
        drive: Callable[[HostedPlugin, str], Callable[[], Any]],
    ) -> None:
        self.candidate = candidate
        self.name = candidate.name
        self.seat = candidate.name  # the name that its hooks are registered under
        self.settings = services.config.plugin(candidate.name)
        self.lifecycle = Lifecycle(
            candidate.name, self._make, timeouts=self.settings.timeouts, listener=self
        )
        self.health: dict[str, Any] | None = None
        self._answer: dict[str, Any] | None = None
        self.withdrawing = 0
        self.stand_in: StandIn | None = None
        self._told_by: Candidate | None = None
        self._told: tuple[str, ...] = ()
        self._services = services
        self._drive = drive
        self._instance: _Instance | None = None

    @property
    def plugin(self) -> object | None:
        """The instance; None while there is none."""
        return self.lifecycle.subject.plugin if self.lifecycle.subject else None

    @property
    def metadata(self) -> PluginMetadata | None:
        """What the instance says of itself; None while there is none, or it says nothing."""
        return self._instance.metadata if self._instance else None

    @property
    def owner(self) -> object:
        """In whose name the instance's code runs; None while there is none."""
        return self._instance.owner if self._instance else None

    @property
    def events(self) -> EventStatistics:
        """What has become of the events for this instance."""
        if self._instance is None:
            return EventStatistics()
        return self._services.events.statistics(self._instance.owner)

    @property
    def tallies(self) -> list[Tally]:
        """What the calls of its hooks have come to, by name of the hook."""
        return self._services.tallies.of(self.name)

    @property
    def version(self) -> str | None:
        """The plugin's version, as far as it is known."""
        return self.metadata.version if self.metadata else self.candidate.version

    @property
    def requirements(self) -> tuple[Requirement, ...]:
        """What this one asks of other plugins: by metadata, manifest and configuration."""
        own = self.metadata.dependencies if self.metadata else ()
        asked = dict.fromkeys((*own, *self._told_needs, *self.settings.dependencies))
        return tuple(Requirement.parse(text) for text in asked)

    @property
    def _told_needs(self) -> tuple[str, ...]:
        """What the manifest says; of a plugin without one, that is looked for once."""
        if self._told_by is not self.candidate:
            self._told_by = self.candidate
            manifest = self.candidate.manifest
            self._told = manifest.dependencies if manifest else ()
        return self._told

    async def check_health(self) -> dict[str, Any]:
        """Ask the instance for its health, as `health_check` promises it; never raises.

        What it raises, and a passed deadline, become the health: status ``error``, a reason.
        What keeps events from it is added: status ``degraded``, a reason.
        """
        instance = self._instance
        answer = await self._ask(instance.probe if instance else None)
        if instance is self._instance:
            self._answer = answer
        return self.present_health()

    def present_health(self) -> dict[str, Any]:
        """Return what the instance has last said of its health, and what is known besides."""
        answer = self._answer or {"status": self.lifecycle.status.value}
        return with_trouble(answer, self._instance.owner.trouble if self._instance else None)

    async def _ask(self, probe: HealthProbe | None) -> dict[str, Any] | None:
        if probe is None:
            return None
        if self.lifecycle.subject is not None:
            self.lifecycle.subject.mark("_memory_usage", resident_bytes())
        try:
            return await probe.ask()
        except UnwellError as error:
            self.lifecycle.record_error()
            return {"status": "error", "reason": str(error)}

    def blocked(self, stall: Stall) -> Failure:
        """Return the failure that a stall is which this plugin has caused.

        Its traceback begins where the plugin's code was entered.
        """
        stack = stall.since(self._has_called)
        entered, innermost = stack[0], stack[-1]
        message = (
            f"blocked the event loop for {STALL:g} s or more, "
            f"at {innermost.filename}:{innermost.lineno}."
        )
        return Failure(
            "AITBC-L09", message, self.name, entered.name, traceback="".join(stack.format())
        )

    def _has_called(self, frame: FrameType) -> bool:
        return in_method_of(self.plugin, frame) or in_package_of(self.plugin, frame)

    # The making of an instance. Runs inside the task of the load, before initialize().

    def _make(self) -> Subject:
        self.health = self._answer = None
        instance = self._instance = self._prepare()
        try:
            return self._fill(instance)
        except BaseException:
            self._drop(after=None)
            raise

    def _fill(self, instance: _Instance) -> Subject:
        told = self.candidate.manifest
        if told is not None:
            check_manifest(told, self.name, self._services.host_version)
        with running_as(instance.owner), self._services.census.watch(instance.owner):
            with collecting_imports(instance.imports):
                target = self.candidate.resolve()
            self._refuse_registered(target)
            schema = static_schema(target)
            self._configure(instance, schema or {})
            instance.plugin = construct(target, instance.context, self.name)
        self._refuse_registered(instance.plugin)  # a factory may return an old one
        priority = self.settings.priority
        self._services.hooks.register(instance.plugin, self.seat, priority=priority, active=False)
        self._describe(instance, schema_known=schema is not None)
        self._listen(instance)
        subject = self._services.hooks.subject(instance.plugin, instance.context)
        subject.methods = {
            name: functools.partial(self._run, instance, method)
            for name, method in subject.methods.items()
        }
        if isinstance(instance.plugin, BasePlugin):
            subject.bind(functools.partial(self._drive, self))
        return subject

    def _prepare(self) -> _Instance:
        threads = frozenset(threading.enumerate())
        deadline = self.lifecycle.deadline("handle_event")
        owner = Owner(self.name, deadline=deadline, limits=self.event_limits())
        bus = PluginBus(self._services.events, owner)
        context = self._make_context(bus)
        # At the latest when the context is forgotten, or the interpreter ends without an unload.
        remove = weakref.finalize(context, shutil.rmtree, context.temp_dir, ignore_errors=True)
        return _Instance(context, owner, bus, remove, threads)

    def event_limits(self) -> EventLimits:
        """Return what the configuration allows of events for this plugin."""
        limits = {**self._services.config.events, **self.settings.events}
        limits.pop("drain", None)
        return EventLimits(**limits)

    def _make_context(self, bus: PluginBus) -> PluginContext:
        key = canonical_name(self.name)
        data_dir = self._services.config.state_dir / "plugins" / key
        try:
            data_dir.mkdir(parents=True, exist_ok=True)
            temp_dir = tempfile.mkdtemp(prefix=f"aitbc-{key}-")
        except (OSError, ValueError) as error:  # ValueError: no file can have such a name
            raise StateError(
                f"cannot make its folders: {error}.",
                plugin=self.name,
                hint="Set state_dir to a folder that can be written.",
            ) from error
        return PluginContext(
            config={},
            data_dir=str(data_dir),
            temp_dir=temp_dir,
            logger=logging.getLogger(f"aitbc.plugins.{self.name}"),
            event_bus=bus,
            api_client=self._services.api_client,
        )

    def _configure(self, instance: _Instance, schema: dict[str, Any]) -> None:
        """Check the plugin's config block; put it, with the schema's defaults, into the context."""
        host = self._services.config
        checked = check_plugin_config(self.name, self.settings.config, schema, host=host)
        instance.context.config.clear()
        instance.context.config.update(checked)

    def _refuse_registered(self, target: object) -> None:
        """Refuse an instance that is loaded already, before it gets another context."""
        if self._services.hooks.is_registered(target):
            raise PluginNameError(
                "the object is, or is equal to, one that is loaded under another name.",
                plugin=self.name,
                hint="Register each object once.",
            )

    def _describe(self, instance: _Instance, *, schema_known: bool) -> None:
        """Ask what only the instance can say: metadata, a schema that needs it, health."""
        own = functools.partial(self._services.hooks.implementation, instance.plugin)
        if get_metadata := own("get_metadata"):
            instance.metadata = read_metadata(get_metadata, self.name)
            check_metadata(instance.metadata, self.name, self._services.host_version)
            self._compare(instance.metadata)
        if (get_schema := own("get_config_schema")) and not schema_known:
            self._configure(instance, read_schema(get_schema, self.name))
        if check := own("health_check"):
            deadline = self.lifecycle.deadline("health_check")
            instance.probe = HealthProbe(check, instance.owner, name=self.name, deadline=deadline)

    def _compare(self, metadata: PluginMetadata) -> None:
        """Say so where a plugin is another version than its manifest says."""
        told = self.candidate.manifest
        if told is not None and told.is_complete and told.version not in (None, metadata.version):
            _log.warning(
                "plugin %s is %s, and its manifest says %s; `aitbc-hooks manifest check` compares "
                "the rest",
                self.name,
                metadata.version,
                told.version,
            )

    def _listen(self, instance: _Instance) -> None:
        plugin = instance.plugin
        handler = self._services.hooks.implementation(plugin, "handle_event")
        if handler is None or (
            isinstance(plugin, BasePlugin) and not overrides_event_handler(plugin)
        ):
            return
        takes = list(inspect.signature(handler).parameters)[:2]
        if takes == ["event_type", "data"]:
            instance.bus.subscribe("#", handler)
            return

        async def handle(event_type: str, data: dict[str, Any]) -> None:
            arguments = {"event_type": event_type, "data": data}
            await awaited(handler(**{key: arguments[key] for key in takes if key in arguments}))

        instance.bus.subscribe("#", handle)

    def own_method(self, name: str) -> Callable[..., Awaitable[object]] | None:
        """Return a method that the instance may have or not, to be run in the plugin's name."""
        instance = self._instance
        # Looked up statically: a plugin that answers to every name has not said anything.
        if instance is None or inspect.getattr_static(instance.plugin, name, None) is None:
            return None

        async def call(*arguments: object) -> object:
            return await self._run(instance, lambda: getattr(instance.plugin, name)(*arguments))

        return call

    def swap(self, other: HostedPlugin) -> None:
        """Exchange instances with another one of the same plugin; the places in hooks stay."""
        self._services.hooks.swap(self.seat, other.seat)
        self._instance, other._instance = other._instance, self._instance
        self.candidate, other.candidate = other.candidate, self.candidate
        self.lifecycle.swap(other.lifecycle)
        self.health = self._answer = None

    async def _run(self, instance: _Instance, method: Callable[[], Any]) -> object:
        """Run one of the plugin's lifecycle methods in the plugin's name."""
        with running_as(instance.owner), self._services.census.watch(instance.owner):
            return await awaited(method())

    # What the driver tells (see Listener).

    def transitioned(self, old: PluginStatus, new: PluginStatus) -> None:
        """Log and announce a transition."""
        _log.debug("plugin %s: %s -> %s", self.name, old.name, new.name)
        self._services.announcer.tell(
            "plugin_transitioned", plugin_name=self.name, old=old, new=new
        )

    def failed(self, failure: Failure) -> None:
        """Log and announce a failure."""
        _log.error("%s", failure, extra={"aitbc_failure": failure})
        if failure.traceback:
            _log.debug("%s", failure.traceback)
        self._services.announcer.tell("plugin_failed", plugin_name=self.name, failure=failure)

    def event_failed(self, event: Event, error: BaseException) -> None:
        """Count and log what an event handler raised."""
        self.lifecycle.record_error()
        _log.error(
            "plugin %r failed to handle event %r: %s: %s",
            self.name,
            event.type,
            type(error).__name__,
            shown(error, str),
            exc_info=error,
        )

    def granted(self) -> None:
        """Let hook calls and events in."""
        if self._instance is not None:
            self._services.hooks.set_active(self.seat, active=True)
            stand_in, self.stand_in = self.stand_in, None
            if stand_in is not None:
                stand_in.admit(self._instance.owner)
            else:
                self._services.events.grant(self._instance.owner)

    def withdrawn(self) -> None:
        """Keep hook calls and events out."""
        if self._instance is not None:
            self._services.hooks.set_active(self.seat, active=False)
            self._services.events.withdraw(self._instance.owner)

    async def quiesce(self) -> None:
        """End event handlers that are still running."""
        if self._instance is not None:
            await self._services.events.quiesce(self._instance.owner)

    def released(self) -> None:
        """Forget the instance, and report what it has left behind."""
        self._drop(after="cleanup")

    def _drop(self, *, after: str | None) -> None:
        instance, self._instance = self._instance, None
        if instance is None:
            return
        self._services.hooks.unregister(name=self.seat)
        self._services.events.forget(instance.owner)
        self._report_leftovers(instance, after)
        instance.remove_temp_dir()
        for package in instance.imports:
            forget_modules(package)

    def _report_leftovers(self, instance: _Instance, method: str | None) -> None:
        owner, census = instance.owner, self._services.census
        tasks = leftover_tasks(owner)
        threads = census.leftover_threads(
            owner,
            instance.plugin,
            others=[plugin for _, plugin in self._services.hooks.list_name_plugin()],
            older=instance.older_threads,
        )
        names = [f"task {task.get_name()} (cancelled)" for task in tasks]
        names += [f"thread {thread.name} (goes on)" for thread in threads]
        for task in tasks:
            task.cancel()
        if names:
            message = f"left behind: {', '.join(names)}."
            self.lifecycle.note(Failure("AITBC-L10", message, self.name, method))
