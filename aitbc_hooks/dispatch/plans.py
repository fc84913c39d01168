"""Compiled plans of synchronous hook calls.

pluggy works out at each call what does not change between calls: which argument goes where, who
is a wrapper, whether the caller gave every argument. A plan is a closure over the answers. It is
made for one state of the manager and holds nothing that changes: a call that registers a plugin
goes on with the plan that it runs, and the next call finds the version changed and makes another.

There is a plan for each shape that a hook can have, because a loop around ``function(a, b)``
costs half of a loop around ``function(*arguments)``. What is unusual (missing arguments,
old-style wrappers, monitoring) has no plan; pluggy's own path is right for it.
"""

from __future__ import annotations

from operator import itemgetter
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

import attrs

from aitbc_hooks.dispatch.recording import SAMPLE
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

__all__ = ["Parts", "make_plan", "parameters", "picker"]


class Clock(Protocol):
    """Something whose version grows with every change that makes plans stale."""

    version: int


@attrs.frozen(eq=False)
class Parts:
    """What a plan is made of.

    Attributes:
        names: All arguments of the hookspec; without one of them a call takes the usual path.
        impls: The implementations, in the order of calls.
        wrappers: The wrappers, outermost first.
        traits: The hook.
        account: Counts the calls, and knows what becomes of failures.
        clock: Its version is that of the manager, and
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

    @property
    def mask(self) -> int:
        """A number that is zero in the last bits of a call's number if the call is timed."""
        return SAMPLE - 1 if self.account.tallies else -1


@attrs.define
class _Still:
    """A clock that stands: the plan inside wrappers is that of the call, come what may."""

    version: int


def parameters(impl: pluggy.HookImpl) -> tuple[str, ...]:
    """Return the arguments that an implementation takes, in their order."""
    return (*impl.argnames, *impl.kwargnames)


def picker(names: Sequence[str]) -> Pick:
    """Return a function that selects arguments by name; it raises `KeyError` if one is missing."""
    if not names:
        return lambda _arguments: ()
    if len(names) == 1:
        (name,) = names
        return lambda arguments: (arguments[name],)
    return itemgetter(*names)


def make_plan(parts: Parts) -> Plan:
    """Return the plan for the parts: a function of the call's keyword arguments."""
    if parts.wrappers:
        return _wrapped(parts)
    shapes = {parameters(impl) for impl in parts.impls}
    uniform = shapes.pop() if len(shapes) == 1 else None
    if uniform is None or set(uniform) != set(parts.names):
        return _mixed(parts)
    if len(parts.impls) == 1:
        return _single(parts, uniform)
    if parts.traits.firstresult or len(uniform) not in (1, 2):
        return _mixed(parts)
    return _one(parts, uniform) if len(uniform) == 1 else _two(parts, uniform)


def _single(parts: Parts, names: tuple[str, ...]) -> Plan:
    """One implementation with all arguments of the hookspec."""
    clock, version, account, mask = parts.clock, parts.version, parts.account, parts.mask
    verify, usual, timed = parts.verify, parts.usual, _timed(parts)
    firstresult, pick = parts.traits.firstresult, picker(names)
    functions = (parts.impls[0].function,)
    function = functions[0]

    def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                account.calls = number = account.calls + 1
                if not number & mask:
                    return timed(kwargs)
                try:
                    value = function(*values)
                except BaseException as error:
                    pending = iter(functions)
                    next(pending)
                    if not account.tolerates(pending, error):
                        raise
                    value = None
                if firstresult:
                    return value
                return [] if value is None else [value]
        verify(kwargs)
        return usual(kwargs)()

    return call


