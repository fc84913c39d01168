"""What a host gives to a plugin, made for tests: it behaves like the real thing and keeps a record.

Nothing here needs a test case: a context is made by `make_context`, and closed.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import attrs

from aitbc_hooks.events import EventBus, EventLimits, Owner, PluginBus
from aitbc_hooks.interfaces import PluginContext
from aitbc_hooks.testing.doubles_client import RecordingClient, Request, copied

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.events import Event, Handler, Subscription

__all__ = [
    "HandlerFailure",
    "LoudBus",
    "RecordingBus",
    "RecordingClient",
    "Request",
    "TemporaryContext",
    "make_context",
]


@attrs.frozen
class HandlerFailure:
    """What an event handler has raised.

    Attributes:
        owner: In whose name it had subscribed.
        event: The event.
        error: What it raised.
    """

    owner: Owner
    event: Event
    error: BaseException

    def __str__(self) -> str:
        error = f"{type(self.error).__name__}: {self.error}".removesuffix(": ")
        return f"{self.owner} failed to handle event {self.event.type!r}: {error}"


class LoudBus(EventBus):
    """An event bus that hushes nothing up: what handlers raise is raised, or kept.

    Attributes:
        failures: What was raised by handlers that no `broadcast` waited for.
    """

    def __init__(self) -> None:
        super().__init__(self._keep)
        self.failures: list[HandlerFailure] = []
        self._counters: dict[Owner, Callable[[], None]] = {}

    def count_failures(self, owner: Owner, count: Callable[[], None]) -> None:
        """Call `count` for each failure of an owner's handlers."""
        self._counters[owner] = count

    async def broadcast(
        self, event_type: str, data: dict[str, Any], *, source: str | None = None
    ) -> None:
        """Hand an event to its receivers; return when all have handled it.

        Raises:
            BaseException: What a handler raised; a group where several did.
        """
        await super().broadcast(event_type, data, source=source)
        errors = [failure.error for failure in self.failures if failure.event.data is data]
        self.failures[:] = [f for f in self.failures if f.event.data is not data]
        if len(errors) > 1:
            raise BaseExceptionGroup(f"handlers of event {event_type!r}", errors)
        if errors:
            raise errors[0]

    def _keep(self, owner: Owner, event: Event, error: BaseException) -> None:
        self.failures.append(HandlerFailure(owner, event, error))
        if owner in self._counters:
            self._counters[owner]()


class RecordingBus(PluginBus):
    """The bus as a plugin has it in a host, with a record of what the plugin did with it.

    Handlers are called while the bus is granted: from the beginning, unless a test case drives
    the plugin; then while the plugin is ACTIVE, as in a host. However many events fail, none is
    paused.

    Args:
        name: The plugin's name, the source of what is published.
        events: The bus behind it, shared with other plugins; one of its own by default.

    Attributes:
        published: What the plugin has published, as ``(event_type, data)`` with a copy of the
            data.
        owner: In whose name it subscribes.
        events: The bus behind it.
    """

    def __init__(self, name: str = "test", *, events: LoudBus | None = None) -> None:
        self.owner = Owner(name, granted=True, limits=EventLimits(max_failures=None))
        self.events = events or LoudBus()
        self.published: list[tuple[str, dict[str, Any]]] = []
        self._subscribed: list[Subscription] = []
        super().__init__(self.events, self.owner)

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The plugin's subscriptions that have not ended; each has a ``pattern``."""
        return tuple(subscription for subscription in self._subscribed if subscription.open)

    async def publish(self, event_type: str, data: dict[str, Any]) -> None:
        """Publish an event, and keep a copy in `published`."""
        record = (event_type, copied(data))
        self.published.append(record)
        try:
            await super().publish(event_type, data)
        except TypeError:  # it is no event, so nobody has got it
            self.published.remove(record)
            raise

    def subscribe(
        self, pattern: str, handler: Handler, *, limits: EventLimits | None = None
    ) -> Subscription:
        """Call ``handler(event_type, data)`` for each event that `pattern` matches."""
        subscription = super().subscribe(pattern, handler, limits=limits)
        self._subscribed.append(subscription)
        return subscription

    async def deliver(self, event_type: str, data: dict[str, Any]) -> None:
        """Let an event come from outside the plugin; return when it has been handled.

        Raises:
            BaseException: What a handler raised; a group where several did.
        """
        await self.events.broadcast(event_type, data)

    async def settle(self) -> None:
        """Wait until everything that was published has been handled."""
        await self.events.settle()

    def grant(self) -> None:
        """Let events reach the plugin's handlers, as a host does when the plugin is ACTIVE."""
        self.events.grant(self.owner)

    def withdraw(self) -> None:
        """Let no more events reach the plugin's handlers."""
        self.events.withdraw(self.owner)

    async def quiesce(self) -> None:
        """End the plugin's handlers that are still running, as a host does before cleanup()."""
        await self.events.quiesce(self.owner)

    def reopen(self) -> None:
        """Let the plugin subscribe again after `close`, as a fresh load in a host does."""
        self.owner.gone = False

    def close(self) -> None:
        """End the plugin's subscriptions, as a host does after cleanup()."""
        self.events.forget(self.owner)


class TemporaryContext(PluginContext):
    """A context with a bus and a client that record, and directories that are removed.

    Close it, or use it in a ``with`` statement; `PluginTestCase` closes those that it makes.
    """

    event_bus: RecordingBus
    _remove: Callable[[], object] | None = None

    def close(self) -> None:
        """End the subscriptions, and remove the directories. Twice is as good as once."""
        if isinstance(self.event_bus, RecordingBus):
            self.event_bus.close()
        if self._remove is not None:
            self._remove()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def make_context(
    config: dict[str, Any] | None = None,
    *,
    name: str = "test",
    folder: str | Path | None = None,
    events: LoudBus | None = None,
) -> TemporaryContext:
    """Make what a host gives to a plugin.

    Args:
        config: The plugin's configuration block; it is copied.
        name: The plugin's name, for its logger ``aitbc.plugins.<name>`` and its events.
        folder: Where to make ``data`` and ``temp``, which then stay; by default a folder that is
            removed when the context is closed, or forgotten.
        events: The bus behind ``context.event_bus``, to be shared by several plugins.
    """
    made = Path(tempfile.mkdtemp(prefix="aitbc-test-") if folder is None else folder)
    data, temp = made / "data", made / "temp"
    for each in (data, temp):
        each.mkdir(parents=True, exist_ok=True)
    context = TemporaryContext(
        config={} if config is None else copied(config),
        data_dir=str(data),
        temp_dir=str(temp),
        logger=logging.getLogger(f"aitbc.plugins.{name}"),
        event_bus=RecordingBus(name, events=events),
        api_client=RecordingClient(),
    )
    if folder is None:
        context._remove = weakref.finalize(context, shutil.rmtree, str(made), ignore_errors=True)  # noqa: SLF001 - its maker
    return context
