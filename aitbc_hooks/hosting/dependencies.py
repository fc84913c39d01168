"""What one plugin's start and stop mean for the plugins that it needs, and that need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.errors import LifecycleError, VersionError
from aitbc_hooks.interfaces import PluginStatus
from aitbc_hooks.lifecycle import Failure, Operation
from aitbc_hooks.resolution import Node, StartOrder, in_order, start_order
from aitbc_hooks.versions import Version, canonical_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from aitbc_hooks.hosting.plugin import HostedPlugin
    from aitbc_hooks.versions import Requirement

__all__ = ["Dependencies"]


class Dependencies:
    """Starts what a plugin needs before it, and stops what needs it before it.

    The rule that it keeps: while a plugin is ACTIVE, so is everything that it needs.

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

    def order(self, plugins: Iterable[HostedPlugin]) -> StartOrder:
        """Return the start order of `plugins`, by what is known of them now."""
        return start_order(
            Node(
                canonical_name(hosted.name),
                frozenset(canonical_name(r.name) for r in hosted.requirements),
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
        return await hosted.lifecycle.start(lambda: self._prepare(hosted))

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
                and any(canonical_name(need.name) == name for need in needs)
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
        dependents = self.dependents(hosted)
        leaving = (hosted, *dependents)
        for other in leaving:
            other.lifecycle.refuse_own(operation)
        for other in leaving:
            other.withdrawing += 1
        try:
            await self._stop_all(dependents)
            return await hosted.lifecycle.perform(operation)
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
        for requirement in hosted.requirements:
            failure = await self._provide(requirement, hosted)
            if failure is not None:
                return failure
        # Others may have stopped while the rest was started: this is the moment that counts.
        for requirement in hosted.requirements:
            dependency = self._find(requirement.name)
            if dependency is None or not _serves(dependency):
                return _inactive(hosted, requirement.name, "it was stopped meanwhile")
        return None

    async def _provide(self, requirement: Requirement, hosted: HostedPlugin) -> Failure | None:
        dependency = self._find(requirement.name)
        if dependency is None:
            message = f"needs {requirement}, and no such plugin is known."
            return Failure("AITBC-D01", message, hosted.name)
        if not _serves(dependency):
            if not self._may_start(dependency):
                return _inactive(hosted, dependency.name, "it is disabled")
            if not await self._bring_up(dependency):
                reason = dependency.lifecycle.failure
                return _inactive(hosted, dependency.name, str(reason or "it could not start"))
        version = dependency.version
        if requirement.bounds and (version is None or not _allows(requirement, version)):
            message = f"needs {requirement}, and {dependency.name} is {version or 'unversioned'}."
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
            for requirement in waiting.pop().requirements:
                dependency = self._find(requirement.name)
                if dependency is not None and canonical_name(dependency.name) not in found:
                    found[canonical_name(dependency.name)] = dependency
                    waiting.append(dependency)
        return list(found.values())


def _serves(hosted: HostedPlugin) -> bool:
    return hosted.lifecycle.status is PluginStatus.ACTIVE and not hosted.withdrawing


def _inactive(hosted: HostedPlugin, name: str, why: str) -> Failure:
    return Failure(
        "AITBC-D03", f"needs {name}, which is not active: {why.rstrip('.')}.", hosted.name
    )


def _allows(requirement: Requirement, version: str) -> bool:
    try:
        return requirement.allows(Version.parse(version))
    except VersionError:
        return False