def _one(parts: Parts, names: tuple[str, ...]) -> Plan:
    """Implementations that all take the one argument."""
    clock, version, account, mask = parts.clock, parts.version, parts.account, parts.mask
    verify, usual, timed = parts.verify, parts.usual, _timed(parts)
    functions = tuple(impl.function for impl in parts.impls)
    (first,) = names

    def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
            except KeyError:
                pass
            else:
                account.calls = number = account.calls + 1
                if not number & mask:
                    return timed(kwargs)
                results = []
                pending = iter(functions)
                for function in pending:
                    try:
                        value = function(a)
                    except BaseException as error:
                        if not account.tolerates(pending, error):
                            raise
                        continue
                    if value is not None:
                        results.append(value)
                return results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _two(parts: Parts, names: tuple[str, ...]) -> Plan:
    """Implementations that all take the two arguments, in one order."""
    clock, version, account, mask = parts.clock, parts.version, parts.account, parts.mask
    verify, usual, timed = parts.verify, parts.usual, _timed(parts)
    functions = tuple(impl.function for impl in parts.impls)
    first, second = names

    def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
                b = kwargs[second]
            except KeyError:
                pass
            else:
                account.calls = number = account.calls + 1
                if not number & mask:
                    return timed(kwargs)
                results = []
                pending = iter(functions)
                for function in pending:
                    try:
                        value = function(a, b)
                    except BaseException as error:
                        if not account.tolerates(pending, error):
                            raise
                        continue
                    if value is not None:
                        results.append(value)
                return results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _mixed(parts: Parts) -> Plan:  # noqa: C901 - one loop without calls is its point
    """Implementations with any arguments of the hookspec."""
    clock, version, account, mask = parts.clock, parts.version, parts.account, parts.mask
    verify, usual, timed = parts.verify, parts.usual, _timed(parts)
    firstresult, pick = parts.traits.firstresult, picker(parts.names)
    steps = tuple(_step(impl, parts.names) for impl in parts.impls)

    def call(**kwargs: Any) -> Any:  # noqa: C901, PLR0912
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                account.calls = number = account.calls + 1
                if not number & mask:
                    return timed(kwargs)
                results = []
                pending = iter(steps)
                for function, count, i, j, k, more in pending:
                    try:
                        if count == 1:
                            value = function(values[i])
                        elif count == 2:  # noqa: PLR2004
                            value = function(values[i], values[j])
                        elif count == 3:  # noqa: PLR2004
                            value = function(values[i], values[j], values[k])
                        elif count == 0:
                            value = function()
                        else:
                            value = function(*more(values))
                    except BaseException as error:
                        if not account.tolerates(pending, error):
                            raise
                        continue
                    if value is not None:
                        if firstresult:
                            account.answered(pending)
                            return value
                        results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return usual(kwargs)()

    return call


def _step(
    impl: pluggy.HookImpl, names: Sequence[str]
) -> tuple[Callable[..., Any], int, int, int, int, Callable[[Any], tuple[Any, ...]]]:
    """Return a function, how many arguments it takes, and where these are among all values."""
    places = [names.index(name) for name in parameters(impl)]
    i, j, k, *_ = (*places, 0, 0, 0)
    return impl.function, len(places), i, j, k, itemgetter(*(places or (0,)))


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
                if not account.tolerates(pending, error):
                    raise
                value = None
            now = perf_counter()
            tally.timed += 1
            tally.seconds += now - began
            began = now
            if value is not None:
                if firstresult:
                    account.answered(pending)
                    return value
                results.append(value)
        return None if firstresult else results

    return call


def _wrapped(parts: Parts) -> Plan:
    """Wrappers around any of the other plans; their rules are those of pluggy's call loop."""
    clock, version = parts.clock, parts.version
    verify, usual, pick_all = parts.verify, parts.usual, picker(parts.names)
    inner = make_plan(attrs.evolve(parts, wrappers=(), clock=_Still(version)))
    wrappers = tuple((impl.function, picker(parameters(impl))) for impl in parts.wrappers)

    def call(**kwargs: Any) -> Any:
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
                    result = inner(**kwargs)
                except BaseException as error:  # noqa: BLE001 - the wrappers' to see, then the caller's
                    exception = error
                return leave(entered, result, exception)
        verify(kwargs)
        return usual(kwargs)()

    return call
