"""Watching a host: what its hooks announce, and once a second what they do not."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final, Self

from aitbc_hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.cli.reporting import Reporter
    from aitbc_hooks.interfaces import PluginStatus
    from aitbc_hooks.lifecycle import Failure
    from aitbc_hooks.manager import PluginManager

__all__ = ["Watcher"]

_NAME: Final = "aitbc-hooks run"

#: Seconds between two looks at most, and at least.
_PERIOD: Final = 1.0
_BREATH: Final = 0.05


class Watcher:
    """Tells a reporter of every transition, failure and change of health.

    An asynchronous context manager. It hears of transitions as any plugin does, without being
    one. The host does not announce a plugin's first health; that is found by looking.

    Args:
        manager: The host.
        reporter: Shows what happens.
        on_silence: Called when the reporter has nobody to tell any more.
    """

    def __init__(
        self, manager: PluginManager, reporter: Reporter, *, on_silence: Callable[[], None]
    ) -> None:
        self._manager = manager
        self._reporter = reporter
        self._on_silence = on_silence
        self._health: dict[str, object] = {}
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._manager.hooks.register(self, _NAME)
        self._task = asyncio.create_task(self._look(), name="aitbc-hooks:watch")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})
        self._refresh()
        self._manager.hooks.unregister(name=_NAME)

    @hookimpl
    def plugin_transitioned(self, plugin_name: str, old: PluginStatus, new: PluginStatus) -> None:
        """Report a transition."""
        self._reporter.transition(plugin_name, old, new)
        self._changed.set()

    @hookimpl
    def plugin_failed(self, plugin_name: str, failure: Failure) -> None:
        """Report a failure."""
        self._reporter.failure(plugin_name, failure)

    async def _look(self) -> None:
        while True:
            self._refresh()
            if self._reporter.silenced:
                self._on_silence()
            await asyncio.sleep(_BREATH)  # many changes come at a time
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_PERIOD - _BREATH):
                    await self._changed.wait()
            self._changed.clear()

    def _refresh(self) -> None:
        reports = self._manager.reports()
        for report in reports:
            word = _word(report.health)
            if word != self._health.get(report.name):
                self._health[report.name] = word
                if report.health is not None:
                    self._reporter.health(report)
        self._reporter.refresh(reports)


def _word(health: Any) -> object:
    return None if health is None else health.get("status")
