"""Reloading a plugin: new code beside the old, and back to the old where the new one fails.

`docs/decisions/0007-reload.md` says why it goes in these steps.
"""

from __future__ import annotations

import contextlib
import functools
import logging
from typing import TYPE_CHECKING, Any

import attrs

from aitbc_hooks.discovery import find_again
from aitbc_hooks.errors import AitbcError, LifecycleError
from aitbc_hooks.hosting.handover import counting_missed_events, hand_state_over
from aitbc_hooks.hosting.successor import SameObjectError, Successor, seat_beside
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import Failure, Operation, Turns
from aitbc_hooks.lifecycle.call import MethodCall, pass_on
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from aitbc_hooks.adapter import PluginHooks
    from aitbc_hooks.discovery import Candidate, Catalogue
    from aitbc_hooks.hosting.dependencies import Dependencies
    from aitbc_hooks.hosting.plugin import HostedPlugin, HostServices
    from aitbc_hooks.lifecycle.driver import Perform

__all__ = ["Reloader"]

_log = logging.getLogger("aitbc.hooks")


@attrs.define
class _Attempt:
    """One reload of one plugin.

    Attributes:
        hosted: The plugin.
        successor: Its new code.
        serving: The plugin was ACTIVE when its turn had come.
        done: The new instance is the plugin's.
        interrupts: What plugins' methods have raised that is not the host's to keep.
    """

    hosted: HostedPlugin
    successor: Successor
    serving: bool = False
    done: bool = False
    interrupts: list[KeyboardInterrupt] = attrs.field(factory=list)

    async def keep(self, step: Awaitable[bool]) -> bool:
        """Await a step; an interrupt is raised when everything is in order again."""
        try:
            return await step
        except KeyboardInterrupt as interrupt:
            self.interrupts.append(interrupt)
            return False

    async def dispose(self) -> None:
        """Unload the instance that is not the plugin's: the new one, or the old one."""
        await self.keep(self.successor.dispose())


class Reloader:
    """Reloads plugins, one at a time: a reload stops and starts others, too.

    Args:
        services: What the host shares with its plugins.
        drive: See `HostedPlugin`.
        dependencies: Starts and stops other plugins with one.
        catalogue: Returns what discovery knows.
    """

    def __init__(
        self,
        services: HostServices,
        drive: Callable[[HostedPlugin, str], Callable[[], Any]],
        dependencies: Dependencies,
        catalogue: Callable[[], Catalogue],
    ) -> None:
        self._services = services
        self._drive = drive
        self._dependencies = dependencies
        self._catalogue = catalogue
        self._turns = Turns()

    async def reload(self, hosted: HostedPlugin) -> bool:
        """Reload a plugin; see `PluginManager.reload_plugin`."""
        self._refuse_own(hosted)
        async with self._turns.take():
            work = functools.partial(self._reload, hosted)
            call = MethodCall(work, name=f"aitbc-hooks:{hosted.name}:reload")
            # Begun, it completes: half a reload would be neither the old plugin nor the new one.
            await call.run(deadline=None, grace=0, cancellable=False)
        pass_on(call)
        if call.exception is not None:
            raise call.exception
        return call.value is True

    def _refuse_own(self, hosted: HostedPlugin) -> None:
        hosted.lifecycle.refuse_own(Operation.UNLOAD)
        if self._turns.own:
            raise LifecycleError(
                "a reload was asked for inside another one, and would wait for it.",
                plugin=hosted.name,
                hint="Ask from an event handler instead.",
                code="AITBC-L02",
            )

    async def _reload(self, hosted: HostedPlugin) -> bool:
        try:
            candidate = find_again(hosted.candidate)
        except AitbcError as error:
            cause = Failure.from_exception(error, plugin=hosted.name, method=None, code=error.code)
            _report(hosted, cause)
            return False
        successor = Successor(hosted, candidate, self._services, self._drive)
        try:
            return await self._attempt(_Attempt(hosted, successor))
        except SameObjectError:
            return await self._in_place(hosted, candidate)

    async def _attempt(self, attempt: _Attempt) -> bool:
        hosted = attempt.hosted
        dependents: list[HostedPlugin] = []
        try:
            if await attempt.keep(self._check(attempt)):
                dependents = self._active_dependents(hosted)
                async with self._dependencies.without_dependents(hosted, Operation.UNLOAD):
                    await self._exchange(attempt)
        except KeyboardInterrupt as interrupt:  # of a dependent's stop()
            attempt.interrupts.append(interrupt)
        finally:
            await attempt.dispose()
        if not attempt.done:
            cause = attempt.successor.cause or _interrupted(hosted)
            _report(hosted, cause, stopped=attempt.serving)
        restarted = await self._start_again(dependents, attempt.keep)
        if attempt.interrupts:
            raise attempt.interrupts[0]
        return attempt.done and restarted

    async def _check(self, attempt: _Attempt) -> bool:
        """Do beside the old instance whatever can be done beside it."""
        successor = attempt.successor
        await successor.prepare()
        if successor.cause is None and attempt.hosted.lifecycle.status is PluginStatus.ACTIVE:
            failure = self._dependencies.objection(successor)
            failure = failure or await self._dependencies.provide_for(successor)
            if failure is not None:
                successor.failed(failure)
        return successor.cause is None

    async def _exchange(self, attempt: _Attempt) -> None:
        """Stop the old instance and start the new one, or start the old one again."""
        hosted = attempt.hosted
        async with hosted.lifecycle.turn(Operation.UNLOAD) as perform:
            attempt.serving = hosted.lifecycle.status is PluginStatus.ACTIVE
            with counting_missed_events(hosted, self._services.events):
                if attempt.serving:
                    await attempt.keep(perform(Operation.STOP, None))
                if await self._bring_up(attempt):
                    self._take_over(attempt)
                else:
                    await attempt.dispose()
                    if hosted.lifecycle.status is PluginStatus.INACTIVE and attempt.serving:
                        await attempt.keep(self._start_in_turn(hosted, perform))
            await attempt.dispose()

    async def _bring_up(self, attempt: _Attempt) -> bool:
        successor = attempt.successor
        return (
            await attempt.keep(successor.lifecycle.load())
            and await attempt.keep(self._hand_state_over(attempt))
            and (not attempt.serving or await attempt.keep(self._dependencies.start(successor)))
        )

    async def _hand_state_over(self, attempt: _Attempt) -> bool:
        failure = await hand_state_over(attempt.hosted, attempt.successor)
        if failure is not None:
            attempt.successor.failed(failure)
        return failure is None

    def _take_over(self, attempt: _Attempt) -> None:
        hosted, successor = attempt.hosted, attempt.successor
        successor.take_over()
        attempt.done = True
        self._dependencies.took_over(hosted, successor)
        if hosted.candidate is not successor.candidate:  # it was looked at again
            self._catalogue().candidates[canonical_name(hosted.name)] = hosted.candidate

    async def _start_in_turn(self, hosted: HostedPlugin, perform: Perform) -> bool:
        return await self._dependencies.start_by(
            hosted, lambda guard: perform(Operation.START, guard)
        )

    async def _in_place(self, hosted: HostedPlugin, candidate: Candidate) -> bool:
        """Unload and load again the one object that there is: nothing is left to go back to."""
        again = self._active_dependents(hosted)
        if hosted.lifecycle.status is PluginStatus.ACTIVE:
            again.append(hosted)
        with _place_kept(hosted, self._services.hooks):
            await self._dependencies.unload(hosted)
            hosted.candidate = candidate
            loaded = await hosted.lifecycle.load()
        return loaded and await self._start_again(again, _as_it_is)

    def _active_dependents(self, hosted: HostedPlugin) -> list[HostedPlugin]:
        dependents = self._dependencies.dependents(hosted)
        return [each for each in dependents if each.lifecycle.status is PluginStatus.ACTIVE]

    async def _start_again(
        self,
        plugins: list[HostedPlugin],
        keep: Callable[[Awaitable[bool]], Awaitable[bool]],
    ) -> bool:
        """Start plugins in their order; return whether all of them are ACTIVE."""
        by_name = {canonical_name(hosted.name): hosted for hosted in plugins}
        started = True
        for name in self._dependencies.order(plugins).names:
            try:
                started &= await keep(self._dependencies.start(by_name[name]))
            except LifecycleError as error:  # somebody has unloaded it meanwhile
                _log.warning("%s", error)
                started = False
        return started


