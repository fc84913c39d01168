"""Plugins on demand: enabled, not loaded, and started by the first call or event that needs them.

A manifest's ``activation`` says what that is. A plugin that waits is *asleep*: UNLOADED, with no
code of its in the process. Who needs it first wakes it up; everybody who needs it meanwhile waits
for the same awakening. It is not cancelled with those who wait: a caller whose patience ends leaves
it to the others.
"""

from __future__ import annotations

import asyncio
import functools
import logging
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.discovery import ON_START
from aitbc_hooks.errors import PluginInactiveError
from aitbc_hooks.events import Owner, compile_pattern
from aitbc_hooks.interfaces import PluginStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from aitbc_hooks.adapter import PluginHooks
    from aitbc_hooks.discovery import Manifest
    from aitbc_hooks.events import EventBus, EventLimits, Subscription
    from aitbc_hooks.hosting.plugin import HostedPlugin

__all__ = ["Activation", "SleepingPlugin", "StandIn"]

_log = logging.getLogger("aitbc.hooks")

_HOOK: Final = "on_hook"
_EVENT: Final = "on_event"


class StandIn:
    """Receives events in the place of a plugin that is asleep, and after it has woken up.

    From the first event that it is to be woken for, the plugin gets every event, in their order:
    those that come while it wakes up wait here, and are handed on before any other reaches it.

    Args:
        events: The bus.
        name: The plugin's name.
        patterns: What wakes it up.
        wake: Wakes it up; returns whether it is ACTIVE.
        limits: How many events may wait.
        deadline: Seconds that waking up and handling one event may take.
    """

    def __init__(
        self,
        events: EventBus,
        name: str,
        patterns: list[str],
        wake: Callable[[], Awaitable[bool]],
        *,
        limits: EventLimits,
        deadline: float,
    ) -> None:
        self._events = events
        self._matches = [compile_pattern(pattern) for pattern in patterns]
        self._wake = wake
        self._is_waking = False
        self._receiver: Owner | None = None
        self._owner = Owner(name, granted=True, limits=limits, deadline=deadline)
        self._subscription: Subscription = events.subscribe("#", self._receive, owner=self._owner)

    def admit(self, receiver: Owner) -> None:
        """Let the plugin, which is ACTIVE now, have what waits for it, and then everything."""
        self._receiver = receiver
        self._events.grant(receiver, held=True)
        self._finish()

    def dismiss(self) -> None:
        """End; what waits is lost, as for any plugin that is not ACTIVE."""
        self._events.forget(self._owner)

    def _receive(self, event_type: str, data: dict[str, Any]) -> Awaitable[None] | None:
        if not self._is_waking and not any(matches(event_type) for matches in self._matches):
            return None
        self._is_waking = True
        return self._hand_on(event_type, data)

    async def _hand_on(self, event_type: str, data: dict[str, Any]) -> None:
        try:
            if await self._wake() and (receiver := self._receiver) is not None:
                await self._events.deliver(receiver, event_type, data)
        finally:
            self._finish(but_one=True)

    def _finish(self, *, but_one: bool = False) -> None:
        """Step aside, if nothing waits here and, but for the caller itself, nothing is handled."""
        busy = self._subscription.suspended and not but_one
        if self._receiver is None or busy or self._subscription.waiting:
            return
        self._events.forget(self._owner)
        self._events.release(self._receiver)


@attrs.define(eq=False)
class _Sleeper:
    """One plugin that is asleep, or waking up."""

    hosted: HostedPlugin
    hooks: frozenset[str]
    stand_in: StandIn | None = None
    waking: asyncio.Task[bool] | None = None


