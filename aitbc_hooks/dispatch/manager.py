"""`HookManager`: pluggy's plugin manager that awaits, orders by priority and addresses plugins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pluggy

from aitbc_hooks.dispatch.addressed import AddressedPlugin
from aitbc_hooks.dispatch.callers import Caller, CallerManager
from aitbc_hooks.dispatch.contract import (
    check_implementation,
    check_names,
    did_you_mean,
    implied_options,
    refusal,
)
from aitbc_hooks.dispatch.deprecation import Deprecations, is_concerned
from aitbc_hooks.dispatch.failures import HookFailure, log_failure
from aitbc_hooks.dispatch.marking import UNDECIDED, Found, find_marked, quick_options
from aitbc_hooks.dispatch.roster import DEFAULT_PRIORITY, Roster
from aitbc_hooks.errors import ContractError, PluginInactiveError, PluginNotFoundError

if TYPE_CHECKING:
    from collections.abc import (
        Awaitable,
        Callable,
        Collection,
        Iterable,
        Iterator,
        Mapping,
        Sequence,
    )

    from aitbc_hooks.dispatch.engine import Score
    from aitbc_hooks.dispatch.recording import Recorder

__all__ = ["HookManager"]


class HookManager(CallerManager):
    """A `pluggy.PluginManager` that also awaits.

    Everything that pluggy promises holds. Beyond it:

    * a hook whose hookspec is ``async def`` is awaited: ``await manager.hook.predict(...)``.
      Implementations may be sync or async and run one after another, inside wrappers that are
      generators or async generators;
    * plugins have a priority, and may be registered without being called;
    * hookspecs may have a failure policy and a deadline (`aitbc_hookspecs.HookspecMarker`);
    * `addressed` calls one plugin instead of all.

    Args:
        project_name: pluggy's project name.
        strict: Refuse a plugin that does not fit the hookspecs when it is registered, with a
            `ContractError` (``AITBC-P08``) that is also a `pluggy.PluginValidationError`;
            without it, pluggy's own checks are made.
        on_error: Receives what an implementation of a hook with ``on_error="isolate"`` or
            ``"group"`` raised; without it, failures are logged. What it raises ends the call.
        recorder: Counts and times the calls of each plugin and hook (`Tallies`).
    """

    def __init__(
        self,
        project_name: str,
        *,
        strict: bool = False,
        on_error: Callable[[HookFailure], None] | None = None,
        recorder: Recorder | None = None,
    ) -> None:
        super().__init__(project_name, Roster(on_error or log_failure, recorder))
        self.strict = strict
        self._deprecations = Deprecations()

    def register(
        self,
        plugin: object,
        name: str | None = None,
        *,
        priority: int = DEFAULT_PRIORITY,
        active: bool = True,
    ) -> str | None:
        """Register a plugin.

        Args:
            plugin: A module, or any object, with marked functions.
            name: Its name; by default what `get_canonical_name` gives.
            priority: Its place among the implementations that are tryfirst, trylast or neither,
                and among wrappers likewise; lower is called first, equal as in pluggy (the last
                registered first).
            active: Whether its implementations are called; see `set_active`.

        Returns:
            The name, or None if the name is blocked.

        Raises:
            ValueError: The name or the plugin is registered already.
            ContractError: The manager is strict and the plugin does not fit (``AITBC-P08``);
                nothing has been registered.
        """
        __tracebackhide__ = True
        if plugin is None:
            return None
        plugin_name = name or self.get_canonical_name(plugin)
        if self._is_taken(plugin_name, plugin):
            return super().register(plugin, plugin_name)  # which says what is wrong
        found = self._find_implementations(plugin)
        if self.strict:
            found = list(found)
            check_names(plugin, plugin_name, found, hooks=vars(self.hook), marker=self.project_name)
        self._roster.admit(plugin_name, priority=priority, active=active)
        try:
            self._install(plugin, plugin_name, found)
        finally:
            # A historic replay may raise after the plugin has been registered.
            if not self.has_plugin(plugin_name):
                self._roster.dismiss(plugin_name)
        return plugin_name

    def unregister(self, plugin: object = None, name: str | None = None) -> Any | None:
        """Unregister a plugin, by itself or by name, and forget its priority."""
        plugin_name = name if plugin is None else self.get_name(plugin)
        removed = super().unregister(plugin, name)
        if plugin_name is not None:
            self._roster.dismiss(plugin_name)
            self._roster.index.discard(removed)
        return removed

    def set_active(self, plugin_name: str, active: bool) -> None:  # noqa: FBT001 - fixed name
        """Have a plugin called, or left out of every call, from the next call on.

        An inactive plugin stays registered, with its implementations in ``get_hookimpls()``; a
        historic call that was made meanwhile is not made up for.

        Raises:
            PluginNotFoundError: No plugin of that name is registered (``AITBC-P01``).
        """
        self.require(plugin_name)
        self._roster.set_active(plugin_name, active=active)

    def swap(self, plugin_name: str, other: str) -> None:
        """Let two plugins change names, and with them their priorities and places in every hook.

        Whether a plugin is called goes with the plugin. Where only one of the names is taken, its
        plugin gets the other one. Nothing is checked anew, so a plugin that was registered beside
        another one can take its place without fail.

        Among implementations that are tryfirst and trylast at once, places may change if the two
        plugins do not implement the same hooks.

        Raises:
            ValueError: One of the names is blocked; nothing has changed.
        """
        self._swap(plugin_name, other)

    def rouse_before(self, hook_name: str, rouse: Callable[[], Awaitable[object]] | None) -> None:
        """Await something before each call of an async hook on all plugins; None ends that.

        What is registered or set active meanwhile takes part in the call. What is raised is raised
        to the caller, and the hook is not called.

        Raises:
            ContractError: The hook is not asynchronous, or none (``AITBC-P12``).
        """
        caller: Caller | None = vars(self.hook).get(hook_name)
        if caller is None or not caller.traits.is_async:
            what = "is not asynchronous" if caller else "does not exist"
            raise ContractError(
                f"hook {hook_name!r} {what}: no call of it can wait for anything.",
                code="AITBC-P12",
            )
        if rouse is None:
            self._roster.rousing.pop(hook_name, None)
        else:
            self._roster.rousing[hook_name] = rouse
        self._roster.changed(hook_name)

    def is_awaited(self, hook_name: str) -> bool:
        """Return whether there is a hook of that name, and it is asynchronous."""
        caller: Caller | None = vars(self.hook).get(hook_name)
        return caller is not None and caller.traits.is_async

    def raises(self, hook_name: str) -> bool:
        """Return whether what an implementation raises is raised to the caller of the hook."""
        caller: Caller = getattr(self.hook, hook_name)
        return caller.traits.on_error == "raise"

    def is_active(self, plugin_name: str) -> bool:
        """Return whether a plugin of that name is registered and called."""
        return self.has_plugin(plugin_name) and plugin_name not in self._roster.inactive

    def addressed(self, plugin_name: str) -> AddressedPlugin:
        """Return one plugin, to call its hooks as methods.

        Raises:
            PluginNotFoundError: No plugin of that name is registered (``AITBC-P01``).
        """
        self.require(plugin_name)
        return AddressedPlugin(self, plugin_name)

    def capabilities(self, plugin_name: str) -> list[str]:
        """Return the sorted names of the hooks that can be called on a plugin."""
        callers: dict[str, Caller] = vars(self.hook)
        return sorted(
            name
            for name, caller in callers.items()
            if not caller.traits.driver_only and caller.implementations(plugin_name)
        )

    def require(self, plugin_name: str) -> None:
        """Raise `PluginNotFoundError` unless a plugin of that name is registered."""
        if not self.has_plugin(plugin_name):
            known = [name for name, plugin in self.list_name_plugin() if plugin is not None]
            raise PluginNotFoundError(
                f"no plugin named {plugin_name!r} is registered.",
                hint=did_you_mean(plugin_name, known),
            )

    def require_active(self, plugin_name: str, hook_name: str) -> None:
        """Raise unless a plugin of that name is registered and active (``AITBC-H02``)."""
        self.require(plugin_name)
        if not self.is_active(plugin_name):
            raise PluginInactiveError(
                f"is not active, so its {hook_name!r} cannot be called.",
                plugin=plugin_name,
                hint="Start it first.",
            )

    def _find_implementations(self, plugin: object) -> Iterable[Found]:
        """Find the implementations in a plugin, by `parse_hookimpl_opts` if it is overridden."""
        parse = getattr(self.parse_hookimpl_opts, "__func__", None)
        if parse is not HookManager.parse_hookimpl_opts:
            return super()._find_implementations(plugin)
        found = find_marked(plugin, f"{self.project_name}_impl", self._implied_methods(plugin))
        return (
            super()._find_implementations(plugin) if found is None else self._decide(plugin, found)
        )

    def _decide(self, plugin: object, found: Iterable[Found]) -> Iterator[Found]:
        for each in found:
            if each.options is not UNDECIDED:
                yield each
                continue
            options = self.parse_hookimpl_opts(plugin, each.name)
            if options is not None:
                yield Found(each.name, options, self._bind_function(plugin, each.name))

    def _implied_methods(self, plugin: object) -> Collection[str]:  # noqa: ARG002
        """Return the names of the methods that a plugin's class need not mark: none."""
        return ()

    def parse_hookimpl_opts(self, plugin: object, name: str) -> pluggy.HookimplOpts | None:
        """Return the options of an implementation, as pluggy does, or None.

        Raises:
            ContractError: Something else stands where a method is implied (``AITBC-P08``).
        """
        options = quick_options(plugin, name, f"{self.project_name}_impl")
        if options is UNDECIDED:
            options = super().parse_hookimpl_opts(plugin, name)
        if not options and name in self._implied_methods(plugin):
            options = implied_options(plugin, name)
        return cast("pluggy.HookimplOpts | None", options)

    def verify(self, caller: Caller, impl: pluggy.HookImpl) -> None:
        """Check an implementation against its hookspec.

        Raises:
            ContractError: The manager is strict and it does not fit (``AITBC-P08``).
            pluggy.PluginValidationError: It does not fit.
        """
        if not self.strict:
            super().verify(caller, impl)
        else:
            self._verify_strictly(caller, impl)
        if is_concerned(caller) and self._is_own(impl):
            self._deprecations.tell(caller, impl)

    def _is_own(self, impl: pluggy.HookImpl) -> bool:  # noqa: ARG002
        """Return whether an implementation is the plugin's own code: here all are."""
        return True

    def _verify_strictly(self, caller: Caller, impl: pluggy.HookImpl) -> None:
        check_implementation(caller, impl)
        try:
            super().verify(caller, impl)
        except pluggy.PluginValidationError as error:
            reason = str(error).splitlines()[-1]
            raise refusal(caller, impl, f"{reason}.", "See pluggy's documentation.") from error

    def add_hookcall_monitoring(
        self,
        before: Callable[[str, Sequence[pluggy.HookImpl], Mapping[str, Any]], None],
        after: Callable[
            [pluggy.Result[Any], str, Sequence[pluggy.HookImpl], Mapping[str, Any]], None
        ],
    ) -> Callable[[], None]:
        """Add functions that are called before and after each hook call, as in pluggy.

        An async hook call lies between them as a whole, so ``after`` gets what was awaited.

        Returns:
            A function that takes both away again.
        """
        undo_sync = super().add_hookcall_monitoring(before, after)
        roster = self._roster
        inner = roster.perform

        async def monitored(score: Score, arguments: Mapping[str, object]) -> Any:
            __tracebackhide__ = True
            name, impls = score.traits.name, score.impls
            before(name, impls, arguments)
            try:
                outcome = pluggy.Result[Any](await inner(score, arguments), None)
            except BaseException as error:  # noqa: BLE001 - the outcome raises it again
                outcome = pluggy.Result[Any](None, error)
            after(outcome, name, impls, arguments)
            return outcome.get_result()

        roster.perform = monitored

        def undo() -> None:
            undo_sync()
            roster.perform = inner

        return undo
