"""What one plugin's start and stop mean for the plugins that it needs, and that need it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.hosting.conflicts import Conflicts, fits
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import Failure, Operation
from aitbc_hooks.resolution import Node, StartOrder, in_order, start_order
from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterable

    from aitbc_hooks.hosting.plugin import HostedPlugin
    from aitbc_hooks.lifecycle.driver import Guard
    from aitbc_hooks.versions import Requirement

__all__ = ["Dependencies"]


class Dependencies:
    """Starts what a plugin needs before it, and stops what needs it before it.

    The rules that it keeps: while a plugin is ACTIVE, so is everything that it needs; and of two
    plugins that conflict only one is.

    Args:
        plugins: Returns the plugins that have been asked for so far.
        find: Returns the plugin of a name; None if there is none.
        may_start: Whether a plugin may be started because another one needs it.
    """

    def __init__(
        self,
        plugins: Callable[[], Iterable[HostedPlugin]],
        find: Callable[[str], HostedPlugin | None],
        may_start: Callable[[HostedPlugin], bool],
    ) -> None:
        self._plugins = plugins
        self._find = find
        self._may_start = may_start
        self._conflicts = Conflicts(find)

    def order(self, plugins: Iterable[HostedPlugin]) -> StartOrder:
        """Return the start order of `plugins`, by what is known of them now."""
        return start_order(
            Node(
                canonical_name(hosted.name),
                frozenset(canonical_name(r.name) for r in _after(hosted)),
                hosted.settings.priority,
            )
            for hosted in plugins
        )

    async def perform(self, hosted: HostedPlugin, operation: Operation) -> bool:
        """Perform an operation with what it means for other plugins."""
        if operation is Operation.LOAD:
            return await hosted.lifecycle.load()
        if operation is Operation.START:
            return await self.start(hosted)
        return await self._withdraw(hosted, operation)

    async def start(self, hosted: HostedPlugin) -> bool:
        """Start a plugin and, before it, whatever it needs."""
        return await self.start_by(hosted, hosted.lifecycle.start)

    async def start_by(
        self, hosted: HostedPlugin, start: Callable[[Guard], Awaitable[bool]]
    ) -> bool:
        """Start a plugin, by what takes the guard of `Lifecycle.start`."""
        admitted = False

        async def guard() -> Failure | None:
            nonlocal admitted
            failure = await self.provide_for(hosted)
            failure = failure or self._conflicts.admit(hosted)  # nothing is awaited after this look
            admitted = failure is None
            return failure

        try:
            return await start(guard)
        finally:
            if admitted:
                self._conflicts.settle(hosted)

    async def provide_for(self, hosted: HostedPlugin) -> Failure | None:
        """Start what a plugin needs; return why it cannot be ACTIVE beside the others as they are."""
        return self._conflicts.reason(hosted) or await self._prepare(hosted)

    def objection(self, successor: HostedPlugin) -> Failure | None:
        """Return why a plugin that is ACTIVE could not go on with another version of this one."""
        name = canonical_name(successor.name)
        for other in self._plugins():
            if other.lifecycle.status is not PluginStatus.ACTIVE:
                continue
            for requirement in _of(other, RequirementKind.NEED):
                if canonical_name(requirement.name) == name and not fits(requirement, successor):
                    version = successor.version or "unversioned"
                    message = (
                        f"{other.name}, which is active, needs {requirement}; this is {version}."
                    )
                    return Failure("AITBC-D04", message, successor.name)
        return None

    def took_over(self, hosted: HostedPlugin, successor: HostedPlugin) -> None:
        """Take note that a plugin has the instance now that was started as its successor's."""
        self._conflicts.hand_on(successor, hosted)

    async def stop(self, hosted: HostedPlugin) -> bool:
        """Stop a plugin and, before it, whatever needs it."""
        return await self._withdraw(hosted, Operation.STOP)

    async def unload(self, hosted: HostedPlugin) -> bool:
        """Unload a plugin, after whatever needs it was stopped."""
        return await self._withdraw(hosted, Operation.UNLOAD)

    def dependents(self, hosted: HostedPlugin) -> list[HostedPlugin]:
        """Return what has been asked for so far and needs this plugin, directly or not."""
        found = [hosted]
        for needed in found:
            name = canonical_name(needed.name)
            found += [
                other
                for other in self._plugins()
                if (needs := other.requirements)
                and any(
                    need.kind is RequirementKind.NEED and canonical_name(need.name) == name
                    for need in needs
                )
                and other not in found
            ]
        return found[1:]

    async def in_stop_order(
        self,
        plugins: Iterable[HostedPlugin],
        action: Callable[[HostedPlugin], Awaitable[object]],
    ) -> None:
        """Await ``action(plugin)`` for each plugin, in the reverse of the start order.

        Each comes after those that need it, and after those of a higher priority number: what
        was to start first ends last. Others are dealt with at the same time. Plugins that need a
        cycle never were ACTIVE; they come first.
        """
        by_name = {canonical_name(hosted.name): hosted for hosted in plugins}
        order = self.order(by_name.values())
        names = (*sorted(order.problems), *reversed(order.names))
        after: dict[str, list[str]] = {}
        for position, name in enumerate(names):
            priority = by_name[name].settings.priority
            after[name] = [
                other
                for other in names[:position]
                if name in order.needs.get(other, ()) or by_name[other].settings.priority > priority
            ]
        await in_order(names, after, lambda name: action(by_name[name]))

    async def _withdraw(self, hosted: HostedPlugin, operation: Operation) -> bool:
        async with self.without_dependents(hosted, operation):
            return await hosted.lifecycle.perform(operation)

    @contextlib.asynccontextmanager
    async def without_dependents(
        self, hosted: HostedPlugin, operation: Operation
    ) -> AsyncIterator[None]:
        """Stop what needs a plugin; keep it stopped for the body of the ``async with`` statement.

        Raises:
            LifecycleError: The caller runs inside a transition of one of them (``AITBC-L02``).
        """
        dependents = self.dependents(hosted)
        leaving = (hosted, *dependents)
        for other in leaving:
            other.lifecycle.refuse_own(operation)
        for other in leaving:
            other.withdrawing += 1
        try:
            await self._stop_all(dependents)
            yield
        finally:
            for other in leaving:
                other.withdrawing -= 1

    async def _stop_all(self, dependents: list[HostedPlugin]) -> None:
        interrupts: list[KeyboardInterrupt] = []

        async def stop(hosted: HostedPlugin) -> None:
            try:
                await hosted.lifecycle.stop()
            except LifecycleError:
                pass  # UNLOADED or ERROR: it needs nothing
            except KeyboardInterrupt as interrupt:
                interrupts.append(interrupt)  # for the caller, not for the loop

        try:
            if dependents:
                await self.in_stop_order(dependents, stop)
        finally:  # an interrupt is not lost in a cancellation
            if interrupts:
                raise interrupts[0]

    async def _prepare(self, hosted: HostedPlugin) -> Failure | None:
        """Start what a plugin needs; return why it cannot start all the same."""
        problem = self.order(self._reachable(hosted)).problems.get(canonical_name(hosted.name))
        if problem is not None:
            return Failure(problem.code, f"{problem.message} {problem.hint}", hosted.name)
        for requirement in _after(hosted):
            failure = await self._provide(requirement, hosted)
            if failure is not None:
                return failure
        # Others may have stopped while the rest was started: this is the moment that counts.
        for requirement in _of(hosted, RequirementKind.NEED):
            dependency = self._find(requirement.name)
            if dependency is None or not _serves(dependency):
                return _inactive(hosted, requirement.name, "it was stopped meanwhile")
        return None

    async def _provide(self, requirement: Requirement, hosted: HostedPlugin) -> Failure | None:
        dependency = self._find(requirement.name)
        optional = requirement.kind is RequirementKind.OPTIONAL
        if dependency is None:
            message = f"needs {requirement}, and no such plugin is known."
            return None if optional else Failure("AITBC-D01", message, hosted.name)
        if not _serves(dependency):
            if not self._may_start(dependency):
                return None if optional else _inactive(hosted, dependency.name, "it is disabled")
            if not await self._bring_up(dependency):
                reason = str(dependency.lifecycle.failure or "it could not start")
                return None if optional else _inactive(hosted, dependency.name, reason)
        if not fits(requirement, dependency):
            wants = f"needs {requirement}"
            if optional:
                wants = f"works with {requirement.name} only as {requirement.range}"
            message = f"{wants}, and {dependency.name} is {dependency.version or 'unversioned'}."
            return Failure("AITBC-D04", message, hosted.name)
        return None

    async def _bring_up(self, dependency: HostedPlugin) -> bool:
        try:
            return await dependency.lifecycle.load() and await self.start(dependency)
        except LifecycleError:
            return False

    def _reachable(self, hosted: HostedPlugin) -> list[HostedPlugin]:
        found = {canonical_name(hosted.name): hosted}
        waiting = [hosted]
        while waiting:
            for requirement in _after(waiting.pop()):
                dependency = self._find(requirement.name)
                if dependency is None or not self._counts(requirement, dependency):
                    continue
                if canonical_name(dependency.name) not in found:
                    found[canonical_name(dependency.name)] = dependency
                    waiting.append(dependency)
        return list(found.values())

    def _counts(self, requirement: Requirement, dependency: HostedPlugin) -> bool:
        """Whether a requirement makes the other plugin start: an optional one may not."""
        needed = requirement.kind is RequirementKind.NEED
        return needed or _serves(dependency) or self._may_start(dependency)


def _of(hosted: HostedPlugin, *kinds: RequirementKind) -> tuple[Requirement, ...]:
    return tuple(each for each in hosted.requirements if each.kind in kinds)


def _after(hosted: HostedPlugin) -> tuple[Requirement, ...]:
    """Return the requirements of what starts before a plugin, if it starts."""
    return _of(hosted, RequirementKind.NEED, RequirementKind.OPTIONAL)


def _serves(hosted: HostedPlugin) -> bool:
    return hosted.lifecycle.status is PluginStatus.ACTIVE and not hosted.withdrawing


def _inactive(hosted: HostedPlugin, name: str, why: str) -> Failure:
    return Failure(
        "AITBC-D03", f"needs {name}, which is not active: {why.rstrip('.')}.", hosted.name
    )
