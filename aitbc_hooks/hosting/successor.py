"""A plugin's new code beside its old: made, checked and tried, out of sight until it takes over."""

from __future__ import annotations

import itertools
import logging
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.hosting.plugin import HostedPlugin
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle.call import MethodCall, pass_on
from aitbc_hooks.lifecycle.failure import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.discovery import Candidate
    from aitbc_hooks.hosting.plugin import HostServices
    from aitbc_hooks.lifecycle import Subject

__all__ = ["SameObjectError", "Successor", "seat_beside"]

_log = logging.getLogger("aitbc.hooks")


class SameObjectError(Exception):
    """The plugin's code gives the very object that is loaded: there can be no second one."""


def seat_beside(hosted: HostedPlugin) -> str:
    """Return the name under which hooks are registered beside a plugin's own."""
    return f"{hosted.name} (new)"


class Successor(HostedPlugin):
    """A second instance of a plugin, which nothing is told of and nothing reaches.

    It has a lifecycle of its own, with every rule of the table. After `take_over` it holds the
    instance that was replaced, to be unloaded.

    Args:
        hosted: The plugin.
        candidate: What discovery finds now.
        services: What the host shares.
        drive: See `HostedPlugin`; it is asked for `hosted`, never for this one.

    Attributes:
        cause: Its first failure.
    """

    def __init__(
        self,
        hosted: HostedPlugin,
        candidate: Candidate,
        services: HostServices,
        drive: Callable[[HostedPlugin, str], Callable[[], Any]],
    ) -> None:
        super().__init__(candidate, services, lambda _, method: drive(hosted, method))
        self.seat = seat_beside(hosted)
        self.cause: Failure | None = None
        self._hosted = hosted
        self._ready: Subject | None = None
        self._has_taken_over = False

    async def prepare(self) -> None:
        """Import, construct and check it: everything that a load does before `initialize`.

        Raises:
            SameObjectError: There is only one object, and it is loaded.
            KeyboardInterrupt: The plugin's code raised it.
        """
        call = MethodCall(self._get_ready, name=f"aitbc-hooks:{self.name}:import")
        await call.run(deadline=None, grace=0, cancellable=False)
        error = call.exception
        if isinstance(error, SameObjectError):
            raise error
        if error is not None:
            code = "AITBC-L07" if isinstance(error, SystemExit) else "AITBC-L04"
            self.failed(Failure.from_exception(error, plugin=self.name, method=None, code=code))
        pass_on(call)

    async def _get_ready(self) -> None:
        self._ready = super()._make()

    def _make(self) -> Subject:
        if self._ready is None:
            raise AssertionError(f"{self.name} was not prepared")
        return self._ready

    def take_over(self) -> None:
        """Exchange instances with the plugin, and let the plugin tell what that amounts to.

        Nothing is awaited, and nothing here can fail: the plugin has the old instance as a whole
        or the new one.
        """
        hosted, old = self._hosted, self._hosted.lifecycle.status
        hosted.swap(self)
        self._has_taken_over = True
        S = PluginStatus  # noqa: N806 - a short name for a table
        leaving = () if old is S.UNLOADED else (old, S.UNLOADING)
        arriving = (S.UNLOADED, S.LOADING, S.LOADED)
        serving = (S.ACTIVE,) if hosted.lifecycle.status is S.ACTIVE else ()
        steps = (*leaving, *arriving, *serving)
        for before, after in itertools.pairwise(steps):
            hosted.transitioned(before, after)
        if serving:
            hosted.granted()

    async def dispose(self) -> bool:
        """Unload what this holds: the new instance, or after `take_over` the old one."""
        if self.lifecycle.status is not PluginStatus.UNLOADED:
            return await self.lifecycle.unload()
        if self._ready is not None and not self._has_taken_over:
            self._ready.unbind()
            self._drop(after=None)
        self._ready = None
        return True

    def _refuse_registered(self, target: object) -> None:
        # pluggy takes plugins for one that are equal.
        if self._services.hooks.get_name(target) == self._hosted.seat:
            raise SameObjectError
        super()._refuse_registered(target)

    # What the driver tells.

    def transitioned(self, old: PluginStatus, new: PluginStatus) -> None:
        """Keep it to oneself."""

    def granted(self) -> None:
        """Let nothing in before it has taken over."""

    def failed(self, failure: Failure) -> None:
        """Keep the first failure as the reason; tell of the others."""
        if self._has_taken_over:
            message = f"of the instance that was replaced: {failure.message}"
            self._hosted.lifecycle.note(attrs.evolve(failure, message=message))
        elif self.cause is None:
            self.cause = failure
        else:
            _log.error("%s", failure, extra={"aitbc_failure": failure})
