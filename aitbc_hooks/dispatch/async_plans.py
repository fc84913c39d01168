"""Compiled plans of async hook calls: `plans` for coroutines, `engine` without its detours.

Where all implementations are coroutine functions with the same arguments, as almost everywhere,
a call is hardly more than a loop of awaits. Everything else is performed by the engine, with the
arguments bound in advance.
"""

from __future__ import annotations

import inspect
from time import perf_counter
from typing import TYPE_CHECKING, Any

from aitbc_hooks.dispatch.deadline import resume
from aitbc_hooks.dispatch.plans import parameters, picker, place_of, plain_function

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pluggy

    from aitbc_hooks.dispatch.engine import Score
    from aitbc_hooks.dispatch.plans import Arguments, Parts, Pick, Plan

__all__ = ["make_async_plan"]


def make_async_plan(parts: Parts, score: Score) -> Plan:
    """Return the plan for an async hook: a method of the caller that makes a coroutine.

    Args:
        parts: What the plan is made of.
        score: The same call as the engine performs it.
    """
    names = None if parts.wrappers or score.voices else _common_shape(parts.impls)
    if names is None:
        return _performed(parts, score)
    if parts.traits.deadline is not None:
        if parts.account.tallies:
            return _performed(parts, score)
        return _limited(parts, names, parts.traits.deadline)
    if not _is_plain(parts, names):
        return _performed(parts, score) if parts.account.tallies else _any(parts, names)
    if len(names) == 1:
        return (_one_recorded if parts.account.tallies else _one)(parts, *names)
    return (_two_recorded if parts.account.tallies else _two)(parts, *names)


def _is_plain(parts: Parts, names: tuple[str, ...]) -> bool:
    if parts.traits.firstresult and (len(parts.impls) > 1 or parts.account.tallies):
        return False
    return set(names) == set(parts.names) and len(names) in (1, 2)


def _common_shape(impls: Sequence[pluggy.HookImpl]) -> tuple[str, ...] | None:
    """Return the arguments of coroutine functions, if all are that and have the same."""
    shapes = {parameters(impl) for impl in impls}
    if len(shapes) != 1 or not all(_makes_coroutines(impl) for impl in impls):
        return None
    if len({id(impl.function) for impl in impls}) != len(impls):
        return None
    return shapes.pop()


def _selector(names: tuple[str, ...], everything: tuple[str, ...]) -> Pick:
    """Return a `picker` that fails too if anything else is missing that the hookspec has."""
    pick = picker(names)
    if set(names) == set(everything):
        return pick
    check = picker(everything)

    def select(arguments: Arguments) -> tuple[Any, ...]:
        check(arguments)
        return pick(arguments)

    return select


def _makes_coroutines(impl: pluggy.HookImpl) -> bool:
    """Whether a call with the right number of arguments makes a coroutine and cannot fail."""
    function = plain_function(impl)
    if function is None:
        return False
    code = function.__code__
    return bool(code.co_flags & inspect.CO_COROUTINE) and not code.co_kwonlyargcount


def _performed(parts: Parts, score: Score) -> Plan:
    """Whatever a hook may be."""
    clock, version = parts.clock, parts.version
    verify, usual, pick, perform = parts.verify, parts.usual, picker(parts.names), score.perform

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                pick(kwargs)
            except KeyError:
                pass
            else:
                return await perform(kwargs)
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _one(parts: Parts, first: str) -> Plan:
    """Implementations that all take the one argument."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual = parts.verify, parts.usual
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    alone: Any = functions[0] if len(functions) == 1 else None
    firstresult = parts.traits.firstresult

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
            except KeyError:
                pass
            else:
                if alone is not None:
                    try:
                        value = await alone(a)
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
                        value = await function(a)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            results.append(value)
                return results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _one_recorded(parts: Parts, first: str) -> Plan:
    """The same by the clock."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, running = parts.verify, parts.usual, account.running
    account.open()
    functions = [impl.function for impl in parts.impls]
    steps: tuple[Any, ...] = tuple(zip(functions, account.tallies, strict=True))

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
            except KeyError:
                pass
            else:
                account.calls += 1
                results = []
                pending = iter(steps)
                running.add(pending)
                began = perf_counter()
                try:
                    for function, tally in pending:
                        try:
                            value = await function(a)
                        except BaseException as error:
                            if not account.tolerates(account.place(pending), error):
                                raise
                            value = None
                        finally:
                            now = perf_counter()
                            tally.seconds += now - began
                            began = now
                        if value is not None:
                            results.append(value)
                finally:
                    running.discard(pending)
                    if account.closing:
                        account.close()
                return results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _two(parts: Parts, first: str, second: str) -> Plan:
    """Implementations that all take the two arguments, in one order."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual = parts.verify, parts.usual
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    alone: Any = functions[0] if len(functions) == 1 else None
    firstresult = parts.traits.firstresult

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
                b = kwargs[second]
            except KeyError:
                pass
            else:
                if alone is not None:
                    try:
                        value = await alone(a, b)
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
                        value = await function(a, b)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            results.append(value)
                return results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _two_recorded(parts: Parts, first: str, second: str) -> Plan:
    """The same by the clock."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, running = parts.verify, parts.usual, account.running
    account.open()
    functions = [impl.function for impl in parts.impls]
    steps: tuple[Any, ...] = tuple(zip(functions, account.tallies, strict=True))

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                a = kwargs[first]
                b = kwargs[second]
            except KeyError:
                pass
            else:
                account.calls += 1
                results = []
                pending = iter(steps)
                running.add(pending)
                began = perf_counter()
                try:
                    for function, tally in pending:
                        try:
                            value = await function(a, b)
                        except BaseException as error:
                            if not account.tolerates(account.place(pending), error):
                                raise
                            value = None
                        finally:
                            now = perf_counter()
                            tally.seconds += now - began
                            began = now
                        if value is not None:
                            results.append(value)
                finally:
                    running.discard(pending)
                    if account.closing:
                        account.close()
                return results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _any(parts: Parts, names: tuple[str, ...]) -> Plan:
    """Implementations that all take the same arguments of the hookspec, whatever they are."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    select = _selector(names, parts.names)

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = select(kwargs)
            except KeyError:
                pass
            else:
                results = []
                for function in functions:
                    try:
                        value = await function(*values)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            if firstresult:
                                return value
                            results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _limited(parts: Parts, names: tuple[str, ...], limit: float) -> Plan:
    """The same with a deadline for each, from its first suspension on."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions: tuple[Any, ...] = tuple(impl.function for impl in parts.impls)
    select = _selector(names, parts.names)
    hook_name = parts.traits.name

    async def call(_: object, /, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = select(kwargs)
            except KeyError:
                pass
            else:
                results = []
                for function in functions:
                    try:
                        coroutine = function(*values)
                        try:
                            signal = coroutine.send(None)
                        except StopIteration as stop:
                            value = stop.value
                        else:
                            plugin_name = account.names[place_of(function, functions)]
                            value = await resume(coroutine, signal, limit, plugin_name, hook_name)
                    except BaseException as error:
                        if not account.tolerates(place_of(function, functions), error):
                            raise
                    else:
                        if value is not None:
                            if firstresult:
                                return value
                            results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return await usual(kwargs)()

    return call
