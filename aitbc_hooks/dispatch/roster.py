"""What a manager knows about its plugins beyond pluggy: priorities, who is active, who does what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from aitbc_hooks.dispatch.engine import perform_once
from aitbc_hooks.dispatch.identity import PluginIndex
from aitbc_hooks.dispatch.ordering import group, insert, is_peculiar, position

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    import pluggy

    from aitbc_hooks.dispatch.engine import Score
    from aitbc_hooks.dispatch.failures import HookFailure
    from aitbc_hooks.dispatch.recording import Recorder

    Report: TypeAlias = Callable[[HookFailure], None]
    #: Performs one async hook call; monitoring replaces it with one that calls the former.
    Perform: TypeAlias = Callable[[Score, Mapping[str, object]], Coroutine[Any, Any, Any]]

__all__ = ["DEFAULT_PRIORITY", "Roster"]

#: Priority of a plugin that was registered without one; lower is called first.
DEFAULT_PRIORITY: Final = 50


@attrs.define(eq=False, weakref_slot=False)
class _Member:
    """One plugin: its priority, the number of its registration, and its implementations.

    Two lists, the hooks and what implements them, are smaller than a dictionary of lists.
    """

    priority: int
    number: int
    hooks: list[str] = attrs.field(init=False, factory=list)
    impls: list[pluggy.HookImpl] = attrs.field(init=False, factory=list)

    def add(self, hook_name: str, impl: pluggy.HookImpl) -> None:
        self.hooks.append(hook_name)
        self.impls.append(impl)

    def of(self, hook_name: str) -> list[pluggy.HookImpl]:
        pairs = zip(self.hooks, self.impls, strict=True)
        return [impl for hook, impl in pairs if hook == hook_name]

    def take(self, hook_name: str) -> list[pluggy.HookImpl]:
        taken = []
        while hook_name in self.hooks:
            index = self.hooks.index(hook_name)
            del self.hooks[index]
            taken.append(self.impls.pop(index))
        return taken


@attrs.define(eq=False, weakref_slot=False)
class Clock:
    """Says when what was derived from a hook's implementations has to be derived anew.

    Attributes:
        version: Grows with every change of who is called, or in which order, or how.
    """

    version: int = 0


@attrs.define(eq=False)
class Roster:
    """Shared by a manager and its hook callers, which rebuild what they derived from it.

    Attributes:
        report: Receives what an isolated implementation raised.
        recorder: Whose tallies count the calls; None counts nothing.
        perform: Performs async hook calls that have no plan.
        monitored: Calls are traced or monitored, so that none may go by plan.
        inactive: Names of the registered plugins that are left out of calls.
        index: The names of the registered plugins.
        rousing: What is awaited before a call of an async hook, by the hook's name.
    """

    report: Report
    recorder: Recorder | None = None
    perform: Perform = perform_once
    monitored: bool = False
    inactive: set[str] = attrs.field(factory=set)
    rousing: dict[str, Callable[[], Awaitable[object]]] = attrs.field(factory=dict)
    _clocks: dict[str, Clock] = attrs.field(init=False, factory=dict)
    index: PluginIndex = attrs.field(init=False, factory=PluginIndex)
    _members: dict[str, _Member] = attrs.field(init=False, factory=dict)
    _admitted: int = attrs.field(init=False, default=0)
    #: Whether any plugin has had a priority of its own.
    _has_priorities: bool = attrs.field(init=False, default=False)
    #: The hooks whose order is pluggy's to make.
    _peculiar: set[str] = attrs.field(init=False, factory=set)

    def admit(self, plugin_name: str, *, priority: int, active: bool) -> None:
        """Note a plugin that is about to be registered."""
        self._admitted += 1
        self._members[plugin_name] = _Member(priority, self._admitted)
        self._has_priorities |= priority != DEFAULT_PRIORITY
        if not active:
            self.inactive.add(plugin_name)

    def dismiss(self, plugin_name: str) -> None:
        """Forget a plugin that is not registered any more."""
        self._members.pop(plugin_name, None)
        self.inactive.discard(plugin_name)

    def clock(self, hook_name: str) -> Clock:
        """Return the clock of a hook, the same one each time."""
        return self._clocks.setdefault(hook_name, Clock())

    def changed(self, hook_name: str) -> None:
        """Make a hook's caller rebuild before its next call."""
        self.clock(hook_name).version += 1

    def all_changed(self) -> None:
        """Make every caller rebuild before its next call."""
        for clock in self._clocks.values():
            clock.version += 1

    def set_active(self, plugin_name: str, *, active: bool) -> None:
        """Have a plugin called, or left out of every call."""
        if active is (plugin_name not in self.inactive):
            return
        if active:
            self.inactive.discard(plugin_name)
        else:
            self.inactive.add(plugin_name)
        for hook_name in self.hooks(plugin_name):
            self.changed(hook_name)

    def implementations(self, plugin_name: str, hook_name: str) -> list[pluggy.HookImpl]:
        """Return a plugin's implementations of a hook, in the order of their registration."""
        member = self._members.get(plugin_name)
        return [] if member is None else member.of(hook_name)

    def hooks(self, plugin_name: str) -> frozenset[str]:
        """Return the names of the hooks that a plugin implements."""
        member = self._members.get(plugin_name)
        return frozenset() if member is None else frozenset(member.hooks)

    def place(
        self,
        hook_name: str,
        impls: list[pluggy.HookImpl],
        impl: pluggy.HookImpl,
        by_pluggy: Callable[[pluggy.HookImpl], None],
    ) -> None:
        """Add an implementation to those of its hook.

        Args:
            hook_name: The hook.
            impls: The hook's implementations, which are called from the last to the first.
            impl: The new one.
            by_pluggy: Adds it as pluggy does.
        """
        if is_peculiar(impl):
            self._peculiar.add(hook_name)
        if hook_name in self._peculiar:
            by_pluggy(impl)
            self._sort(impls)
        else:
            insert(impls, impl, self._rank)
        member = self._members.get(impl.plugin_name)
        if member is not None:
            member.add(hook_name, impl)
        self.changed(hook_name)

    def displace(
        self,
        hook_name: str,
        impls: list[pluggy.HookImpl],
        plugin: object,
        by_pluggy: Callable[[object], None],
    ) -> None:
        """Remove a plugin's implementations from those of a hook.

        Args:
            hook_name: The hook.
            impls: The hook's implementations.
            plugin: The plugin.
            by_pluggy: Removes those of every plugin that is equal to this one.
        """
        name = self.index.name(plugin) if self.index.is_alone(plugin) else None
        member = None if name is None else self._members.get(name)
        own = [] if member is None else member.take(hook_name)
        for impl in own:
            del impls[position(impls, impl, self._full_rank)]
        if not own:
            names = {impl.plugin_name for impl in impls}
            by_pluggy(plugin)
            names.difference_update(impl.plugin_name for impl in impls)
            for each in names & self._members.keys():
                self._members[each].take(hook_name)
        if hook_name in self._peculiar and not any(map(is_peculiar, impls)):
            self._peculiar.discard(hook_name)
        self.changed(hook_name)

    def swap(self, one: str, other: str, hooks: Mapping[str, list[pluggy.HookImpl]]) -> None:
        """Let two plugins change names, and with them priorities and places; one may be missing.

        Args:
            one: The name of the first.
            other: The name of the second.
            hooks: All implementations of each hook that either of them implements.
        """
        done = {name for name, impls in hooks.items() if _change_places(impls, one, other)}
        first, second = self._members.pop(one, None), self._members.pop(other, None)
        if first is not None and second is not None:
            first.priority, second.priority = second.priority, first.priority
            first.number, second.number = second.number, first.number
        flags = {(other if name == one else one) for name in {one, other} & self.inactive}
        self.inactive -= {one, other}
        self.inactive |= flags
        for member, name in ((first, other), (second, one)):
            if member is not None:
                self._members[name] = member
                for impl in member.impls:
                    object.__setattr__(impl, "plugin_name", name)
        for name, impls in hooks.items():
            if name not in done:
                impls.sort(key=self._full_rank)
            self.changed(name)

    def _sort(self, impls: list[pluggy.HookImpl]) -> None:
        """Sort by priority within pluggy's groups; equals stay in the order that they have."""
        if self._has_priorities and len({self._rank(impl)[1] for impl in impls}) > 1:
            impls.sort(key=self._rank)

    def _rank(self, impl: pluggy.HookImpl) -> tuple[int, int]:
        member = self._members.get(impl.plugin_name)
        return group(impl), -DEFAULT_PRIORITY if member is None else -member.priority

    def _full_rank(self, impl: pluggy.HookImpl) -> tuple[int, int, int]:
        member = self._members.get(impl.plugin_name)
        number = 0 if member is None else member.number
        return (*self._rank(impl), -number if impl.trylast else number)


def _change_places(impls: list[pluggy.HookImpl], one: str, other: str) -> bool:
    """Let the implementations of two plugins change places, if both have the same kinds of them."""
    mine, others = (
        [place for place, impl in enumerate(impls) if impl.plugin_name == name]
        for name in (one, other)
    )
    kinds, others_kinds = (
        [(group(impls[place]), is_peculiar(impls[place])) for place in places]
        for places in (mine, others)
    )
    if kinds != others_kinds:
        return False
    for place, others_place in zip(mine, others, strict=True):
        impls[place], impls[others_place] = impls[others_place], impls[place]
    return True