class Activation:
    """The plugins of one host that are started on demand.

    Args:
        hooks: The host's hooks.
        events: Its bus.
        bring_up: Loads and starts a plugin; returns whether it is ACTIVE.
    """

    def __init__(
        self,
        hooks: PluginHooks,
        events: EventBus,
        bring_up: Callable[[HostedPlugin], Awaitable[bool]],
    ) -> None:
        self._hooks = hooks
        self._events = events
        self._bring_up = bring_up
        self._sleepers: dict[HostedPlugin, _Sleeper] = {}
        self._is_open = True

    def open(self) -> None:
        """Let plugins be put to sleep, and woken up, from now on."""
        self._is_open = True

    def put_to_sleep(self, hosted: HostedPlugin) -> bool:
        """Let a plugin wait until it is needed, if that is what its manifest says.

        Returns:
            Whether it waits; if not, it starts with the host.
        """
        manifest = hosted.candidate.manifest
        if manifest is None or manifest.starts_with_host or hosted in self._sleepers:
            return hosted in self._sleepers
        if hosted.lifecycle.status is not PluginStatus.UNLOADED:
            return False
        hooks = frozenset(_named(manifest, _HOOK))
        unfit = [hook for hook in hooks if not self._hooks.is_awaited(hook)]
        if unfit:
            _log.warning(
                "plugin %r starts with the host: nothing can wait in a call of %s, which is not "
                "asynchronous or no hook",
                hosted.name,
                " or ".join(sorted(unfit)),
            )
            return False
        sleeper = _Sleeper(hosted, hooks)
        if patterns := list(_named(manifest, _EVENT)):
            sleeper.stand_in = hosted.stand_in = self._stand_in(hosted, patterns)
        self._sleepers[hosted] = sleeper
        for hook in hooks:
            self._hooks.rouse_before(hook, functools.partial(self._rouse, hook))
        return True

    def _stand_in(self, hosted: HostedPlugin, patterns: list[str]) -> StandIn:
        deadline = sum(
            hosted.lifecycle.deadline(method) for method in ("initialize", "start", "handle_event")
        )
        wake = functools.partial(self.wake, hosted)
        limits = hosted.event_limits()
        return StandIn(self._events, hosted.name, patterns, wake, limits=limits, deadline=deadline)

    def awaited_by(self, hosted: HostedPlugin) -> tuple[str, ...]:
        """Return what will start a plugin that is asleep; nothing if it is not."""
        manifest = hosted.candidate.manifest
        asleep = hosted in self._sleepers and hosted.lifecycle.status is PluginStatus.UNLOADED
        return manifest.activation if asleep and manifest is not None else ()

    async def _rouse(self, hook: str) -> None:
        """Wake up everybody whom a call of the hook is to wake up.

        Raises:
            PluginInactiveError: One cannot be started, and the hook is one whose failures are
                raised; the code is that of the failure.
        """
        sleepers = [each.hosted for each in self._sleepers.values() if hook in each.hooks]
        awake = await asyncio.gather(*map(self.wake, sleepers))
        if not self._hooks.raises(hook):
            return  # the failure has been recorded, logged and announced
        for hosted, is_awake in zip(sleepers, awake, strict=True):
            if not is_awake:
                raise not_awake(hosted)

    async def wake(self, hosted: HostedPlugin) -> bool:
        """Start a plugin that is asleep, once; wait until it is ACTIVE or has failed.

        The caller's cancellation ends the caller's waiting alone.
        """
        sleeper = self._sleepers.get(hosted)
        if sleeper is None:
            return hosted.lifecycle.status is PluginStatus.ACTIVE
        if sleeper.waking is None:
            sleeper.waking = asyncio.create_task(
                self._awaken(sleeper), name=f"aitbc-hooks:wake {hosted.name}"
            )
        return await asyncio.shield(sleeper.waking)

    async def _awaken(self, sleeper: _Sleeper) -> bool:
        try:
            return self._is_open and await self._bring_up(sleeper.hosted)
        finally:
            self.forget(sleeper.hosted)

    def forget(self, hosted: HostedPlugin) -> None:
        """Let nothing wake up a plugin any more: it is awake, has failed, or is not wanted."""
        sleeper = self._sleepers.pop(hosted, None)
        if sleeper is None:
            return
        for hook in sleeper.hooks:
            if not any(hook in other.hooks for other in self._sleepers.values()):
                self._hooks.rouse_before(hook, None)
        if sleeper.stand_in is not None and hosted.lifecycle.status is not PluginStatus.ACTIVE:
            hosted.stand_in = None
            sleeper.stand_in.dismiss()

    def close(self) -> None:
        """Forget everybody: nobody is woken up any more; who is waking up is unloaded by others."""
        self._is_open = False
        for hosted in list(self._sleepers):
            self.forget(hosted)


class SleepingPlugin:
    """One plugin that is asleep: calls of its asynchronous hooks wake it up first.

    Args:
        hosted: The plugin.
        hooks: The host's hooks.
        activation: Wakes it up.
    """

    def __init__(self, hosted: HostedPlugin, hooks: PluginHooks, activation: Activation) -> None:
        self._hosted = hosted
        self._hooks = hooks
        self._activation = activation

    def __getattr__(self, name: str) -> Callable[..., Awaitable[Any]]:
        # Protocols such as copying and pickling ask for names that are no hooks.
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        if not self._hooks.is_awaited(name):
            raise PluginInactiveError(
                f"is started on demand, and {name!r} is nothing that could be awaited.",
                plugin=self._hosted.name,
                hint="Await manager.activate_plugin() first.",
            )
        return functools.partial(self._call, name)

    async def _call(self, hook: str, *arguments: Any, **named: Any) -> Any:
        if not await self._activation.wake(self._hosted):
            raise not_awake(self._hosted)
        return await getattr(self._hooks.addressed(self._hosted.name), hook)(*arguments, **named)

    def __repr__(self) -> str:
        return f"<SleepingPlugin {self._hosted.name!r}>"


def not_awake(hosted: HostedPlugin) -> PluginInactiveError:
    """Return the error for a plugin that was to be started for a call, and could not be."""
    failure = hosted.lifecycle.failure
    return PluginInactiveError(
        f"was to be started for this call, and could not be: {failure or 'it was stopped'}",
        plugin=hosted.name,
        hint="manager.report() has the whole failure.",
        code=failure.code if failure else None,
    )


def _named(manifest: Manifest, kind: str) -> Iterator[str]:
    for trigger in manifest.activation:
        what, _, name = trigger.partition(":")
        if what == kind and trigger != ON_START:
            yield name
