"""Compiled plans of async hook calls: `plans` for coroutines, `engine` without its detours.

Where all implementations are coroutine functions with the same arguments, as almost everywhere,
a call is hardly more than a loop of awaits. ``map`` makes each coroutine when its turn has come,
at the same price for any number of arguments. Everything else is performed by the engine, with
the arguments bound in advance.
"""

from __future__ import annotations

import inspect
from itertools import repeat
from operator import call as invoke
from time import perf_counter
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any

from aitbc_hooks.dispatch.deadline import resume
from aitbc_hooks.dispatch.plans import parameters, picker

if TYPE_CHECKING:
    import pluggy

    from aitbc_hooks.dispatch.engine import Score
    from aitbc_hooks.dispatch.plans import Arguments, Parts, Pick, Plan

__all__ = ["make_async_plan"]


def make_async_plan(parts: Parts, score: Score) -> Plan:
    """Return the plan for an async hook: a coroutine function of the call's keyword arguments.

    Args:
        parts: What the plan is made of.
        score: The same call as the engine performs it.
    """
    pick = None if parts.wrappers or score.voices else _one_pick_for_all(parts)
    if pick is None:
        return _performed(parts, score)
    if score.account.tallies:
        return _performed(parts, score) if parts.traits.deadline else _recorded(parts, pick)
    if parts.traits.deadline:
        return _limited(parts, pick)
    return _alone(parts, pick) if len(parts.impls) == 1 else _each(parts, pick)


def _one_pick_for_all(parts: Parts) -> Pick | None:
    """Return what selects the arguments of all implementations alike, or None."""
    shapes = {parameters(impl) for impl in parts.impls}
    if len(shapes) != 1 or not all(_makes_coroutines(impl) for impl in parts.impls):
        return None
    (names,) = shapes
    pick = picker(names)
    if set(names) == set(parts.names):
        return pick
    check = picker(parts.names)

    def pick_some(arguments: Arguments) -> tuple[Any, ...]:
        check(arguments)
        return pick(arguments)

    return pick_some


def _makes_coroutines(impl: pluggy.HookImpl) -> bool:
    """Whether a call with the right number of arguments makes a coroutine and cannot fail."""
    function = impl.function
    if isinstance(function, MethodType):
        function = function.__func__
    return (
        isinstance(function, FunctionType)
        and bool(function.__code__.co_flags & inspect.CO_COROUTINE)
        and not function.__code__.co_kwonlyargcount
        and not hasattr(function, "__wrapped__")
    )


def _performed(parts: Parts, score: Score) -> Plan:
    """Whatever a hook may be."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, pick, perform = parts.verify, parts.usual, picker(parts.names), score.perform

    async def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                pick(kwargs)
            except KeyError:
                pass
            else:
                account.calls += 1
                return await perform(kwargs)
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _alone(parts: Parts, pick: Pick) -> Plan:
    """One implementation."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions = (parts.impls[0].function,)
    function: Any = functions[0]

    async def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                try:
                    value = await function(*values)
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
        return await usual(kwargs)()

    return call


def _each(parts: Parts, pick: Pick) -> Plan:
    """Several implementations, one after another."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions = tuple(impl.function for impl in parts.impls)

    async def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                results = []
                pending = iter(functions)
                for coroutine in map(invoke, pending, *map(repeat, values)):
                    try:
                        value = await coroutine
                    except BaseException as error:
                        if not account.tolerates(pending, error):
                            raise
                        continue
                    if value is not None:
                        if firstresult:
                            return value
                        results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _limited(parts: Parts, pick: Pick) -> Plan:  # noqa: C901 - one loop is its point
    """Several implementations, each with a deadline from its first suspension on."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions = tuple(impl.function for impl in parts.impls)
    limit, hook_name = parts.traits.deadline or 0.0, parts.traits.name

    async def call(**kwargs: Any) -> Any:  # noqa: C901
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                results = []
                pending = iter(functions)
                for coroutine in map(invoke, pending, *map(repeat, values)):
                    try:
                        try:
                            signal = coroutine.send(None)
                        except StopIteration as stop:
                            value = stop.value
                        else:
                            plugin_name = account.plugin_at(pending)
                            value = await resume(coroutine, signal, limit, plugin_name, hook_name)
                    except BaseException as error:
                        if not account.tolerates(pending, error):
                            raise
                        continue
                    if value is not None:
                        if firstresult:
                            return value
                        results.append(value)
                return None if firstresult else results
        verify(kwargs)
        return await usual(kwargs)()

    return call


def _recorded(parts: Parts, pick: Pick) -> Plan:  # noqa: C901 - one loop is its point
    """Implementations, one after another, by the clock."""
    clock, version, account = parts.clock, parts.version, parts.account
    verify, usual, firstresult = parts.verify, parts.usual, parts.traits.firstresult
    functions = tuple(impl.function for impl in parts.impls)
    tallies, running = account.tallies, account.running

    async def call(**kwargs: Any) -> Any:
        __tracebackhide__ = True
        if clock.version == version:
            try:
                values = pick(kwargs)
            except KeyError:
                pass
            else:
                account.calls += 1
                results = []
                pending = iter(functions)
                running.add(pending)
                began = perf_counter()
                try:
                    for tally, coroutine in zip(
                        tallies, map(invoke, pending, *map(repeat, values)), strict=False
                    ):
                        try:
                            value = await coroutine
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
                finally:
                    running.discard(pending)
                    if account.closing:
                        account.close()
                return None if firstresult else results
        verify(kwargs)
        return await usual(kwargs)()

    return call
