"""What a manager knows about its plugins beyond pluggy: their priorities and who is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

from aitbc_hooks.dispatch.engine import perform_once

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

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


@attrs.define(eq=False)
class Roster:
    """Shared by a manager and its hook callers, which rebuild what they derived from it.

    Attributes:
        report: Receives what an isolated implementation raised.
        recorder: Whose tallies count the calls; None counts nothing.
        perform: Performs async hook calls that have no plan.
        require_active: Raises unless a plugin may be called, given the name of a hook too.
        version: Grows with every change of who is called, or in which order.
        monitored: Calls are traced or monitored, so that none may go by plan.
        inactive: Names of the registered plugins that are left out of calls.
    """

    report: Report
    recorder: Recorder | None = None
    perform: Perform = perform_once
    require_active: Callable[[str, str], None] = attrs.field(init=False)
    version: int = 0
    monitored: bool = False
    inactive: set[str] = attrs.field(factory=set)
    _priorities: dict[str, int] = attrs.field(init=False, factory=dict)

    def admit(self, plugin_name: str, *, priority: int, active: bool) -> None:
        """Note a plugin that is about to be registered."""
        if priority != DEFAULT_PRIORITY:
            self._priorities[plugin_name] = priority
        if not active:
            self.inactive.add(plugin_name)

    def dismiss(self, plugin_name: str) -> None:
        """Forget a plugin that is not registered any more."""
        self._priorities.pop(plugin_name, None)
        self.inactive.discard(plugin_name)

    def changed(self) -> None:
        """Make every caller rebuild before its next call."""
        self.version += 1

    def sort(self, impls: list[pluggy.HookImpl]) -> None:
        """Sort by priority within pluggy's groups, in place; the list is called from its end.

        Implementations of equal priority stay in the order that pluggy gave them.
        """
        if self._priorities and len({self._priority(impl) for impl in impls}) > 1:
            impls.sort(key=lambda impl: (_group(impl), -self._priority(impl)))

    def _priority(self, impl: pluggy.HookImpl) -> int:
        return self._priorities.get(impl.plugin_name, DEFAULT_PRIORITY)


def _group(impl: pluggy.HookImpl) -> tuple[bool, int]:
    place = 0 if impl.trylast else 2 if impl.tryfirst else 1
    return (impl.wrapper or impl.hookwrapper, place)
