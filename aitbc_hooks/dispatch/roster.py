"""What a manager knows about its plugins beyond pluggy: their priorities and who is active."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import attrs

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    import pluggy

    from aitbc_hooks.dispatch.failures import HookFailure
    from aitbc_hooks.dispatch.traits import HookTraits

    Report: TypeAlias = Callable[[HookFailure], None]
    #: Executes one async hook call; monitoring replaces it with one that calls the former.
    Execute: TypeAlias = Callable[
        [HookTraits, Sequence[pluggy.HookImpl], Mapping[str, object], Report | None],
        Awaitable[Any],
    ]

__all__ = ["DEFAULT_PRIORITY", "Roster"]

#: Priority of a plugin that was registered without one; lower is called first.
DEFAULT_PRIORITY: Final = 50


@attrs.define(eq=False)
class Roster:
    """Shared by a manager and its hook callers, which rebuild what they derived from it.

    Attributes:
        execute: Executes async hook calls.
        report: Receives what an isolated implementation raised.
        version: Grows with every change of who is called, or in which order.
        inactive: Names of the registered plugins that are left out of calls.
    """

    execute: Execute
    report: Report
    version: int = 0
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
