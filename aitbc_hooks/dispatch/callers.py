"""The seam to pluggy: hook callers and manager, and every use of pluggy's private names.

`Caller` is a `pluggy.HookCaller` that knows its hook's traits, leaves inactive plugins out, sorts
by priority and calls by plan (`plans`, `async_plans`). Where there is no plan, a synchronous hook
takes pluggy's path and an async one the engine's. ``tests/dispatch/test_dispatch_seam.py`` names
the versions of pluggy that this was checked with.
"""

from __future__ import annotations

import copy
import functools
import inspect
from types import MethodType
from typing import TYPE_CHECKING, Any, Final

import attrs
import pluggy
from pluggy._callers import _multicall, run_old_style_hookwrapper
from pluggy._hooks import _SubsetHookCaller, normalize_hookimpl_opts
from pluggy._manager import _static_hook_attr

from aitbc_hooks.dispatch.failures import FailureCollector, unregistered_impl
from aitbc_hooks.dispatch.marking import Found
from aitbc_hooks.dispatch.planning import (
    Addressed,
    loose_step,
    plan_calls,
    verified,
    without_plan,
    write_score,
)
from aitbc_hooks.dispatch.recording import watch
from aitbc_hooks.dispatch.traits import HookTraits
from aitbc_hooks.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aitbc_hooks.dispatch.plans import Plan
    from aitbc_hooks.dispatch.roster import Report, Roster

__all__ = ["Caller", "CallerManager", "SubsetCaller"]

#: The plan that no version has.
_NONE: Final = (-1, None)

_CALLED_DIRECTLY = "Cannot directly call a historic hook - use call_historic instead."


class _Calling(pluggy.HookCaller):
    """The ways to call a hook.

    pluggy's own methods cannot be extended from outside: their warnings count stack frames.
    """

    __slots__ = ()

    if TYPE_CHECKING:

        @property
        def origin(self) -> Caller: ...

        def live(self) -> tuple[pluggy.HookImpl, ...]: ...

    def __call__(self, **kwargs: object) -> Any:
        """Call the hook: the results, or for an async hook an awaitable of them.

        Raises:
            HookError: The hook is called on one plugin at a time (``AITBC-H03``).
        """
        __tracebackhide__ = True
        self._refuse_broadcast()
        self._verify_all_args_are_provided(kwargs)
        return self._prepare(self.live(), self._apply_defaults(kwargs))()

    def call_historic(
        self,
        result_callback: Callable[[Any], None] | None = None,
        kwargs: Mapping[str, object] | None = None,
    ) -> None:
        """Call the hook now, and on each plugin that is registered later."""
        __tracebackhide__ = True
        history = self._call_history
        if history is None:
            raise AssertionError
        arguments = self._apply_defaults(kwargs or {})
        self._verify_all_args_are_provided(arguments)
        history.append((arguments, result_callback))
        results = self._prepare(self.live(), arguments)()
        if result_callback is not None and isinstance(results, list):
            for result in results:
                result_callback(result)

    def call_extra(
        self, methods: Sequence[Callable[..., object]], kwargs: Mapping[str, object]
    ) -> Any:
        """Call the hook with additional methods, the last of them first.

        They come before all plain implementations, whatever the priorities of these.
        """
        __tracebackhide__ = True
        self._refuse_broadcast()
        arguments = self._apply_defaults(kwargs)
        self._verify_all_args_are_provided(arguments)
        impls = list(self.live())
        for method in methods:
            index = len(impls)
            while index and _precedes_extra(impls[index - 1]):
                index -= 1
            impls.insert(index, unregistered_impl("<temp>", method))
        return self._prepare(impls, arguments)()

    def _refuse_broadcast(self) -> None:
        traits = self.origin.traits
        if traits.restricted:
            raise traits.refuse_broadcast()
        if self.is_historic():
            raise AssertionError(_CALLED_DIRECTLY)

    def _prepare(
        self,
        impls: Sequence[pluggy.HookImpl],
        arguments: Mapping[str, object],
        *,
        traits: HookTraits | None = None,
    ) -> Callable[[], Any]:
        """Return a call without a plan, with the traits of the hook or the ones given.

        It is for the caller of this method to make, because pluggy's warnings count stack frames.
        """
        origin = self.origin
        traits, roster = traits or origin.traits, origin.roster
        report: Report | None = None if traits.on_error == "raise" else roster.report
        if report is not None and traits.on_error == "group":
            collector = FailureCollector(self.name, report)
            impls, report = collector.join(impls), collector
        if traits.is_async:
            step = functools.partial(loose_step, run_hookwrapper=run_old_style_hookwrapper)
            score = write_score(
                self.name, traits, impls, report=report, recorder=roster.recorder, make_step=step
            )
            return functools.partial(roster.perform, score, arguments)
        watched = [watch(impl, self.name, report, roster.recorder) for impl in impls]
        return functools.partial(self._hookexec, self.name, watched, arguments, traits.firstresult)


