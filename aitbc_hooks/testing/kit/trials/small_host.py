"""The small host that one instance lives in while it is tried.

It is the real one where it matters: the driver and its table, the hook manager that holds
signatures against hookspecs, the event bus. It takes note of what the plugin does to itself.
"""

from __future__ import annotations

import copy
import functools
import inspect
import logging
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.adapter import PluginHooks, overrides_event_handler
from aitbc_hooks.awaiting import awaited
from aitbc_hooks.events import EventBus, EventLimits, Owner, PluginBus
from aitbc_hooks.hosting.construction import construct
from aitbc_hooks.interfaces import BasePlugin, PluginContext, PluginStatus
from aitbc_hooks.lifecycle import OPERATION_OF, Lifecycle, Listener, Subject
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.outcomes import Violation
from aitbc_hooks.testing.kit.trials.suspending import Watched

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from aitbc_hooks.events import Event

__all__ = ["DEADLINE", "SmallHost", "Wrong"]

#: Seconds of virtual time that a handler, a health check or a hook may take.
DEADLINE: Final = 30.0


class Wrong(Violation):
    """A violation that says of what kind it is, for checks that look for one kind alone.

    Attributes:
        kind: One word, such as ``raised`` or ``changed``.
    """

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(message)
        self.kind = kind