def _report(hosted: HostedPlugin, cause: Failure, *, stopped: bool = False) -> None:
    """Record and announce that a plugin was not reloaded.

    Args:
        hosted: The plugin.
        cause: Why.
        stopped: The old instance was stopped for it.
    """
    lifecycle = hosted.lifecycle
    status, why = lifecycle.status.name, _shown(cause)
    if stopped and lifecycle.status is not PluginStatus.ACTIVE:
        code, then = "AITBC-L12", _shown(lifecycle.failure)
        message = f"could not be reloaded: {why} The old one, ACTIVE before, is {status}: {then}"
    else:
        goes_on = lifecycle.status not in (PluginStatus.ERROR, PluginStatus.UNLOADED)
        then = "the old one goes on" if goes_on else f"it is {status} as before"
        code, message = "AITBC-L11", f"could not be reloaded; {then}: {why}"
    lifecycle.note(Failure(code, message, hosted.name, traceback=cause.traceback))


def _shown(failure: Failure | None) -> str:
    if failure is None:
        return "the reason is not known."
    where = f"{failure.method}(): " if failure.method else ""
    return f"[{failure.code}] {where}{failure.message}"


def _interrupted(hosted: HostedPlugin) -> Failure:
    return Failure("AITBC-L04", "a plugin's method raised KeyboardInterrupt.", hosted.name)


@contextlib.contextmanager
def _place_kept(hosted: HostedPlugin, hooks: PluginHooks) -> Iterator[None]:
    """Keep a plugin's place in its hooks while it is unloaded and loaded again."""
    beside = seat_beside(hosted)
    priority = hosted.settings.priority
    hooks.register(object(), beside, priority=priority, active=False)
    hooks.swap(hosted.seat, beside)
    own, hosted.seat = hosted.seat, beside
    try:
        yield
    finally:
        hooks.swap(own, beside)
        hosted.seat = own
        hooks.unregister(name=beside)


async def _as_it_is(step: Awaitable[bool]) -> bool:
    return await step
