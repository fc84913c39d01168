"""From a hook's implementations to the plan of its calls, or to an async call without a plan."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import attrs
import pluggy

from aitbc_hooks.dispatch.async_plans import make_async_plan
from aitbc_hooks.dispatch.engine import Score
from aitbc_hooks.dispatch.plans import Parts, make_plan, parameters, picker, plain_function
from aitbc_hooks.dispatch.recording import Account

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from aitbc_hooks.dispatch.engine import Step
    from aitbc_hooks.dispatch.plans import Plan
    from aitbc_hooks.dispatch.recording import Recorder
    from aitbc_hooks.dispatch.roster import Report, Roster
    from aitbc_hooks.dispatch.traits import HookTraits

    #: Runs an old-style wrapper as a new one, given the hook's name and both kinds of arguments.
    RunHookwrapper = Callable[..., Any]

__all__ = ["Addressed", "loose_step", "plan_calls", "verified", "without_plan", "write_score"]


@attrs.frozen
class Addressed:
    """A call of one plugin's implementations.

    Attributes:
        plan: Takes all arguments of the hookspec by name, and is good for one call. What an
            implementation raises is raised.
        names: These arguments, in their order.
        single: It gives the plugin's result, and not a list.
    """

    plan: Plan
    names: tuple[str, ...]
    single: bool


def plan_calls(
    name: str,
    names: tuple[str, ...],
    traits: HookTraits,
    impls: Sequence[pluggy.HookImpl],
    roster: Roster,
    *,
    version: int,
    verify: Callable[[Mapping[str, object]], None],
    usual: Callable[[Mapping[str, object]], Callable[[], Any]],
    run_hookwrapper: RunHookwrapper,
) -> tuple[Plan, Callable[[], None]] | None:
    """Return the plan of a hook's calls, or None if something is unusual.

    Args:
        name: Name of the hook.
        names: The arguments of its hookspec.
        traits: How it is called.
        impls: Implementations and wrappers, as pluggy sorts them.
        roster: Has the clock of the hook, and who is told of what.
        version: The hook's version that `impls` are of.
        verify: Warns of missing arguments.
        usual: Returns a call that the plan does not take.
        run_hookwrapper: pluggy's way to run an old-style wrapper as a new one.

    Returns:
        The plan, and what is to be called when it is not used any more.
    """
    if not all(_is_usual(impl, names, is_async=traits.is_async) for impl in impls):
        return None
    plain, wrappers = _in_call_order(impls)
    report = None if traits.on_error == "raise" else roster.report
    score = None
    if traits.is_async:
        step = functools.partial(_exact_step, run_hookwrapper=run_hookwrapper)
        score = write_score(
            name, traits, impls, report=report, recorder=roster.recorder, make_step=step
        )
    parts = Parts(
        names=names,
        impls=plain,
        wrappers=wrappers,
        traits=traits,
        account=score.account if score else Account(name, plain, report, roster.recorder),
        clock=roster.clock(name),
        version=version,
        verify=verify,
        usual=usual,
    )
    if score is None:
        return make_plan(parts), parts.account.close
    return make_async_plan(parts, score), score.close


def _is_usual(impl: pluggy.HookImpl, names: Sequence[str], *, is_async: bool) -> bool:
    if impl.hookwrapper and not is_async:
        return False
    if impl.kwargnames and plain_function(impl) is None:
        return False  # what it enters may take them by name only, as pluggy gives them
    return set(parameters(impl)) <= set(names)


def write_score(
    name: str,
    traits: HookTraits,
    impls: Sequence[pluggy.HookImpl],
    *,
    report: Report | None,
    recorder: Recorder | None,
    make_step: Callable[[pluggy.HookImpl, str], Step],
) -> Score:
    """Return an async call of implementations, but for its arguments.

    Args:
        name: Name of the hook.
        traits: How it is called.
        impls: Implementations and wrappers, as pluggy sorts them.
        report: Receives what implementations raise; without it, that ends the call.
        recorder: Whose tallies count the calls.
        make_step: Returns the step of an implementation.
    """
    plain, wrappers = _in_call_order(impls)

    def voice(*some: pluggy.HookImpl) -> Score:
        steps = [make_step(impl, name) for impl in some]
        return Score(traits, some, (), steps, Account(name, some, report, recorder, is_async=True))

    return attrs.evolve(
        voice() if traits.concurrent else voice(*plain),
        impls=impls,
        wrappers=[make_step(impl, name) for impl in wrappers],
        voices=[voice(impl) for impl in plain] if traits.concurrent else (),
    )


def _in_call_order(
    impls: Sequence[pluggy.HookImpl],
) -> tuple[tuple[pluggy.HookImpl, ...], tuple[pluggy.HookImpl, ...]]:
    """Return the implementations and the wrappers, each in the order of calls."""
    plain = tuple(impl for impl in reversed(impls) if not (impl.wrapper or impl.hookwrapper))
    return plain, tuple(impl for impl in reversed(impls) if impl.wrapper or impl.hookwrapper)


def _exact_step(impl: pluggy.HookImpl, hook_name: str, *, run_hookwrapper: RunHookwrapper) -> Step:
    """Return the step of an implementation for calls that have all arguments."""
    if impl.hookwrapper:
        return loose_step(impl, hook_name, run_hookwrapper=run_hookwrapper)
    return impl.function, picker(parameters(impl))


def loose_step(impl: pluggy.HookImpl, hook_name: str, *, run_hookwrapper: RunHookwrapper) -> Step:
    """Return the step of an implementation that may find arguments missing, as in pluggy."""
    if impl.hookwrapper:
        function = functools.partial(run_hookwrapper, impl, hook_name)
    else:
        function = functools.partial(_call_bound, impl.function)
    return function, functools.partial(_bind, impl)


def _call_bound(
    function: Callable[..., Any], args: Sequence[object], kwargs: Mapping[str, object]
) -> Any:
    __tracebackhide__ = True
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


def verified(_arguments: Mapping[str, object]) -> None:
    """Accept arguments that were held against the hookspec before."""


def without_plan(usual: Callable[[Mapping[str, object]], Callable[[], Any]]) -> Plan:
    """Return what takes the place of a plan where there is none."""

    def call(**kwargs: object) -> Any:
        __tracebackhide__ = True
        return usual(kwargs)()

    return call
