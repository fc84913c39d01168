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
from typing import TYPE_CHECKING, Any, Final

import attrs
import pluggy
from pluggy._callers import _multicall, run_old_style_hookwrapper
from pluggy._hooks import _SubsetHookCaller

from aitbc_hooks.dispatch.async_plans import make_async_plan
from aitbc_hooks.dispatch.engine import Score
from aitbc_hooks.dispatch.failures import FailureCollector, unregistered_impl
from aitbc_hooks.dispatch.plans import Parts, make_plan, parameters, picker, plain_function
from aitbc_hooks.dispatch.recording import Account, watch
from aitbc_hooks.dispatch.traits import HookTraits
from aitbc_hooks.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aitbc_hooks.dispatch.engine import Step
    from aitbc_hooks.dispatch.plans import Plan
    from aitbc_hooks.dispatch.roster import Report, Roster

__all__ = ["Caller", "CallerManager", "SubsetCaller"]

#: The plan that no version has.
_NONE: Final = -1, None

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
        self._refuse_broadcast()
        self._verify_all_args_are_provided(kwargs)
        return self._prepare(self.live(), self._apply_defaults(kwargs))()

    def call_historic(
        self,
        result_callback: Callable[[Any], None] | None = None,
        kwargs: Mapping[str, object] | None = None,
    ) -> None:
        """Call the hook now, and on each plugin that is registered later."""
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
        on_error: str | None = None,
    ) -> Callable[[], Any]:
        """Return a call without a plan, with the failure policy of the hook or the one given.

        It is for the caller of this method to make, because pluggy's warnings count stack frames.
        """
        origin = self.origin
        traits, roster = origin.traits, origin.roster
        on_error = on_error or traits.on_error
        report: Report | None = None if on_error == "raise" else roster.report
        if report is not None and on_error == "group":
            collector = FailureCollector(self.name, report)
            impls, report = collector.join(impls), collector
        if traits.is_async:
            score = origin.score(impls, report, loose_step)
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
        self.traits = _read_traits(plain)
        self._closing: list[Callable[[], None]] = []
        # Each with the version that it was made for, because another thread may change it.
        self._addressed: dict[str, tuple[int, Plan | None]] = {}
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
        """Return the version of the manager, and what is live in it."""
        version, known = self.roster.version, self._known
        if known[0] != version:
            self._forget_plans()
            inactive = self.roster.inactive
            live = tuple(impl for impl in self._hookimpls if impl.plugin_name not in inactive)
            known = self._known = version, live
        return known

    def addressed(self, plugin_name: str) -> tuple[pluggy.HookImpl, ...]:
        """Return one plugin's implementations inside all wrappers; empty if it has none."""
        live = self.live()
        own = [
            impl
            for impl in self._hookimpls
            if impl.plugin_name == plugin_name and not (impl.wrapper or impl.hookwrapper)
        ]
        wrappers = [impl for impl in live if impl.wrapper or impl.hookwrapper]
        return (*own, *wrappers) if own else ()

    def addressed_plan(self, plugin_name: str) -> Plan | None:
        """Return the call of one plugin's implementations inside all wrappers; None if it has none.

        It takes the arguments by name, all that the hookspec has, and is good for one call that
        begins at once. A failure is always raised.
        """
        version, _ = self._now()
        made_for, plan = self._addressed.get(plugin_name, _NONE)
        if made_for != version:
            impls = self.addressed(plugin_name)

            def usual(arguments: Mapping[str, object]) -> Callable[[], Any]:
                return self._prepare(impls, arguments, on_error="raise")

            plan = self._make_plan(version, impls, "raise", _verified, usual) if impls else None
            if impls and plan is None:
                plan = _planless(usual)
            self._addressed[plugin_name] = version, plan
        return plan

    def score(
        self,
        impls: Sequence[pluggy.HookImpl],
        report: Report | None,
        make_step: Callable[[pluggy.HookImpl, str], Step],
    ) -> Score:
        """Return an async call of implementations, sorted as pluggy sorts them."""
        plain, wrappers = _in_call_order(impls)
        recorder, name = self.roster.recorder, self.name

        def voice(*some: pluggy.HookImpl) -> Score:
            steps = [make_step(impl, name) for impl in some]
            account = Account(name, some, report, recorder, is_async=True)
            return Score(self.traits, some, (), steps, account)

        whole = voice(*(() if self.traits.concurrent else plain))
        return attrs.evolve(
            whole,
            impls=impls,
            wrappers=[make_step(impl, name) for impl in wrappers],
            voices=[voice(impl) for impl in plain] if self.traits.concurrent else (),
        )

    def _unplanned(self, **kwargs: object) -> Any:
        """Make a call while there is no plan, and make a plan if there can be one."""
        self._refuse_broadcast()
        self._verify_all_args_are_provided(kwargs)
        return self._begin(kwargs) if self.traits.is_async else self._usual(kwargs)()

    async def _begin(self, kwargs: Mapping[str, object]) -> Any:
        """Find out what an async call calls when it begins, not when it is made."""
        return await self._usual(kwargs)()

    def _usual(self, kwargs: Mapping[str, object]) -> Callable[[], Any]:
        """Return a call that the plan does not take: it is stale, or lacks an argument."""
        version, impls = self._now()
        made_for, plan = self._planned
        if made_for != version:
            policy, verify = self.traits.on_error, self._verify_all_args_are_provided
            plan = self._make_plan(version, impls, policy, verify, self._usual)
            self._planned = version, plan
            if plan is not None:
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
        on_error: str,
        verify: Callable[[Mapping[str, object]], None],
        usual: Callable[[Mapping[str, object]], Callable[[], Any]],
    ) -> Plan | None:
        """Return a plan to call implementations, or None if something is unusual."""
        spec, roster, is_async = self.spec, self.roster, self.traits.is_async
        if spec is None or self.is_historic() or on_error == "group" or roster.monitored:
            return None
        if not is_async and not _is_pluggys(self._hookexec):
            return None
        names = (*spec.argnames, *spec.kwargnames)
        for impl in impls:
            if (impl.hookwrapper and not is_async) or not set(parameters(impl)) <= set(names):
                return None
            if impl.kwargnames and plain_function(impl) is None:
                return None  # what it enters may take them by name only, as pluggy gives them
        plain, wrappers = _in_call_order(impls)
        report = None if on_error == "raise" else roster.report
        score = self.score(impls, report, exact_step) if is_async else None
        account = score.account if score else Account(self.name, plain, report, roster.recorder)
        self._closing.append(score.close if score else account.close)
        parts = Parts(
            names=names,
            impls=plain,
            wrappers=wrappers,
            traits=self.traits,
            account=account,
            clock=roster,
            version=version,
            verify=verify,
            usual=usual,
        )
        plan = make_async_plan(parts, score) if score else make_plan(parts)
        plan.__name__ = plan.__qualname__ = self.name  # "coroutine 'predict' was never awaited"
        return plan

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
        super()._add_hookimpl(hookimpl)
        self.roster.sort(self._hookimpls)
        self.roster.changed()

    def _remove_plugin(self, plugin: object) -> None:
        super()._remove_plugin(plugin)
        self.roster.changed()
        self._forget_plans()

    def _maybe_apply_history(self, method: pluggy.HookImpl) -> None:
        if method.plugin_name in self.roster.inactive:
            return
        roster = self.roster
        report = None if self.traits.on_error == "raise" else roster.report
        super()._maybe_apply_history(watch(method, self.name, report, roster.recorder))


