"""The class face presented as hookimpls: pluggy sees a `BasePlugin` as it sees any plugin.

Nothing is copied and no method is wrapped: pluggy's documented `parse_hookimpl_opts` is told
which of an instance's methods are implementations. Their signatures are then held against the
hookspecs like everybody else's.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

import aitbc_hookspecs
from aitbc_hooks.dispatch import HookManager
from aitbc_hooks.interfaces import BasePlugin
from aitbc_hooks.lifecycle import LIFECYCLE_METHODS, Subject

if TYPE_CHECKING:
    from collections.abc import Callable

    import pluggy

    from aitbc_hooks.dispatch import HookFailure, Recorder
    from aitbc_hooks.interfaces import PluginContext

__all__ = ["PluginHooks", "overrides_event_handler"]

_INTERFACES: Final = BasePlugin.__module__.rpartition(".")[0] + "."
_SPEC_NAMES: Final = frozenset(
    name
    for module in aitbc_hookspecs.SPEC_MODULES
    for name, value in vars(module).items()
    if hasattr(value, aitbc_hookspecs.PROJECT_NAME + "_spec")
)


class PluginHooks(HookManager):
    """The hooks of one host: every hookspec of `aitbc_hookspecs`, both kinds of plugin.

    Args:
        on_error: Told of what an implementation of an isolating hook has raised.
        recorder: Counts and times the calls.
    """

    def __init__(
        self,
        on_error: Callable[[HookFailure], None] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__(
            aitbc_hookspecs.PROJECT_NAME, strict=True, on_error=on_error, recorder=recorder
        )
        self._methods: WeakKeyDictionary[type, frozenset[str]] = WeakKeyDictionary()
        for module in aitbc_hookspecs.SPEC_MODULES:
            self.add_hookspecs(module)

    def _implied_methods(self, plugin: object) -> frozenset[str]:
        """Return the methods of the interfaces that a `BasePlugin` implements."""
        if not isinstance(plugin, BasePlugin):
            return frozenset()
        cls = type(plugin)
        names = self._methods.get(cls)
        if names is None:
            names = self._methods[cls] = _interface_methods(cls)
        return names

    def _is_own(self, impl: pluggy.HookImpl) -> bool:
        """Return whether it is the author's: what an interface provides, nobody has written."""
        module = getattr(impl.function, "__module__", None)
        return not (isinstance(module, str) and module.startswith(_INTERFACES))

    def subject(self, plugin: object, context: PluginContext) -> Subject:
        """Return a registered plugin as the lifecycle driver sees it."""
        methods: dict[str, Callable[[], Any]] = {}
        for name in LIFECYCLE_METHODS:
            for impl in self._implementations_of(plugin, name):
                # `context` is the only argument that these hookspecs have.
                takes = {*impl.argnames, *impl.kwargnames}
                arguments = {"context": context} if "context" in takes else {}
                methods[name] = functools.partial(impl.function, **arguments)
        return Subject(plugin, methods)

    def implementation(self, plugin: object, hook: str) -> Callable[..., Any] | None:
        """Return a registered plugin's own function for `hook`, to be called with keywords."""
        own = self._implementations_of(plugin, hook)
        return cast("Callable[..., Any]", own[0].function) if own else None


def _interface_methods(cls: type[BasePlugin]) -> frozenset[str]:
    """Return the hooks among the methods of the interfaces that `cls` subclasses."""
    interfaces = (base for base in cls.__mro__ if base.__module__.startswith(_INTERFACES))
    return _SPEC_NAMES.intersection(*[{name for base in interfaces for name in vars(base)}])


def overrides_event_handler(plugin: BasePlugin) -> bool:
    """Whether the plugin does anything with events."""
    return getattr(plugin.handle_event, "__func__", None) is not BasePlugin.handle_event
