"""Hook wrappers: found in a plugin, driven by hand, and called around an implementation."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pluggy

from aitbc_hooks.awaiting import awaited
from aitbc_hooks.interfaces import PluginMetadata, PluginStatus
from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.trials.small_host import Wrong
from aitbc_hookspecs import hookimpl

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aitbc_hooks.adapter import PluginHooks

__all__ = ["OCCASIONS", "call_around", "drive", "wrappers_of"]

_METADATA: Final = PluginMetadata("inner", "1.0.0", "Is wrapped", "the kit", "MIT")

#: Hook that can be wrapped -> arguments of a call, and what an implementation returns.
OCCASIONS: Final[Mapping[str, tuple[dict[str, Any], Any]]] = {
    "get_metadata": ({}, _METADATA),
    "get_config_schema": ({}, {"type": "object"}),
    "health_check": ({}, {"status": "active"}),
    "get_commands": ({}, []),
    "get_command_help": ({}, "Helps."),
    "connect": ({"config": {}}, True),
    "get_balance": ({"address": "a"}, {"address": "a", "balance": Decimal(1), "unit": "X"}),
    "send_transaction": ({"tx_data": {"to": "a", "amount": 1}}, "f00d"),
    "get_contract_events": (
        {"contract_address": "c", "event_name": "e", "from_block": 1},
        [{"block": 1, "transaction": "f00d"}],
    ),
    "predict": ({"input_data": {"text": "the house"}}, {"answer": 42}),
    "train": ({"training_data": [{"text": "the house"}]}, True),
    "get_model_info": ({}, {"name": "inner", "trained": True}),
    "plugin_transitioned": (
        {"plugin_name": "p", "old": PluginStatus.LOADED, "new": PluginStatus.ACTIVE},
        None,
    ),
}

#: What nobody raises on purpose in the place of another error.
_SLIPS: Final = (NameError, AttributeError, TypeError, LookupError)


def wrappers_of(hooks: PluginHooks, name: str) -> dict[str, pluggy.HookImpl]:
    """Return the hooks that a registered plugin wraps, and by what."""
    callers = {hook: getattr(hooks.hook, hook, None) for hook in OCCASIONS}
    return {
        hook: impl
        for hook, caller in callers.items()
        for impl in (caller.get_hookimpls() if caller is not None else ())
        if impl.plugin_name == name and (impl.wrapper or impl.hookwrapper)
    }


async def drive(hooks: PluginHooks, name: str, hook: str, arguments: Mapping[str, Any]) -> None:
    """Drive a wrapper by hand, as if it were around an implementation that is fine.

    Raises:
        Violation: It does not yield exactly once.
    """
    impl = wrappers_of(hooks, name).get(hook)
    if impl is None:
        raise Wrong("missing", f"it does not wrap {hook}().")
    result = OCCASIONS[hook][1]
    expected = result if _is_addressed(hooks, hook) else [result]
    given: Any = pluggy.Result.from_call(lambda: expected) if impl.hookwrapper else expected
    try:
        taken = {key: arguments[key] for key in impl.argnames if key in arguments}
        generator = impl.function(**taken)
        if inspect.isasyncgen(generator):
            await _drive_async(hook, generator, given)
        else:
            _drive_sync(hook, generator, given)
    except Wrong:
        raise
    except Exception as error:  # noqa: BLE001 - it is foreign code
        told = f"{type(error).__name__}: {error}"
        raise Wrong("raised", f"the wrapper of {hook}() raised {told}") from None


def _is_addressed(hooks: PluginHooks, hook: str) -> bool:
    return bool(getattr(hooks.hook, hook).spec.opts.get("addressed"))


def _drive_sync(hook: str, generator: Any, result: Any) -> None:
    try:
        next(generator)
    except StopIteration:
        raise Wrong("yields", f"the wrapper of {hook}() never yields.") from None
    try:
        generator.send(result)
    except StopIteration:
        return
    generator.close()
    raise Wrong("yields", f"the wrapper of {hook}() yields twice.")


async def _drive_async(hook: str, generator: Any, result: Any) -> None:
    try:
        await anext(generator)
    except StopAsyncIteration:
        raise Wrong("yields", f"the wrapper of {hook}() never yields.") from None
    try:
        await generator.asend(result)
        await anext(generator)  # a second one replaced the result
    except StopAsyncIteration:
        return
    await generator.aclose()
    raise Wrong("yields", f"the wrapper of {hook}() goes on yielding.")


async def call_around(hooks: PluginHooks, hook: str, *, fails: bool) -> Any:
    """Call a hook that one more plugin implements, inside the wrappers.

    Args:
        hooks: The manager, with the wrapper's plugin active.
        hook: The hook.
        fails: Whether that plugin's implementation raises.

    Returns:
        What the call returns.

    Raises:
        InnerError: The error of that plugin's implementation came through.
    """
    arguments, result = OCCASIONS[hook]
    inner = _inner(hook, _raising if fails else lambda: result)
    hooks.register(inner, "inner")
    try:
        if _is_addressed(hooks, hook):
            called = getattr(hooks.addressed("inner"), hook)(**arguments)
        else:
            called = getattr(hooks.hook, hook)(**arguments)
        return await awaited(called)
    finally:
        hooks.unregister(name="inner")


class InnerError(Exception):
    """What the wrapped implementation raises."""


def _raising() -> Any:
    raise InnerError("the wrapped implementation failed")


def _inner(hook: str, function: Callable[[], Any]) -> object:
    """Return a plugin that implements one hook."""

    def implementation(_self: object) -> Any:
        return function()

    return type("Inner", (), {hook: hookimpl(implementation)})()


async def expect_result(hooks: PluginHooks, hook: str) -> None:
    """Call a hook around an implementation that is fine, and look at the result.

    Raises:
        Violation: It has not the shape of the hook's results.
    """
    _require_shape(hooks, hook, await call_around(hooks, hook, fails=False))


def _require_shape(hooks: PluginHooks, hook: str, result: object, *, instead: str = "") -> None:
    """Expect what calls of a hook return: one plugin's result, or a list of all.

    Raises:
        Violation: It is something else.
    """
    wanted = type(OCCASIONS[hook][1]) if _is_addressed(hooks, hook) else list
    if not isinstance(result, wanted):
        what = instead or f"for a {wanted.__name__}"
        raise Wrong(
            "shape",
            f"expected that the wrapper of {hook}() returns a {wanted.__name__} {what}; "
            f"it returned {shown(result)}.",
        )


async def expect_error(hooks: PluginHooks, hook: str) -> None:
    """Call a hook around an implementation that raises, and look what becomes of the error.

    Raises:
        Violation: It is lost, and no result stands in its place.
    """
    try:
        result = await call_around(hooks, hook, fails=True)
    except InnerError:
        return
    except RuntimeError as error:
        if "yield" in str(error) or "generator" in str(error):
            raise Wrong("yields", f"the wrapper of {hook}(): {error}.") from None
        return
    except _SLIPS as error:
        if error.__cause__ is None and isinstance(error.__context__, InnerError):
            told = f"{type(error).__name__}: {error}"
            raise Wrong("lost", f"the wrapper of {hook}() hid the error behind {told}") from None
        return
    except Exception:  # noqa: BLE001 - another error in its place is a wrapper's right
        return
    if result is None:
        raise Wrong(
            "lost", f"the wrapper of {hook}() swallowed the error of what it wraps, for nothing."
        )
    _require_shape(hooks, hook, result, instead="if it returns something in the place of an error")
