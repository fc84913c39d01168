"""A plugin under the driver that a host uses, with what a host does around it."""

from __future__ import annotations

import asyncio
import functools
import inspect
import threading
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.adapter import PluginHooks
from aitbc_hooks.awaiting import awaited
from aitbc_hooks.config import HostConfig, check_plugin_config
from aitbc_hooks.hosting.construction import construct, read_metadata, read_schema, static_schema
from aitbc_hooks.hosting.leftovers import ThreadCensus, leftover_tasks
from aitbc_hooks.hosting.origin import running_as
from aitbc_hooks.hosting.resources import resident_bytes
from aitbc_hooks.interfaces import BasePlugin, PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, Failure, Lifecycle, Listener, Subject
from aitbc_hooks.testing.doubles import RecordingBus
from aitbc_hooks.testing.driven_calls import BoundSubject, DrivenHooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aitbc_hooks.interfaces import PluginContext
    from aitbc_hooks.testing.doubles import LoudBus

__all__ = ["Driven", "loop_runs"]


#: What became of a method whose own outcome, a cancellation, tells nobody why.
_PASSED_DEADLINE: Final = frozenset({"AITBC-L05", "AITBC-L06"})


class Driven(Listener):
    """A plugin whose lifecycle methods go through the driver when a test calls them.

    Args:
        target: What a host would construct the plugin of.
        context: What the plugin is given.
        name: The plugin's name, for messages.
        events: The bus of the test.
        census: Knows which plugin's method started which thread.
        others: Whose threads are not this plugin's.
        check: Whether to refuse what a host would refuse.

    Attributes:
        face: What the test calls: the plugin, or `DrivenHooks` of a module or object.
        context: What the plugin was given.
    """

    def __init__(
        self,
        target: object,
        context: PluginContext,
        name: str,
        *,
        events: LoudBus,
        census: ThreadCensus,
        others: Callable[[], Iterable[object]],
        check: bool,
    ) -> None:
        self.context = context
        self._name = name
        own = context.event_bus
        self._bus = own if isinstance(own, RecordingBus) else RecordingBus(name, events=events)
        self._census = census
        self._others = others
        self._older = frozenset(threading.enumerate())
        self._outcomes: dict[str, object] = {}
        self._failures: list[Failure] = []
        self._handler: Callable[..., Any] | None = None
        self._make(target, check=check)
        self._lifecycle = Lifecycle(name, self._open, listener=self)
        self.face = self._bind()
        self._bus.events.count_failures(self._bus.owner, self._lifecycle.record_error)
        self._bus.withdraw()

    @property
    def status(self) -> PluginStatus:
        """The status: the driver's, whatever the plugin may have assigned to its own."""
        return self._lifecycle.status

    # The making of an instance: what `HostedPlugin` does in a load, in the same order.

    def _make(self, target: object, *, check: bool) -> None:
        with running_as(self._bus.owner), self._census.watch(self._bus.owner):
            schema = static_schema(target) if check else {}
            self._configure(schema or {})
            self.plugin = construct(target, self.context, self._name)
        if isinstance(self.plugin, BasePlugin) and not check:
            methods = Subject.of(self.plugin).methods
            self._handler = self.plugin.handle_event
        else:
            methods = self._register(schema_known=schema is not None)
        self._subject = BoundSubject(
            self.plugin,
            {
                method: functools.partial(self._record, method, function)
                for method, function in methods.items()
            },
        )

    def _register(self, *, schema_known: bool) -> Mapping[str, Callable[[], Any]]:
        """Hold the plugin against the hookspecs; return its lifecycle methods."""
        hooks = PluginHooks()
        hooks.register(self.plugin, self._name)
        own = functools.partial(hooks.implementation, self.plugin)
        if get_metadata := own("get_metadata"):
            read_metadata(get_metadata, self._name)
        if (get_schema := own("get_config_schema")) and not schema_known:
            self._configure(read_schema(get_schema, self._name))
        self._handler = own("handle_event")
        return hooks.subject(self.plugin, self.context).methods

    def _configure(self, schema: dict[str, Any]) -> None:
        if not schema:
            return
        config = self.context.config
        checked = check_plugin_config(self._name, config, schema, host=HostConfig())
        config.clear()
        config.update(checked)

    def _bind(self) -> object:
        if isinstance(self.plugin, BasePlugin):
            self._subject.bind(lambda name: functools.partial(self.drive, name))
            return self.plugin
        return DrivenHooks(self)

    # A test's calls.

    async def send_event(self, event_type: str, data: dict[str, Any]) -> bool:
        """Call the plugin's `handle_event` if it is ACTIVE; return whether it is."""
        if self.status is not PluginStatus.ACTIVE:
            return False
        if self._handler is not None:
            with running_as(self._bus.owner):
                try:
                    await self._handle(event_type, data)
                except Exception:
                    self._lifecycle.record_error()
                    raise
        return True

    async def unload(self) -> None:
        """Unload the plugin if the test has not."""
        if self.status is not PluginStatus.UNLOADED:
            await self._lifecycle.unload()

    def account(self) -> list[Failure]:
        """Return, once, what failed that no call has told of."""
        self._report_leftovers(None)  # of a plugin that was never loaded, too
        failures, self._failures = self._failures, []
        return failures

    async def drive(self, name: str) -> Any:
        """Call a lifecycle method through the driver.

        Returns:
            What the plugin's method has returned.

        Raises:
            BaseException: What the plugin's method has raised.
            LifecycleError: The lifecycle forbids it now; nothing was called.
            TimeoutError: It did not end within its deadline.
        """
        try:
            succeeded = await self._lifecycle.perform(OPERATION_OF[name])
        finally:
            # What is raised or returned here is told; a stop() that failed in cleanup() is not.
            self._failures = [f for f in self._failures if f.method != name or _is_leftover(f)]
        if succeeded:
            return True
        failure = self._lifecycle.failure
        if failure is not None and failure.code in _PASSED_DEADLINE:
            raise TimeoutError(str(failure))
        outcome = self._outcomes.get(name)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def _record(self, name: str, method: Callable[[], Any]) -> object:
        self._outcomes[name] = None
        try:
            with running_as(self._bus.owner), self._census.watch(self._bus.owner):
                self._outcomes[name] = await awaited(method())
        except BaseException as error:
            self._outcomes[name] = error
            raise
        finally:
            self._subject.bind_again()
        return self._outcomes[name]

    async def _handle(self, event_type: str, data: dict[str, Any]) -> None:
        assert self._handler is not None  # noqa: S101 - for mypy
        given = {"event_type": event_type, "data": data}
        takes = inspect.signature(self._handler).parameters
        await awaited(self._handler(**{key: given[key] for key in takes if key in given}))

    # What the driver tells.

    def _open(self) -> BoundSubject:
        """Let the plugin in for a load: the driver asks for its instance."""
        self._bus.reopen()
        if self._handler is not None:
            self._bus.events.subscribe("#", self._handle, owner=self._bus.owner)
        return self._subject

    def transitioned(self, old: PluginStatus, new: PluginStatus) -> None:  # noqa: ARG002
        """Let the default `health_check` tell the truth."""
        self._subject.mark("_memory_usage", resident_bytes())

    def granted(self) -> None:
        """Let events in."""
        self._bus.grant()

    def withdrawn(self) -> None:
        """Keep events out."""
        self._bus.withdraw()

    async def quiesce(self) -> None:
        """End event handlers that are still running."""
        await self._bus.quiesce()

    def released(self) -> None:
        """End the subscriptions, and look for what was left behind.

        The calls stay bound: a test may call a method after `cleanup`, to see it refused.
        """
        self._bus.close()
        self._report_leftovers("cleanup")

    def failed(self, failure: Failure) -> None:
        """Keep a failure until a call has told of it, or the test has ended."""
        self._failures.append(failure)

    def _report_leftovers(self, method: str | None) -> None:
        owner = self._bus.owner
        tasks = leftover_tasks(owner) if loop_runs() else []
        others = [other for other in self._others() if other is not self.plugin]
        threads = self._census.leftover_threads(
            owner, self.plugin, others=others, older=self._older
        )
        names = [f"{_told(task)} (cancelled)" for task in tasks]
        names += [f"thread {thread.name} (goes on)" for thread in threads]
        for task in tasks:
            task.cancel()
        if names:
            message = f"left behind: {', '.join(names)}."
            self._lifecycle.note(Failure("AITBC-L10", message, self._name, method))


def _is_leftover(failure: Failure) -> bool:
    return failure.code == "AITBC-L10"


def _told(task: asyncio.Task[object]) -> str:
    runs = getattr(task.get_coro(), "__qualname__", None)
    return f"task {task.get_name()}" + (f" of {runs}()" if runs else "")


def loop_runs() -> bool:
    """Whether an event loop runs in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
