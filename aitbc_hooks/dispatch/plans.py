"""Compiled plans of synchronous hook calls.

pluggy works out at each call what does not change between calls: which argument goes where, who
is a wrapper, whether the caller gave every argument. A plan is a closure over the answers. It is
made for one state of the manager and holds nothing that changes: a call that registers a plugin
goes on with the plan that it runs, and the next call finds the version changed and makes another.

There is a plan for each shape that a hook can have, because a loop around
``function(*arguments)`` costs more than one around ``function(a, b)``. What is unusual (missing arguments,
old-style wrappers, monitoring) has no plan; pluggy's own path is right for it.
"""

from __future__ import annotations

from operator import itemgetter
from time import perf_counter
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from aitbc_hooks.dispatch.recording import SAMPLE
from aitbc_hooks.dispatch.roster import Clock
from aitbc_hooks.dispatch.wrapping import enter, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import pluggy

    from aitbc_hooks.dispatch.recording import Account
    from aitbc_hooks.dispatch.traits import HookTraits

    Plan: TypeAlias = Callable[..., Any]
    Arguments: TypeAlias = Mapping[str, object]
    #: Selects the arguments of one function from those of a call.
    Pick: TypeAlias = Callable[[Arguments], tuple[Any, ...]]

__all__ = ["Parts", "make_plan", "parameters", "picker", "plain_function"]


@attrs.frozen(eq=False)
class Parts:
    """What a plan is made of.

    Attributes:
        names: All arguments of the hookspec; without one of them a call takes the usual path.
        impls: The implementations, in the order of calls.
        wrappers: The wrappers, outermost first.
        traits: The hook.
        account: Counts the calls, and knows what becomes of failures.
        clock: Its version is that of the hook, and
        version: what it was when the plan was made.
        verify: Warns of missing arguments. It is called by the plan itself, because it counts
            stack frames.
        usual: Returns the call as it is made without this plan, which may be stale.
    """

    names: tuple[str, ...]
    impls: tuple[pluggy.HookImpl, ...]
    wrappers: tuple[pluggy.HookImpl, ...]
    traits: HookTraits
    account: Account
    clock: Clock
    version: int
    verify: Callable[[Arguments], None]
    usual: Callable[[Arguments], Callable[[], Any]]


def parameters(impl: pluggy.HookImpl) -> tuple[str, ...]:
    """Return the arguments that an implementation takes, in their order."""
    return (*impl.argnames, *impl.kwargnames)


def plain_function(impl: pluggy.HookImpl) -> FunctionType | None:
    """Return the function that a call of an implementation enters; None for anything else."""
    function: object = impl.function
    if isinstance(function, MethodType):
        function = function.__func__
    is_plain = isinstance(function, FunctionType) and not hasattr(function, "__wrapped__")
    return function if is_plain else None  # type: ignore[return-value]


def picker(names: Sequence[str]) -> Pick:
    """Return a function that selects arguments by name; it raises `KeyError` if one is missing."""
    if not names:
        return lambda _arguments: ()
    if len(names) == 1:
        (name,) = names
        return lambda arguments: (arguments[name],)
    return itemgetter(*names)


def place_of(function: object, functions: Sequence[object]) -> int:
    """Return where a function is. Identity decides: plugins may make functions that are equal."""
    return next(place for place, each in enumerate(functions) if each is function)


def make_plan(parts: Parts) -> Plan:
    """Return the plan for the parts: a method of the caller that takes keyword arguments."""
    parts.account.open()
    if parts.wrappers:
        return _wrapped(parts)
    shapes = {parameters(impl) for impl in parts.impls}
    distinct = len({id(impl.function) for impl in parts.impls}) == len(parts.impls)
    plain = not parts.traits.firstresult or len(parts.impls) == 1
    if len(shapes) == 1 and distinct and plain:
        (names,) = shapes
        if set(names) == set(parts.names) and len(names) in (1, 2):
            return _one(parts, *names) if len(names) == 1 else _two(parts, *names)
    if len(parts.names) == 2 and parts.names[::-1] not in shapes:
        return _two_mixed(parts)
    return _mixed(parts)