class SmallHost(Listener):
    """Holds one instance at a time.

    Args:
        target: What is loaded.
        name: The name that it is registered under.
        config: Its configuration, complete with defaults.
        folder: Where its folders for data and scratch files are made.
        hooks: The manager that it is registered with; by default one of its own.
        api_client: Handed to the plugin.

    Attributes:
        context: What the plugin was given.
        hooks: The hook manager.
        lifecycle: The driver.
        entered: The lifecycle methods that were entered, in order.
        suspensions: Lifecycle method -> how often it has waited, in its last call.
        swallowed: Lifecycle methods that returned although they had been cancelled.
        dishonest: Where the plugin's status was not the driver's, in words.
        published: The events that the plugin has published.
        trouble: What its event handlers did wrong.
    """

    def __init__(
        self,
        target: object,
        *,
        name: str,
        config: Mapping[str, Any],
        folder: Path,
        hooks: PluginHooks | None = None,
        api_client: object = None,
    ) -> None:
        self.name = name
        self.hooks = hooks or PluginHooks()
        self.entered: list[str] = []
        self.suspensions: Counter[str] = Counter()
        self.swallowed: list[str] = []
        self.dishonest: list[str] = []
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.trouble: list[Violation] = []
        self.bus = EventBus(self._handler_failed)
        self.context = self._make_context(folder, config, api_client)
        self.lifecycle = Lifecycle(name, self._make, listener=self)
        self._target = target
        self._kept: Subject | None = None
        self._cancel: tuple[str, int, asyncio.Task[bool]] | None = None
        self._admit()

    @property
    def plugin(self) -> Any:
        """The instance; None while there is none."""
        return self.lifecycle.subject.plugin if self.lifecycle.subject else None

    @property
    def status(self) -> PluginStatus:
        """The status, as the driver knows it."""
        return self.lifecycle.status

    def subscriptions(self) -> set[str]:
        """Return the patterns that the plugin subscribes to."""
        return {each.pattern for each in self.bus.subscriptions if each.owner is self._owner}

    def construct(self) -> object:
        """Construct the plugin and do nothing with it; the driver knows nothing of it."""
        return construct(self._target, self.context, self.name)

    def cancel_at(self, method: str, at: int, caller: asyncio.Task[bool]) -> None:
        """Cancel `caller` when a lifecycle method waits for the `at`-th time."""
        self._cancel = (method, at, caller)

    # The making of an instance, and what surrounds its methods.

    def _make_context(
        self, folder: Path, config: Mapping[str, Any], api_client: object
    ) -> PluginContext:
        for name in ("data", "temp"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        return PluginContext(
            config=copy.deepcopy(dict(config)),
            data_dir=str(folder / "data"),
            temp_dir=str(folder / "temp"),
            logger=logging.getLogger(f"aitbc.plugins.{self.name}"),
            event_bus=None,
            api_client=api_client,
        )

    def _admit(self) -> None:
        """Be ready for an instance that subscribes to events, and publishes some."""
        # One trial may fail often without its events being paused.
        limits = EventLimits(max_failures=None)
        self._owner = Owner(self.name, deadline=DEADLINE, limits=limits)
        self.context.event_bus = _NotingBus(self.bus, self._owner, self.published)

    def _make(self) -> Subject:
        plugin = self.construct()
        self.hooks.register(plugin, self.name, active=False)
        self._listen(plugin)
        subject = self._kept = self.hooks.subject(plugin, self.context)
        subject.methods = {
            name: functools.partial(self._enter, name, method)
            for name, method in subject.methods.items()
        }
        if isinstance(plugin, BasePlugin):
            subject.bind(lambda name: functools.partial(self.lifecycle.perform, OPERATION_OF[name]))
        return subject

    async def _enter(self, name: str, method: Callable[[], Any]) -> object:
        self.entered.append(name)
        self.suspensions[name] = 0
        result = await self.watched(name, awaited(method()))
        if self._cancel is not None and self._cancel[2].cancelling():
            self.swallowed.append(name)
        self.note_status(f"at the end of {name}()")
        return result

    def watched(self, name: str, work: Awaitable[Any]) -> Awaitable[Any]:
        """Return `work` such that its suspensions are counted, and one of them is cancelled."""
        return Watched(work, functools.partial(self._suspended, name))

    def _suspended(self, name: str) -> None:
        self.suspensions[name] += 1
        self.note_status(f"inside {name}()")
        if self._cancel is not None and self._cancel[:2] == (name, self.suspensions[name]):
            # The caller wakes up, and cancels the method, before the method goes on.
            self._cancel[2].cancel()

    def note_status(self, where: str) -> None:
        """Take note if the plugin has another status than the driver."""
        subject = self.lifecycle.subject
        if subject is None or not isinstance(subject.plugin, BasePlugin):
            return
        seen = getattr(subject.plugin, "status", self.status)
        if seen is not self.status:
            told = seen.name if isinstance(seen, PluginStatus) else shown(seen)
            self.dishonest.append(f"{where} it was {told}, not {self.status.name}")

    def _listen(self, plugin: object) -> None:
        handler = self.hooks.implementation(plugin, "handle_event")
        if handler is None or (
            isinstance(plugin, BasePlugin) and not overrides_event_handler(plugin)
        ):
            return
        takes = [*inspect.signature(handler).parameters][:2]

        async def handle(event_type: str, data: dict[str, Any]) -> None:
            if takes == ["event_type", "data"]:  # as the host: a wrapper may call them otherwise
                result = await awaited(handler(event_type, data))
            else:
                arguments = {"event_type": event_type, "data": data}
                given = {key: arguments[key] for key in takes if key in arguments}
                result = await awaited(handler(**given))
            if result is not None:
                raise Wrong("returned", f"handle_event(): expected None, got {shown(result)}.")

        PluginBus(self.bus, self._owner).subscribe("#", handle)

    def _handler_failed(self, _owner: Owner | None, event: Event, error: BaseException) -> None:
        if isinstance(error, Violation):
            self.trouble.append(error)
            return
        kind = "hung" if isinstance(error, TimeoutError) else "raised"
        told = f"{type(error).__name__}: {shown(error, str)}"
        self.trouble.append(
            Wrong(kind, f"handle_event({event.type!r}, {event.data!r}) raised {told}")
        )

    # What the driver tells (see Listener).

    def granted(self) -> None:
        """Let hook calls and events in."""
        self.hooks.set_active(self.name, active=True)
        self.bus.grant(self._owner)

    def withdrawn(self) -> None:
        """Keep hook calls and events out."""
        self.hooks.set_active(self.name, active=False)
        self.bus.withdraw(self._owner)

    async def quiesce(self) -> None:
        """End event handlers that are still running."""
        await self.bus.quiesce(self._owner)

    def released(self) -> None:
        """Forget the instance; the next one is another owner of subscriptions."""
        self.hooks.unregister(name=self.name)
        self.bus.forget(self._owner)
        self._admit()


class _NotingBus(PluginBus):
    """The bus as the plugin sees it; takes note of what it publishes."""

    def __init__(
        self, bus: EventBus, owner: Owner, published: list[tuple[str, dict[str, Any]]]
    ) -> None:
        super().__init__(bus, owner)
        self._published = published

    async def publish(self, event_type: str, data: dict[str, Any]) -> None:
        """Publish, and note."""
        self._published.append((event_type, copy.deepcopy(data)))
        await super().publish(event_type, data)
