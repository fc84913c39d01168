"""The execution of async hook calls: pluggy's order and wrappers, with everything awaited.

It is the awaiting counterpart of pluggy's call loop. Implementations run one after another, unless
the hookspec asks for concurrency; whatever coroutine one returns is awaited at once, so none is
ever left over. Each wrapper that was entered is left again, innermost first, whatever happened
inside it.
"""

from __future__ import annotations

import functools
import inspect
from types import AsyncGeneratorType, CoroutineType
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from aitbc_hooks.dispatch.concurrency import run_concurrently
from aitbc_hooks.dispatch.deadline import within
from aitbc_hooks.dispatch.wrapping import enter, misbehaved

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping, Sequence

    import pluggy

    from aitbc_hooks.dispatch.recording import Account
    from aitbc_hooks.dispatch.traits import HookTraits

    Arguments: TypeAlias = Mapping[str, object]
    #: A function, and what selects its arguments from those of a call.
    Step: TypeAlias = tuple[Callable[..., Any], Callable[[Arguments], tuple[Any, ...]]]
    #: A wrapper that has been entered.
    Wrapper: TypeAlias = Generator[None, Any, Any] | AsyncGenerator[Any, Any]
    #: The result of a call and what it raised; the result counts if nothing was raised.
    Outcome: TypeAlias = tuple[Any, BaseException | None]

__all__ = ["Score", "Step", "perform_once"]


@attrs.frozen(eq=False)
class Score:
    """An async hook call, but for its arguments.

    Attributes:
        traits: The hook.
        impls: Implementations and wrappers, as pluggy sorts them: called from the last.
        wrappers: The steps of the wrappers, outermost first.
        steps: The steps of the implementations, in the order of calls.
        account: Counts the calls, and knows what becomes of failures.
        voices: With concurrency, a score for each implementation.
    """

    traits: HookTraits
    impls: Sequence[pluggy.HookImpl]
    wrappers: Sequence[Step]
    steps: Sequence[Step]
    account: Account
    voices: Sequence[Score] = ()

    async def perform(self, arguments: Arguments) -> Any:
        """Run the wrappers and, inside them, the implementations.

        Args:
            arguments: The arguments of the call by name.

        Returns:
            The results that are not None; with ``firstresult`` the first of them, or None.
        """
        __tracebackhide__ = True
        if not self.wrappers:
            return await self._inside(arguments)
        entered: list[Wrapper] = []
        result: Any = None
        exception: BaseException | None = None
        try:
            for function, pick in self.wrappers:
                entered.append(await _enter(function(*pick(arguments))))
            result = await self._inside(arguments)
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

    def close(self) -> None:
        """Hand over what has been counted: no performance will begin any more."""
        self.account.close()
        for voice in self.voices:
            voice.account.close()

    async def _inside(self, arguments: Arguments) -> Any:
        __tracebackhide__ = True
        if not self.voices:
            return await self.run(arguments)
        calls = [functools.partial(voice.run, arguments) for voice in self.voices]
        each = await run_concurrently(calls, limit=self.traits.concurrent or len(calls))
        return [result for results in each for result in results]

    async def run(self, arguments: Arguments) -> Any:
        """Run the implementations, one after another."""
        __tracebackhide__ = True
        account, firstresult = self.account, self.traits.firstresult
        limit, hook_name = self.traits.deadline, self.traits.name
        results: list[Any] = []
        pending = iter(self.steps)
        began = account.enter(pending)
        try:
            for function, pick in pending:
                try:
                    bound = pick(arguments)
                except BaseException:  # a missing argument is the caller's failure
                    account.ended(account.place(pending) - 1)
                    raise
                try:
                    value = function(*bound)
                    if type(value) is CoroutineType or inspect.isawaitable(value):
                        if limit is not None:
                            plugin_name = account.names[account.place(pending)]
                            value = within(value, limit, plugin_name, hook_name)
                        value = await value
                except BaseException as error:
                    if not account.tolerates(account.place(pending), error):
                        raise
                    value = None
                finally:
                    if began:
                        began = account.took(account.place(pending), began)
                if value is not None:
                    if firstresult:
                        account.ended(account.place(pending))
                        return value
                    results.append(value)
        finally:
            account.leave(pending)
        return None if firstresult else results


async def perform_once(score: Score, arguments: Arguments) -> Any:
    """Perform a score that was written for one call."""
    __tracebackhide__ = True
    try:
        return await score.perform(arguments)
    finally:
        score.close()


async def _enter(wrapper: Any) -> Wrapper:
    """Run a wrapper up to its first yield."""
    __tracebackhide__ = True
    if isinstance(wrapper, AsyncGeneratorType):
        try:
            await wrapper.asend(None)
        except StopAsyncIteration:
            raise misbehaved(wrapper.ag_code, "did not yield") from None
        return wrapper
    return enter(wrapper)  # type: ignore[no-any-return]


def _leave(
    wrapper: Generator[None, Any, Any], result: Any, exception: BaseException | None
) -> Outcome:
    """Run a generator from its yield to its end; ``return`` gives the result."""
    __tracebackhide__ = True
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
    return None, misbehaved(wrapper.gi_code, "has second yield")  # type: ignore[attr-defined]


async def _leave_async(
    wrapper: AsyncGeneratorType[Any, Any], result: Any, exception: BaseException | None
) -> Outcome:
    """Run an async generator from its first yield to its end; a second yield gives the result."""
    __tracebackhide__ = True
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
    __tracebackhide__ = True
    try:
        value = await step
    except StopAsyncIteration:
        return default
    try:
        await wrapper.asend(None)
    except StopAsyncIteration:
        return value
    await wrapper.aclose()
    raise misbehaved(wrapper.ag_code, "has third yield")