def _is_pluggys(hookexec: object) -> bool:
    """Whether a caller's calls go through pluggy's own method, which hands them on."""
    return getattr(hookexec, "__func__", None) is pluggy.PluginManager._hookexec  # noqa: SLF001


def _in_call_order(
    impls: Sequence[pluggy.HookImpl],
) -> tuple[tuple[pluggy.HookImpl, ...], tuple[pluggy.HookImpl, ...]]:
    """Return the implementations and the wrappers, each in the order of calls."""
    plain = tuple(impl for impl in reversed(impls) if not (impl.wrapper or impl.hookwrapper))
    return plain, tuple(impl for impl in reversed(impls) if impl.wrapper or impl.hookwrapper)


def exact_step(impl: pluggy.HookImpl, hook_name: str) -> Step:
    """Return the step of an implementation for calls that have all arguments."""
    if impl.hookwrapper:
        return loose_step(impl, hook_name)
    return impl.function, picker(parameters(impl))


def loose_step(impl: pluggy.HookImpl, hook_name: str) -> Step:
    """Return the step of an implementation that may find arguments missing, as in pluggy."""
    if impl.hookwrapper:
        function = functools.partial(run_old_style_hookwrapper, impl, hook_name)
    else:
        function = functools.partial(_call_bound, impl.function)
    return function, functools.partial(_bind, impl)


def _call_bound(
    function: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]
) -> Any:
    return function(*args, **kwargs)


def _bind(
    impl: pluggy.HookImpl, arguments: Mapping[str, object]
) -> tuple[list[object], dict[str, object]]:
    """Select what an implementation asks for; with a default, only what the call has."""
    try:
        args = [arguments[name] for name in impl.argnames]
    except KeyError as error:
        raise pluggy.HookCallError(f"hook call must provide argument {error.args[0]!r}") from error
    return args, {name: arguments[name] for name in impl.kwargnames if name in arguments}


def _verified(_arguments: Mapping[str, object]) -> None:
    """Accept arguments that were held against the hookspec before."""


def _planless(usual: Callable[[Mapping[str, object]], Callable[[], Any]]) -> Plan:
    """Return what takes the place of a plan where there is none."""
    return lambda **kwargs: usual(kwargs)()


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
        self._roster.changed()

    def register(self, plugin: object, name: str | None = None) -> str | None:
        """Register as pluggy does."""
        try:
            return super().register(plugin, name)
        finally:
            self._adopt()

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