def _one(parts: Parts, first: str) -> Plan:
    """Implementations that all take the one argument."""
    clock, version, account, timed = parts.clock, parts.version, parts.account, _timed(parts)
    verify, usual, recorded = parts.verify, parts.usual, bool(account.tallies)
    mask = SAMPLE - 1
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    alone: Any = functions[0] if len(functions) == 1 else None
    firstresult = parts.traits.firstresult

    def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
            except KeyError:
                pass
            else:
                if recorded:
                    account.calls = number = account.calls + 1
                    if number & mask == 1:
                        return timed(kwargs)
                if alone is not None:
                    try:
                        value = alone(a)
                    except BaseException as error:
                        if not account.tolerates(0, error):
                            raise
                        value = None
                    if firstresult:
                        return value
                    return [] if value is None else [value]
                results = []
                for function in functions:
                    try:
                        value = function(a)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            results.append(value)
                return results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _two(parts: Parts, first: str, second: str) -> Plan:
    """Implementations that all take the two arguments, in one order."""
    clock, version, account, timed = parts.clock, parts.version, parts.account, _timed(parts)
    verify, usual, recorded = parts.verify, parts.usual, bool(account.tallies)
    mask = SAMPLE - 1
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    alone: Any = functions[0] if len(functions) == 1 else None
    firstresult = parts.traits.firstresult

    def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
                b = kwargs[second]
            except KeyError:
                pass
            else:
                if recorded:
                    account.calls = number = account.calls + 1
                    if number & mask == 1:
                        return timed(kwargs)
                if alone is not None:
                    try:
                        value = alone(a, b)
                    except BaseException as error:
                        if not account.tolerates(0, error):
                            raise
                        value = None
                    if firstresult:
                        return value
                    return [] if value is None else [value]
                results = []
                for function in functions:
                    try:
                        value = function(a, b)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            results.append(value)
                return results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _two_mixed(parts: Parts) -> Plan:
    """Implementations that take none, one or both of two arguments, in the hookspec's order."""
    clock, version, account, timed = parts.clock, parts.version, parts.account, _timed(parts)
    verify, usual, recorded = parts.verify, parts.usual, bool(account.tallies)
    mask = SAMPLE - 1
    firstresult, (first, second) = parts.traits.firstresult, parts.names
    steps = tuple(
        (impl.function, first in parameters(impl), second in parameters(impl))
        for impl in parts.impls
    )

    def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
                b = kwargs[second]
            except KeyError:
                pass
            else:
                if recorded:
                    account.calls = number = account.calls + 1
                    if number & mask == 1:
                        return timed(kwargs)
                results = []
                pending = iter(steps)
                for function, takes_first, takes_second in pending:
                    try:
                        if takes_first:
                            value = function(a, b) if takes_second else function(a)
                        elif takes_second:
                            value = function(b)
                        else:
                            value = function()
                    except BaseException as error:
                        if not account.tolerates(account.place(pending), error):
                            raise
                    else:
                        if value is not None:
                            if firstresult:
                                account.ended(account.place(pending))
                                return value
                            results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _mixed(parts: Parts) -> Plan:
    """Implementations with any arguments of the hookspec."""
    clock, version, account, timed = parts.clock, parts.version, parts.account, _timed(parts)
    verify, usual, recorded = parts.verify, parts.usual, bool(account.tallies)
    mask = SAMPLE - 1
    firstresult, check = parts.traits.firstresult, picker(parts.names)
    shapes = list(dict.fromkeys(parameters(impl) for impl in parts.impls))
    pickers = [picker(names) for names in shapes]
    steps = tuple((impl.function, shapes.index(parameters(impl))) for impl in parts.impls)

    def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                check(kwargs)
            except KeyError:
                pass
            else:
                if recorded:
                    account.calls = number = account.calls + 1
                    if number & mask == 1:
                        return timed(kwargs)
                chosen = [pick(kwargs) for pick in pickers]
                results = []
                pending = iter(steps)
                for function, shape in pending:
                    try:
                        value = function(*chosen[shape])
                    except BaseException as error:
                        if not account.tolerates(account.place(pending), error):
                            raise
                    else:
                        if value is not None:
                            if firstresult:
                                account.ended(account.place(pending))
                                return value
                            results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _timed(parts: Parts) -> Callable[[Arguments], Any]:
    """Return the call as it is once in a while: implementation by implementation by the clock."""
    account, firstresult = parts.account, parts.traits.firstresult
    steps = tuple(
        (impl.function, picker(parameters(impl)), tally)
        for impl, tally in zip(parts.impls, account.tallies, strict=False)
    )

    def call(arguments: Arguments) -> Any:
        __tracebackhide__ = True
        results = []
        pending = iter(steps)
        began = perf_counter()
        for function, pick, tally in pending:
            try:
                value = function(*pick(arguments))
            except BaseException as error:
                if not account.tolerates(account.place(pending), error):
                    raise
                value = None
            finally:
                now = perf_counter()
                tally.clocked += 1
                tally.seconds += now - began
                began = now
            if value is not None:
                if firstresult:
                    account.ended(account.place(pending))
                    return value
                results.append(value)
        return None if firstresult else results

    return call


def _wrapped(parts: Parts) -> Plan:
    """Wrappers around any of the other plans; their rules are those of pluggy's call loop."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, pick_all = parts.verify, parts.usual, picker(parts.names)
    # The plan inside wrappers is that of the call, whatever they change.
    inner = make_plan(attrs.evolve(parts, wrappers=(), clock=Clock(version)))
    wrappers = tuple((impl.function, picker(parameters(impl))) for impl in parts.wrappers)

    def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                pick_all(kwargs)
            except KeyError:
                pass
            else:
                entered: list[Any] = []
                result, exception = None, None
                try:
                    for function, pick in wrappers:
                        entered.append(enter(function(*pick(kwargs))))
                    result = (
                        account.late(inner, kwargs) if account.closing else inner(None, **kwargs)
                    )
                except BaseException as error:  # noqa: BLE001 - the wrappers' to see, then the caller's
                    exception = error
                return leave(entered, result, exception)
        verify(kwargs)
        return usual(kwargs)()

    return call
