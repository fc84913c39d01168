"""Health checks: one question to one plugin, and the regular round of whatever is active."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Any

from aitbc_hooks.hosting.origin import running_as
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle.call import GRACE, MethodCall
from aitbc_hooks.lifecycle.failure import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.hosting.announcer import Announcer
    from aitbc_hooks.hosting.plugin import HostedPlugin

__all__ = ["HealthProbe", "HealthWatch", "UnwellError"]


class UnwellError(Exception):
    """A health check gave no health; the text says why, in words for the operator."""


class HealthProbe:
    """Asks one instance for its health, within a deadline that the instance cannot ignore.

    Args:
        check: The plugin's ``health_check``.
        owner: In whose name it runs.
        name: For the names of tasks.
        deadline: Seconds that one check may take.
    """

    def __init__(
        self, check: Callable[[], Any], owner: object, *, name: str, deadline: float
    ) -> None:
        self._check = check
        self._owner = owner
        self._name = f"aitbc-hooks:{name}:health_check"
        self._deadline = deadline
        self._abandoned = False

    async def ask(self) -> dict[str, Any]:
        """Return what the plugin says of its health now, as a dict of the host's own.

        Raises:
            UnwellError: It raised, returned something else, or did not end within its deadline.
        """
        if self._abandoned:
            raise UnwellError("health_check() was abandoned and is not called any more")
        call = MethodCall(self._answer, name=self._name)
        await call.run(deadline=self._deadline, grace=GRACE, cancellable=True)
        self._abandoned |= call.abandoned
        error = call.exception
        if call.caller_cancelled:
            raise asyncio.CancelledError
        if isinstance(error, KeyboardInterrupt):
            raise error
        if call.timed_out:
            raise UnwellError(f"health_check() did not end within {self._deadline:g} s")
        if error is not None:
            raised = f"{type(error).__name__}: {shown(error, str)}".removesuffix(": ")
            raise UnwellError(f"health_check() raised {raised}")
        if not isinstance(call.value, dict):
            raise UnwellError(f"health_check() returned {shown(call.value)}, expected a dict")
        return dict(call.value)

    async def _answer(self) -> object:
        with running_as(self._owner):
            result = self._check()
            return await result if inspect.isawaitable(result) else result


class HealthWatch:
    """Asks every ACTIVE plugin for its health, again and again.

    Args:
        plugins: Returns the plugins to consider.
        announcer: Told when a plugin's word for its health changes.
        interval: Seconds between two rounds.
    """

    def __init__(
        self,
        plugins: Callable[[], Iterable[HostedPlugin]],
        announcer: Announcer,
        *,
        interval: float,
    ) -> None:
        self._plugins = plugins
        self._announcer = announcer
        self._interval = interval

    async def run(self) -> None:
        """Check at once, and then every interval, until cancelled."""
        while True:
            await self.check_all()
            await asyncio.sleep(self._interval)

    async def check_all(self) -> None:
        """Check all ACTIVE plugins, concurrently."""
        active = [
            hosted for hosted in self._plugins() if hosted.lifecycle.status is PluginStatus.ACTIVE
        ]
        await asyncio.gather(*(self.check(hosted) for hosted in active))

    async def check(self, hosted: HostedPlugin) -> None:
        """Check one plugin, and announce it if its word has changed."""
        before = hosted.health
        instance = hosted.plugin
        health = await hosted.check_health()
        if hosted.plugin is not instance:
            return  # it was unloaded meanwhile; a new instance has its own health
        hosted.health = health
        if before is not None and before.get("status") != health.get("status"):
            self._announcer.tell("plugin_health_changed", plugin_name=hosted.name, health=health)
