"""Telling a plugin's author that a hook, or an argument of it, will go."""

from __future__ import annotations

import inspect
import warnings
from types import CodeType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pluggy

    from aitbc_hooks.dispatch.callers import Caller
    from aitbc_hookspecs import Deprecated

__all__ = ["Deprecations", "InterfaceDeprecationWarning", "is_concerned"]


class InterfaceDeprecationWarning(DeprecationWarning):
    """A plugin implements a hook, or takes an argument, that the interface will lose."""


class Deprecations:
    """Warns of what is deprecated, once for each plugin and what it uses.

    A plugin is known by the place of its code: one that is loaded again, beside the old one and
    under another name, is not warned of again. pluggy's ``warn_on_impl`` would do so, and could
    not name the plugin.
    """

    def __init__(self) -> None:
        self._told: set[tuple[object, ...]] = set()

    def tell(self, caller: Caller, impl: pluggy.HookImpl) -> None:
        """Warn of an implementation that has just been registered, at its place in the code."""
        for argument, deprecated in _deprecated(caller, impl):
            file, line = _place(impl.function)
            key = (file, getattr(impl.function, "__qualname__", None), caller.name, argument)
            if key in self._told:
                continue
            self._told.add(key)
            warnings.warn_explicit(
                _message(impl.plugin_name, caller.name, argument, deprecated),
                InterfaceDeprecationWarning,
                file,
                line,
            )


def is_concerned(caller: Caller) -> bool:
    """Return whether anything of a hook is deprecated; each registration asks."""
    if caller.spec is None:
        return False
    options: Any = caller.spec.opts
    return bool(options.get("deprecated") or options.get("deprecated_args"))


def _deprecated(caller: Caller, impl: pluggy.HookImpl) -> Iterator[tuple[str | None, Deprecated]]:
    """Yield what is deprecated of what the implementation uses; None is the hook itself."""
    options: Any = caller.spec.opts if caller.spec is not None else {}
    if deprecated := options.get("deprecated"):
        yield None, deprecated
    for argument, deprecated in (options.get("deprecated_args") or {}).items():
        if argument in impl.argnames:
            yield argument, deprecated


def _message(plugin: str, hook: str, argument: str | None, deprecated: Deprecated) -> str:
    what, verb = f"hook {hook!r}", "implement"
    if argument is not None:
        what, verb = f"argument {argument!r} of {what}", "take"
    instead = (
        f"; {verb} {deprecated.use!r} instead." if deprecated.use else ", without replacement."
    )
    return (
        f"plugin {plugin!r}: {what} is deprecated since {deprecated.since} and goes with "
        f"{deprecated.removed_in}{instead}"
    )


def _place(function: Any) -> tuple[str, int]:
    """Return file and line of an implementation."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if isinstance(code, CodeType):
        return code.co_filename, code.co_firstlineno
    return getattr(function, "__module__", None) or "<plugin>", 1
