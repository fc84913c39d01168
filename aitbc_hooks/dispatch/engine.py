"""The execution of one async hook call: pluggy's order and wrappers, with everything awaited.

It is the awaiting counterpart of pluggy's call loop. Implementations run one after another;
whatever coroutine one returns is awaited at once, so none is ever left over. Each wrapper that
was entered is left again, innermost first, whatever happened inside it.
"""

from __future__ import annotations

import inspect
from types import AsyncGeneratorType, CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias

import pluggy

from aitbc_hooks.dispatch.callers import run_old_style_hookwrapper
from aitbc_hooks.dispatch.deadline import within
from aitbc_hooks.dispatch.failures import ISOLATED, HookFailure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence
    from types import CodeType

    from aitbc_hooks.dispatch.traits import HookTraits

    #: A wrapper that has been entered.
    Wrapper: TypeAlias = Generator[None, Any, Any] | AsyncGenerator[Any, Any]
    #: The result of a call and what it raised; the result counts if nothing was raised.
    Outcome: TypeAlias = tuple[Any, BaseException | None]

__all__ = ["execute"]


async def execute(
    traits: HookTraits,
    impls: Sequence[pluggy.HookImpl],
    arguments: Mapping[str, object],
    report: Callable[[HookFailure], None] | None,
) -> Any:
    """Run the implementations of an async hook, in pluggy's order: from the last to the first.

    Args:
        traits: The hook.
        impls: Its implementations and wrappers, sorted as pluggy sorts them.
        arguments: The arguments of the call by name.
        report: Receives what implementations raise; without it, that ends the call.

    Returns:
        The results that are not None; with ``firstresult`` the first of them, or None.
    """
    __tracebackhide__ = True
    entered: list[Wrapper] = []
    result: Any = None
    exception: BaseException | None = None
    try:
        result = await _go_in(traits, impls, arguments, report, entered)
    except BaseException as error:  # noqa: BLE001 - the wrappers' to see, then the caller's
        exception = error
    for wrapper in reversed(entered):
        if isinstance(wrapper, AsyncGeneratorType):
            result, exception = await _leave_async(wrapper, result, exception)
        else:
            result, exception = _leave(wrapper, result, exception)  # type: ignore[arg-type]
    if exception is None:
        return result
    try:
        raise exception
    finally:
        # Its traceback holds this frame, which must not hold it in turn.
        exception = None


async def _go_in(
    traits: HookTraits,
    impls: Sequence[pluggy.HookImpl],
    arguments: Mapping[str, object],
    report: Callable[[HookFailure], None] | None,
    entered: list[Wrapper],
) -> Any:
    """Enter the wrappers, which are added to `entered`, and run the implementations."""
    results: list[Any] = []
    limit = traits.deadline
    for impl in reversed(impls):
        args, kwargs = _bind(impl, arguments)
        if impl.wrapper or impl.hookwrapper:
            entered.append(await _enter(impl, traits.name, args, kwargs))
            continue
        try:
            value = impl.function(*args, **kwargs)
            if type(value) is CoroutineType or inspect.isawaitable(value):
                value = await (value if limit is None else within(value, limit, impl, traits.name))
        except ISOLATED as error:
            if report is None:
                raise
            report(HookFailure(impl.plugin_name, traits.name, error))
            continue
        if value is not None:
            if traits.firstresult:
                return value
            results.append(value)
    return None if traits.firstresult else results


def _bind(
    impl: pluggy.HookImpl, arguments: Mapping[str, object]
) -> tuple[list[object], dict[str, object]]:
    """Select what an implementation asks for; with a default, only what the call has."""
    try:
        args = [arguments[name] for name in impl.argnames]
    except KeyError as error:
        raise pluggy.HookCallError(f"hook call must provide argument {error.args[0]!r}") from error
    return args, {name: arguments[name] for name in impl.kwargnames if name in arguments}


def _misbehaved(code: CodeType, what: str) -> RuntimeError:
    """Return the error for a wrapper with the wrong number of yields, in pluggy's words."""
    return RuntimeError(
        f"wrap_controller at {code.co_name!r} {code.co_filename}:{code.co_firstlineno} {what}"
    )


async def _enter(
    impl: pluggy.HookImpl,
    hook_name: str,
    args: Sequence[object],
    kwargs: Mapping[str, object],
) -> Wrapper:
    """Run a wrapper up to its first yield."""
    if impl.hookwrapper:
        adapted = run_old_style_hookwrapper(impl, hook_name, args, kwargs)
        next(adapted)
        return adapted
    wrapper: Any = impl.function(*args, **kwargs)
    if isinstance(wrapper, AsyncGeneratorType):
        try:
            await wrapper.asend(None)
        except StopAsyncIteration:
            raise _misbehaved(wrapper.ag_code, "did not yield") from None
        return wrapper
    try:
        next(wrapper)
    except StopIteration:
        raise _misbehaved(wrapper.gi_code, "did not yield") from None
    return wrapper  # type: ignore[no-any-return]


def _leave(
    wrapper: Generator[None, Any, Any], result: Any, exception: BaseException | None
) -> Outcome:
    """Run a generator from its yield to its end; ``return`` gives the result."""
    try:
        if exception is None:
            wrapper.send(result)
        else:
            wrapper.throw(exception)
        wrapper.close()
    except StopIteration as stop:
        return stop.value, None
    except BaseException as error:  # noqa: BLE001 - it is the new outcome
        return None, error
    return None, _misbehaved(wrapper.gi_code, "has second yield")  # type: ignore[attr-defined]


async def _leave_async(
    wrapper: AsyncGeneratorType[Any, Any], result: Any, exception: BaseException | None
) -> Outcome:
    """Run an async generator from its first yield to its end; a second yield gives the result."""
    try:
        if exception is None:
            result = await _second_yield(wrapper, wrapper.asend(result), result)
        else:
            result = await _second_yield(wrapper, wrapper.athrow(exception), None)
    except BaseException as error:  # noqa: BLE001 - it is the new outcome
        # An async generator cannot let this one through; what it makes of it is the same.
        if isinstance(exception, StopAsyncIteration) and error.__cause__ is exception:
            return None, exception
        return None, error
    return result, None


async def _second_yield(
    wrapper: AsyncGeneratorType[Any, Any], step: Awaitable[Any], default: Any
) -> Any:
    """Take the step to the second yield, if there is one, and see the generator end after it."""
    try:
        value = await step
    except StopAsyncIteration:
        return default
    try:
        await wrapper.asend(None)
    except StopAsyncIteration:
        return value
    await wrapper.aclose()
    raise _misbehaved(wrapper.ag_code, "has third yield")