def _precedes_extra(impl: pluggy.HookImpl) -> bool:
    return impl.wrapper or impl.hookwrapper or impl.tryfirst


class _Signature:
    """Says how a caller is called; `inspect` cannot find out, because ``__call__`` is a slot."""

    def __get__(self, caller: Caller | None, _owner: type[Caller]) -> inspect.Signature:
        if caller is None:
            raise AttributeError
        return inspect.signature(_Calling.__call__.__get__(caller))


class Caller(_Calling):
    """The caller of one hook.

    ``__call__`` is a slot: each caller has a function of its own in it, its current plan.
    """

    __signature__ = _Signature()

    __slots__ = (
        "__call__",
        "_addressed",
        "_closing",
        "_known",
        "_planned",
        "clock",
        "roster",
        "traits",
    )

    def __init__(self, plain: pluggy.HookCaller, roster: Roster) -> None:
        super().__init__(plain.name, plain._hookexec)  # noqa: SLF001
        # The list itself: someone may hold the caller that this one stands in for.
        self._hookimpls = plain._hookimpls  # type: ignore[misc] # noqa: SLF001
        self._call_history = plain._call_history  # noqa: SLF001
        self.spec = plain.spec
        self.roster = roster
        self.clock = roster.clock(plain.name)
        self.traits = _read_traits(plain)
        self._closing: list[Callable[[], None]] = []
        # Each with the version that it was made for, because another thread may change it.
        self._addressed: dict[str, tuple[int, Addressed]]
        self._known: tuple[int, tuple[pluggy.HookImpl, ...]]
        self._planned: tuple[int, Plan | None]
        self._forget_plans()

    @property
    def origin(self) -> Caller:
        """The caller that holds the data: this one."""
        return self

    def set_specification(self, specmodule_or_class: Any, spec_opts: pluggy.HookspecOpts) -> None:
        """Set the hookspec of a hook that plugins implemented before it was known.

        Raises:
            ContractError: The hookspec contradicts itself (``AITBC-P12``).
        """
        super().set_specification(specmodule_or_class, spec_opts)
        self.traits = _read_traits(self)
        self._forget_plans()

    def forget_specification(self) -> None:
        """Take back a hookspec that was refused."""
        self.spec = None
        self._call_history = None
        self.traits = HookTraits(self.name)
        self._forget_plans()

    def live(self) -> tuple[pluggy.HookImpl, ...]:
        """Return the implementations of active plugins, called from the last to the first.

        The tuple is replaced when anything changes; a call that runs keeps the one it has.
        """
        return self._now()[1]

    def _now(self) -> tuple[int, tuple[pluggy.HookImpl, ...]]:
        """Return the present version of the hook, and what is live in it."""
        version, known = self.clock.version, self._known
        if known[0] != version:
            self._forget_plans()
            inactive = self.roster.inactive
            live = tuple(impl for impl in self._hookimpls if impl.plugin_name not in inactive)
            known = self._known = version, live
        return known

    def implementations(self, plugin_name: str) -> list[pluggy.HookImpl]:
        """Return one plugin's implementations, active or not, without its wrappers.

        They are called from the last to the first.
        """
        own = self.roster.implementations(plugin_name, self.name)
        if len(own) > 1:  # these are in the order of their registration
            own = [impl for impl in self._hookimpls if impl.plugin_name == plugin_name]
        return [impl for impl in own if not (impl.wrapper or impl.hookwrapper)]

    def addressed(self, plugin_name: str) -> Addressed | None:
        """Return how to call one plugin's implementations inside all wrappers, for the next call.

        None if the plugin is not active or has none, or if only the driver calls the hook.
        """
        made_for, found = self._addressed.get(plugin_name, _NONE)
        if made_for == self.clock.version:
            return found
        version, live = self._now()
        if plugin_name in self.roster.inactive or self.traits.driver_only:
            return None
        impls = self.implementations(plugin_name)
        if not impls:
            return None
        wrappers = [impl for impl in live if impl.wrapper or impl.hookwrapper]
        found = self._address(version, impls, wrappers)
        self._addressed[plugin_name] = version, found
        return found

    def _address(
        self,
        version: int,
        impls: Sequence[pluggy.HookImpl],
        wrappers: Sequence[pluggy.HookImpl],
    ) -> Addressed:
        # One implementation alone gives its result; wrappers and monitors expect to see a list.
        watched = bool(wrappers) or self.roster.monitored
        single = self.traits.firstresult or (len(impls) == 1 and not watched)
        traits = attrs.evolve(self.traits, on_error="raise", concurrent=None, firstresult=single)
        everything = [*impls, *wrappers]

        def usual(arguments: Mapping[str, object]) -> Callable[[], Any]:
            return self._prepare(everything, arguments, traits=traits)

        plan = self._make_plan(version, everything, traits, verified, usual)
        names = (*self.spec.argnames, *self.spec.kwargnames) if self.spec else ()
        return Addressed(plan or without_plan(usual), names, single)

    def _unplanned(self, **kwargs: object) -> Any:
        """Make a call while there is no plan, and make a plan if there can be one."""
        __tracebackhide__ = True
        self._refuse_broadcast()
        self._verify_all_args_are_provided(kwargs)
        return self._begin(kwargs) if self.traits.is_async else self._usual(kwargs)()

    async def _begin(self, kwargs: Mapping[str, object]) -> Any:
        """Find out what an async call calls when it begins, not when it is made."""
        __tracebackhide__ = True
        return await self._usual(kwargs)()

    def _usual(self, kwargs: Mapping[str, object]) -> Callable[[], Any]:
        """Return a call that the plan does not take: it is stale, or lacks an argument."""
        if self.name in self.roster.rousing:
            return functools.partial(self._after_rousing, kwargs)
        return self._prompt(kwargs)

    async def _after_rousing(self, kwargs: Mapping[str, object]) -> Any:
        """Call the hook when those that the call is to wake up are there."""
        __tracebackhide__ = True
        rouse = self.roster.rousing.get(self.name)
        if rouse is not None:
            await rouse()
        return await self._prompt(kwargs)()

    def _prompt(self, kwargs: Mapping[str, object]) -> Callable[[], Any]:
        """Return a call of what is there now."""
        version, impls = self._now()
        made_for, plan = self._planned
        if made_for != version:
            verify = self._verify_all_args_are_provided
            plan = self._make_plan(version, impls, self.traits, verify, self._usual)
            self._planned = version, plan
            if plan is not None and self.name not in self.roster.rousing:
                self.__call__ = plan  # type: ignore[method-assign]
        arguments = self._apply_defaults(kwargs)
        if plan is not None and self._has_all(arguments):
            return functools.partial(plan, **arguments)
        return self._prepare(impls, arguments)

    def _has_all(self, arguments: Mapping[str, object]) -> bool:
        spec = self.spec
        return spec is not None and all(name in arguments for name in spec.argnames)

    def _make_plan(
        self,
        version: int,
        impls: Sequence[pluggy.HookImpl],
        traits: HookTraits,
        verify: Callable[[Mapping[str, object]], None],
        usual: Callable[[Mapping[str, object]], Callable[[], Any]],
    ) -> Plan | None:
        """Return a plan to call implementations, or None if something is unusual."""
        spec, roster = self.spec, self.roster
        if spec is None or self.is_historic() or traits.on_error == "group" or roster.monitored:
            return None
        if not traits.is_async and not _is_pluggys(self._hookexec):
            return None
        planned = plan_calls(
            self.name,
            (*spec.argnames, *spec.kwargnames),
            traits,
            impls,
            roster,
            verify=verify,
            usual=usual,
            version=version,
            run_hookwrapper=run_old_style_hookwrapper,
        )
        if planned is None:
            return None
        plan, close = planned
        self._closing.append(close)
        # What is read where arguments are given by position is "… .__call__() takes 1".
        plan.__qualname__ = f"{self.name}.__call__"
        return MethodType(plan, self)

    def _forget_plans(self) -> None:
        """Hold nothing of the implementations that there were."""
        self.__call__ = self._unplanned  # type: ignore[method-assign]
        self._planned = _NONE
        self._addressed = {}
        self._known = -1, ()
        closing, self._closing = self._closing, []
        for close in closing:
            close()

    def _add_hookimpl(self, hookimpl: pluggy.HookImpl) -> None:
        self.roster.place(self.name, self._hookimpls, hookimpl, super()._add_hookimpl)

    def _remove_plugin(self, plugin: object) -> None:
        self.roster.displace(self.name, self._hookimpls, plugin, super()._remove_plugin)
        self._forget_plans()

    def _maybe_apply_history(self, method: pluggy.HookImpl) -> None:
        __tracebackhide__ = True
        if method.plugin_name in self.roster.inactive:
            return
        roster = self.roster
        report = None if self.traits.on_error == "raise" else roster.report
        super()._maybe_apply_history(watch(method, self.name, report, roster.recorder))


