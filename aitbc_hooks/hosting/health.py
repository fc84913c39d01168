"""Health checks: one question to one plugin, and the regular round of whatever is active."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.hosting.origin import running_as
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle.call import GRACE, MethodCall, pass_on
from aitbc_hooks.lifecycle.failure import shown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from aitbc_hooks.hosting.announcer import Announcer
    from aitbc_hooks.hosting.plugin import HostedPlugin

_log = logging.getLogger("aitbc.hooks")

__all__ = ["HealthProbe", "HealthWatch", "UnwellError", "with_trouble"]


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
        pass_on(call)
        error = call.exception
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
            return await awaited(self._check())


def with_trouble(health: dict[str, Any], trouble: str | None) -> dict[str, Any]:
    """Add to a plugin's health what the host knows: it is degraded, if it is not worse."""
    if trouble is None:
        return health
    status = health.get("status")
    reasons = [str(health["reason"])] if health.get("reason") else []
    return {
        **health,
        "status": status if status == "error" else "degraded",
        "reason": "; ".join([*reasons, trouble]),
    }


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
        self._asked: set[HostedPlugin] = set()

    async def run(self) -> None:
        """Check at once, and then every interval, until cancelled.

        A plugin that is slow to answer is not asked again meanwhile, and delays nobody else.
        """
        async with asyncio.TaskGroup() as group:
            while True:
                for hosted in self._plugins():
                    if hosted.lifecycle.status is PluginStatus.ACTIVE and hosted not in self._asked:
                        self._asked.add(hosted)
                        group.create_task(
                            self._ask(hosted), name=f"aitbc-hooks:{hosted.name}:health"
                        )
                await asyncio.sleep(self._interval)

    async def check(self, hosted: HostedPlugin) -> None:
        """Check one plugin, and announce it if its word has changed."""
        instance = hosted.plugin
        before = hosted.health
        health = await hosted.check_health()
        if hosted.plugin is instance:  # not unloaded meanwhile; a new one has its own health
            self._take(hosted, before, health)

    def look(self, hosted: HostedPlugin) -> None:
        """Take note, without asking the plugin, of what the host itself knows of its health."""
        before = hosted.health or {"status": hosted.lifecycle.status.value}
        self._take(hosted, before, hosted.present_health())

    def _take(
        self, hosted: HostedPlugin, before: dict[str, Any] | None, health: dict[str, Any]
    ) -> None:
        hosted.health = health
        if before is not None and before.get("status") != health.get("status"):
            self._announcer.tell("plugin_health_changed", plugin_name=hosted.name, health=health)

    async def _ask(self, hosted: HostedPlugin) -> None:
        try:
            await self.check(hosted)
        except Exception:  # noqa: BLE001 - one plugin is no reason to stop asking the others
            _log.exception("the health of plugin %r could not be checked", hosted.name)
        finally:
            self._asked.discard(hosted)
