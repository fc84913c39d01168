"""Calls of one plugin's hooks, inside the wrappers of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.dispatch.contract import did_you_mean
from aitbc_hooks.errors import AitbcError, CapabilityError, HookError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from aitbc_hooks.dispatch.callers import Caller
    from aitbc_hooks.dispatch.manager import HookManager
    from aitbc_hooks.dispatch.planning import Addressed

__all__ = ["AddressedHook", "AddressedPlugin"]


class AddressedPlugin:
    """One plugin, whose hooks are called as methods.

    A call runs all active wrappers of the hook and, inside them, the implementations of this
    plugin alone. The wrappers see the list of results, as in any call; the caller gets the
    plugin's own result. Arguments may be positional, in the order of the hookspec. What the
    plugin raises is raised, whatever the hook's failure policy: there is no other plugin to
    protect. The result of an async hook is awaited::

        answer = await manager.addressed("translation-ai").predict({"text": "hello"})

    Args:
        manager: The manager of the plugin.
        plugin_name: The plugin's name.
    """

    __slots__ = ("_manager", "_plugin_name")

    def __init__(self, manager: HookManager, plugin_name: str) -> None:
        self._manager = manager
        self._plugin_name = plugin_name

    def __getattr__(self, name: str) -> AddressedHook:
        # Protocols such as copying and pickling ask for names that are no hooks.
        if name.startswith("_"):
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        manager, plugin_name = self._manager, self._plugin_name
        manager.require(plugin_name)
        caller: Caller | None = getattr(manager.hook, name, None)
        if caller is None or not (
            caller.addressed(plugin_name) or caller.implementations(plugin_name)
        ):
            raise _lacks(manager, plugin_name, name)
        return AddressedHook(manager, caller, plugin_name)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._manager.capabilities(self._plugin_name)]

    def __repr__(self) -> str:
        return f"<AddressedPlugin {self._plugin_name!r}>"


class AddressedHook:
    """One hook of one plugin.

    Args:
        manager: The manager of the plugin.
        caller: The hook's caller.
        plugin_name: The plugin's name.
    """

    __slots__ = ("_caller", "_manager", "_plugin_name")

    def __init__(self, manager: HookManager, caller: Caller, plugin_name: str) -> None:
        self._manager = manager
        self._caller = caller
        self._plugin_name = plugin_name

    def __call__(self, *args: object, **kwargs: object) -> Any:
        """Call the hook on the plugin.

        Returns:
            The plugin's result; for an async hook, a coroutine that gives it.

        Raises:
            HookError: The arguments are not those of the hookspec (``AITBC-H04``), or only the
                lifecycle driver calls the hook (``AITBC-H03``).
            CapabilityError: The plugin does not implement the hook any more (``AITBC-H01``).
            PluginInactiveError: The plugin is not active (``AITBC-H02``).
            PluginNotFoundError: The plugin is not registered any more (``AITBC-P01``).
        """
        __tracebackhide__ = True
        caller = self._caller
        found = caller.addressed(self._plugin_name)
        if found is None:
            raise self._refusal()
        if len(args) == len(found.names) and not kwargs:
            kwargs = dict(zip(found.names, args, strict=True))
        else:
            kwargs = _bind(caller, args, kwargs)
        if caller.traits.is_async:
            return self._begin(kwargs)
        result = found.plan(**kwargs)
        return result if found.single else _first(result)

    async def _begin(self, arguments: Mapping[str, object]) -> Any:
        __tracebackhide__ = True
        # The plugin may have been stopped or replaced since the coroutine was made.
        found = self._find()
        result = await found.plan(**arguments)
        return result if found.single else _first(result)

    def _find(self) -> Addressed:
        found = self._caller.addressed(self._plugin_name)
        if found is None:
            raise self._refusal()
        return found

    def _refusal(self) -> AitbcError:
        """Return why the hook cannot be called on the plugin."""
        manager, traits, plugin_name = self._manager, self._caller.traits, self._plugin_name
        if traits.driver_only:
            return traits.refuse_outsider()
        try:
            manager.require_active(plugin_name, traits.name)
        except AitbcError as error:
            return error
        return _lacks(manager, plugin_name, traits.name)  # another plugin has the name now

    def __repr__(self) -> str:
        return f"<AddressedHook {self._caller.name!r} of {self._plugin_name!r}>"


def _lacks(manager: HookManager, plugin_name: str, hook_name: str) -> CapabilityError:
    able = manager.capabilities(plugin_name)
    return CapabilityError(
        f"does not implement {hook_name!r}; it implements {', '.join(able) or 'no hooks'}.",
        plugin=plugin_name,
        hint=did_you_mean(hook_name, able),
    )


def _first(result: Any) -> Any:
    """Take the plugin's result out of the list; a wrapper may have put something else there."""
    if isinstance(result, list):
        return result[0] if result else None
    return result


def _bind(
    caller: Caller, args: Sequence[object], kwargs: Mapping[str, object]
) -> dict[str, object]:
    """Bind arguments to the names of the hookspec, and fill in its defaults."""
    spec = caller.spec
    if spec is None:
        if args:
            raise HookError(f"hook {caller.name!r} has no hookspec: name the arguments.")
        return dict(kwargs)
    names = (*spec.argnames, *spec.kwargnames)
    problem = None
    if len(args) > len(names):
        many = "argument" if len(names) == 1 else "arguments"
        problem = f"takes {len(names)} {many}, got {len(args)} by position"
    given = dict(zip(names, args, strict=False))
    if twice := [name for name in given if name in kwargs]:
        problem = f"got argument {twice[0]!r} twice"
    elif unknown := [name for name in kwargs if name not in names]:
        problem = f"has no argument {unknown[0]!r}"
    bound = {**spec.kwargdefaults, **given, **kwargs}
    if problem is None and (missing := [name for name in names if name not in bound]):
        problem = f"lacks argument {missing[0]!r}"
    if problem is not None:
        raise HookError(f"the call of hook {caller.name!r} {problem}; it has {_listed(names)}.")
    return bound


def _listed(names: Sequence[str]) -> str:
    return f"({', '.join(names)})"