# Whoever gives arguments by position is to read that name.
Caller._unplanned.__qualname__ = "HookCaller.__call__"  # noqa: SLF001


def _is_pluggys(hookexec: object) -> bool:
    """Whether a caller's calls go through pluggy's own method, which hands them on."""
    return getattr(hookexec, "__func__", None) is pluggy.PluginManager._hookexec  # noqa: SLF001


def _read_traits(caller: pluggy.HookCaller) -> HookTraits:
    if caller.spec is None:
        return HookTraits(caller.name)
    return HookTraits.read(caller.name, caller.spec.function, caller.spec.opts)


class SubsetCaller(_Calling, _SubsetHookCaller):
    """A caller of the implementations of some plugins, on the data of another caller."""

    __slots__ = ()

    @property
    def origin(self) -> Caller:
        """The caller that holds the data."""
        return self._orig  # type: ignore[return-value]

    def live(self) -> tuple[pluggy.HookImpl, ...]:
        """Return the implementations of active plugins that are not left out."""
        return tuple(impl for impl in self.origin.live() if impl.plugin not in self._remove_plugins)


class CallerManager(pluggy.PluginManager):
    """A `pluggy.PluginManager` whose hook callers are `Caller`s.

    Args:
        project_name: pluggy's project name.
        roster: Shared with the callers.
    """

    def __init__(self, project_name: str, roster: Roster) -> None:
        self._roster = roster
        super().__init__(project_name)

    @property
    def _inner_hookexec(self) -> Any:
        """What executes a synchronous call: pluggy's loop, or what monitors it."""
        return self._execution

    @_inner_hookexec.setter
    def _inner_hookexec(self, execution: Any) -> None:
        self._execution = execution
        self._roster.monitored = execution is not _multicall
        self._roster.all_changed()

    def _is_taken(self, plugin_name: str, plugin: object) -> bool:
        """Return whether pluggy would not register a plugin, for its name or for itself."""
        if plugin_name in self._name2plugin:
            return True
        if self._roster.index.is_alone(plugin):
            return self.get_name(plugin) is not None
        return plugin in self._name2plugin.values()

    def _find_implementations(self, plugin: object) -> Iterable[Found]:
        """Find the implementations in a plugin, one by one as pluggy does."""
        for name in dir(plugin):
            options = self.parse_hookimpl_opts(plugin, name)
            if options is not None:
                yield Found(name, options, self._bind_function(plugin, name))

    def _bind_function(self, plugin: object, name: str) -> Callable[..., object]:
        """Return what pluggy would call for an attribute that counts as an implementation."""
        found = _static_hook_attr(plugin, name)
        if found is None:
            raise AssertionError(f"{plugin!r}.{name} is not a hookable attribute")
        return found[1]

    def _install(self, plugin: object, plugin_name: str, found: Iterable[Found]) -> None:
        """Register a plugin that is not registered yet, as pluggy does.

        Everything is checked before anything changes.

        Args:
            plugin: The plugin.
            plugin_name: Its name.
            found: The implementations in it.

        Raises:
            pluggy.PluginValidationError: An implementation does not fit its hookspec.
        """
        __tracebackhide__ = True
        checked = [self._check(plugin, plugin_name, each) for each in found]
        self._name2plugin[plugin_name] = plugin
        self._roster.index.add(plugin_name, plugin)
        relay = self.hook
        for hook_name, impl, is_checked in checked:
            caller: Caller | None = getattr(relay, hook_name, None)
            if caller is None:
                caller = Caller(pluggy.HookCaller(hook_name, self._hookexec), self._roster)
                setattr(relay, hook_name, caller)
            elif not is_checked and caller.has_spec():
                # A replay on an earlier implementation has added the hookspec.
                self._verify_hook(caller, impl)
            if caller.is_historic():
                caller._maybe_apply_history(impl)  # noqa: SLF001
            caller._add_hookimpl(impl)  # noqa: SLF001

    def _check(
        self, plugin: object, plugin_name: str, found: Found
    ) -> tuple[str, pluggy.HookImpl, bool]:
        """Return the hook's name, the implementation, and whether a hookspec has checked it."""
        options = found.options
        normalize_hookimpl_opts(options)
        impl = pluggy.HookImpl(plugin, plugin_name, found.function, options)
        hook_name = options.get("specname") or found.name
        caller: Caller | None = getattr(self.hook, hook_name, None)
        if caller is None or caller.spec is None:
            return hook_name, impl, False
        self._verify_hook(caller, impl)
        if impl.argnames == caller.spec.argnames:
            # Most plugins name them all: one tuple is enough.
            object.__setattr__(impl, "argnames", caller.spec.argnames)
        return hook_name, impl, True

    def _swap(self, one: str, other: str) -> None:
        """Let two plugins change names and places; nothing is registered or checked anew."""
        for name in (one, other):
            if self.is_blocked(name):
                raise ValueError(f"plugin name {name!r} is blocked")
        implemented = self._roster.hooks(one) | self._roster.hooks(other)
        callers: list[Caller] = [vars(self.hook)[name] for name in implemented]
        self._roster.swap(one, other, {caller.name: caller._hookimpls for caller in callers})  # noqa: SLF001
        plugins = {other: self._name2plugin.get(one), one: self._name2plugin.get(other)}
        for name, plugin in plugins.items():
            if plugin is None:
                self._name2plugin.pop(name, None)
            else:
                self._name2plugin[name] = plugin
                self._roster.index.add(name, plugin)

    def get_name(self, plugin: object) -> str | None:
        """Return the name of a plugin that is equal to this one, as pluggy does, or None."""
        index = self._roster.index
        if not index.is_alone(plugin):
            return super().get_name(plugin)
        name = index.name(plugin)
        return name if name is not None and self._name2plugin.get(name) is plugin else None

    def _implementations_of(self, plugin: object, hook_name: str) -> list[pluggy.HookImpl]:
        """Return a registered plugin's implementations of a hook, without its wrappers."""
        name = self._roster.index.name(plugin)
        caller: Caller = getattr(self.hook, hook_name)
        return [] if name is None else caller.implementations(name)

    def get_hookcallers(self, plugin: object) -> list[pluggy.HookCaller] | None:
        """Return the callers of the hooks that a plugin implements, or None, as pluggy does."""
        if self.get_name(plugin) is None:
            return None
        # pluggy looks for the name of an equal plugin, but for the hooks of this one.
        name = self._roster.index.name(plugin)
        hooks = () if name is None else self._roster.hooks(name)
        return [caller for hook, caller in vars(self.hook).items() if hook in hooks]

    def add_hookspecs(self, module_or_class: Any) -> None:
        """Add hookspecs as pluggy does; one that this host refuses leaves no trace of the call.

        Raises:
            ContractError: A hookspec contradicts itself, or an implementation that is
                registered already does not fit it (``AITBC-P12``, ``AITBC-P08``).
        """
        former = {name: caller.spec for name, caller in vars(self.hook).items()}
        try:
            try:
                super().add_hookspecs(module_or_class)
            finally:
                self._adopt()
        except ContractError:
            self._take_back(former)
            raise

    def verify(self, caller: Caller, impl: pluggy.HookImpl) -> None:
        """Check an implementation against its hookspec, as pluggy does.

        An async hook may have async generators as wrappers, which pluggy does not know.

        Raises:
            pluggy.PluginValidationError: It does not fit.
        """
        if impl.wrapper and caller.traits.is_async and inspect.isasyncgenfunction(impl.function):
            impl = copy.copy(impl)
            object.__setattr__(impl, "wrapper", False)
        super()._verify_hook(caller, impl)

    def subset_hook_caller(self, name: str, remove_plugins: Any) -> pluggy.HookCaller:
        """Return a caller that leaves out some plugins, as pluggy does."""
        caller = super().subset_hook_caller(name, remove_plugins)
        if isinstance(caller, _SubsetHookCaller):
            return SubsetCaller(caller._orig, caller._remove_plugins)  # noqa: SLF001
        return caller

    def _verify_hook(self, hook: Any, hookimpl: pluggy.HookImpl) -> None:
        self.verify(hook, hookimpl)

    def _adopt(self) -> None:
        """Put a `Caller` in the place of each caller that pluggy has made."""
        for name, caller in list(vars(self.hook).items()):
            if type(caller) is pluggy.HookCaller:
                setattr(self.hook, name, Caller(caller, self._roster))

    def _take_back(self, former: Mapping[str, object]) -> None:
        """Undo `add_hookspecs`, given the hookspecs that were there before it."""
        for name, caller in list(vars(self.hook).items()):
            if name not in former:
                delattr(self.hook, name)
            elif former[name] is None:
                caller.forget_specification()
