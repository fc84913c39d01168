"""What a strict manager demands of a plugin before it registers it."""

from __future__ import annotations

import difflib
import functools
import inspect
import warnings
from types import FunctionType, MethodType, ModuleType
from typing import TYPE_CHECKING, Any, Final

import pluggy

from aitbc_hooks.dispatch.marking import UNMARKED
from aitbc_hooks.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aitbc_hooks.dispatch.callers import Caller
    from aitbc_hooks.dispatch.marking import Found

__all__ = [
    "UnmarkedHookWarning",
    "check_implementation",
    "check_names",
    "did_you_mean",
    "implied_options",
    "refusal",
]

_COLLECTING: Final = inspect.CO_VARARGS | inspect.CO_VARKEYWORDS
_ASYNC: Final = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR
_KINDS_THAT_COLLECT: Final = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_METHOD_KINDS: Final = (FunctionType, MethodType, staticmethod, classmethod)


class UnmarkedHookWarning(UserWarning):
    """A function bears a hook's name, but not the marker that would make it an implementation."""


class _RefusedPluginError(ContractError, pluggy.PluginValidationError):  # type: ignore[misc]
    """Both this host's error and pluggy's; ``plugin`` is the plugin's name."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return ``Did you mean 'x'?`` for the known word that is nearest, or nothing."""
    near = difflib.get_close_matches(word, list(known), n=1)
    return f"Did you mean {near[0]!r}?" if near else ""


def refusal(caller: Caller, impl: pluggy.HookImpl, problem: str, fix: str) -> ContractError:
    """Return the error for an implementation that does not fit, with both signatures."""
    lines = [f"hook {caller.name!r}: {problem}"]
    if caller.spec is not None:
        lines.append(f"  hookspec:       {_signature(caller.spec.function)}")
    lines.append(f"  implementation: {_signature(impl.function)}")
    return _RefusedPluginError("\n".join(lines) + "\n ", plugin=impl.plugin_name, hint=fix)


def check_implementation(caller: Caller, impl: pluggy.HookImpl) -> None:
    """Check an implementation against its hookspec, beyond what pluggy checks.

    A parameter with a default that the hookspec does not have is accepted: pluggy never fills it.

    Raises:
        ContractError: It does not fit; the message has both signatures and the fix.
    """
    problems = _PROBLEMS if _is_plain(caller, impl.function) else _ALL_PROBLEMS
    for problem in problems:
        found = problem(caller, impl)
        if found is not None:
            raise refusal(caller, impl, *found)


def _is_plain(caller: Caller, function: object) -> bool:
    """Return whether a function has nothing but named arguments, and an `async` only if it may.

    `inspect` would say the same, after a longer look.
    """
    if type(function) is MethodType:
        function = function.__func__
    # With attributes such as __wrapped__ and __signature__, `inspect` looks elsewhere.
    if type(function) is not FunctionType or any(
        name.startswith("_") for name in function.__dict__
    ):
        return False
    code = function.__code__
    unwanted = _COLLECTING if caller.traits.is_async else _COLLECTING | _ASYNC
    return not (code.co_kwonlyargcount or code.co_flags & unwanted)


def _async_problem(caller: Caller, impl: pluggy.HookImpl) -> tuple[str, str] | None:
    if caller.traits.is_async:
        return None
    function: Any = impl.function
    if not (inspect.isroutine(function) or isinstance(function, functools.partial)):
        function = type(function).__call__  # what calling the object runs
    if inspect.isasyncgenfunction(function):
        return (
            "an async generator cannot take part in a hook that is called synchronously.",
            "Drop the `async`; a wrapper of this hook is a plain generator function.",
        )
    if inspect.iscoroutinefunction(function):
        return (
            "the implementation is async, but the hook is called synchronously.",
            "Drop the `async`, or ask for an `async def` hookspec.",
        )
    return None


def _unfilled_problem(_caller: Caller, impl: pluggy.HookImpl) -> tuple[str, str] | None:
    for parameter in _parameters(impl):
        name = parameter.name
        if parameter.default is not parameter.empty or parameter.kind in _KINDS_THAT_COLLECT:
            continue
        if parameter.kind is parameter.KEYWORD_ONLY:
            return (
                f"argument {name!r} is keyword-only, but hook arguments are passed by position.",
                f"Take the `*` before {name!r} away.",
            )
        if name not in impl.argnames:  # as pluggy sees, or does not see, the arguments of objects
            kind = type(impl.function).__name__
            return (
                f"argument {name!r} of a {kind} stays unseen, so nothing is passed for it.",
                "Write a function that calls it.",
            )
    return None


def _collecting_problem(caller: Caller, impl: pluggy.HookImpl) -> tuple[str, str] | None:
    if caller.spec is None or not (caller.spec.argnames or caller.spec.kwargnames):
        return None
    for parameter in _parameters(impl):
        if parameter.kind in _KINDS_THAT_COLLECT:
            what = f"{parameter} would stay empty: only named arguments are given."
            return what, "Name the arguments; in a decorator, use functools.wraps."
    return None


def _parameters(impl: pluggy.HookImpl) -> Iterable[inspect.Parameter]:
    """Return the parameters of an implementation; none where nobody can know them."""
    try:
        return inspect.signature(impl.function).parameters.values()
    except (TypeError, ValueError):
        return ()


def _unknown_argument(caller: Caller, impl: pluggy.HookImpl) -> tuple[str, str] | None:
    if caller.spec is None:
        return None
    known = (*caller.spec.argnames, *caller.spec.kwargnames)
    for name in impl.argnames:
        if name not in known:
            takes = ", ".join(known) if known else "no arguments"
            fix = did_you_mean(name, known) or f"The hook has {takes}; remove or rename {name!r}."
            return f"the hookspec has no argument {name!r}.", fix
    return None


def _wrapper_problem(caller: Caller, impl: pluggy.HookImpl) -> tuple[str, str] | None:
    if caller.traits.driver_only and (impl.wrapper or impl.hookwrapper):
        return (
            "the lifecycle driver calls it on one plugin alone, so it cannot be wrapped.",
            "To watch other plugins, implement the hooks that announce their transitions.",
        )
    return None


_PROBLEMS: Final = (_unknown_argument, _wrapper_problem)
_ALL_PROBLEMS: Final = (_async_problem, _unfilled_problem, _collecting_problem, *_PROBLEMS)


def check_names(
    plugin: object,
    plugin_name: str,
    found: Sequence[Found],
    *,
    hooks: Mapping[str, Caller],
    marker: str,
) -> None:
    """Check that a plugin implements hooks that exist, and warn of what it may have forgotten.

    Args:
        plugin: The plugin.
        plugin_name: Its name.
        found: The implementations in it.
        hooks: All hook callers by name.
        marker: pluggy's project name; the markers are ``<marker>_impl`` and ``<marker>_spec``.

    Raises:
        ContractError: There is no hookspec for a name that is not optional.
    """
    for each in found:
        hook_name = each.options.get("specname") or each.name
        if not (_is_known(hooks, hook_name) or each.options.get("optionalhook")):
            known = [name for name in hooks if _is_known(hooks, name)]
            raise _unknown_hook(plugin, plugin_name, each.name, hook_name, known)
    if not (found or isinstance(plugin, ModuleType)):
        return
    for name in sorted((hooks.keys() & dir(plugin)).difference(each.name for each in found)):
        if _is_known(hooks, name):
            _warn_unmarked(plugin, plugin_name, name, marker)


def _is_known(hooks: Mapping[str, Caller], name: str) -> bool:
    return name in hooks and hooks[name].spec is not None


def implied_options(plugin: object, name: str) -> dict[str, Any]:
    """Return the options of a method that is an implementation without a marker.

    Raises:
        ContractError: It is no method (``AITBC-P08``).
    """
    value = inspect.getattr_static(plugin, name)
    if not issubclass(type(value), _METHOD_KINDS):
        raise ContractError(
            f"{type(plugin).__qualname__}.{name} is of type {type(value).__name__}, where the "
            "interface has a method.",
            hint="Make it a method.",
        )
    return dict(UNMARKED)


def _unknown_hook(
    plugin: object, plugin_name: str, attribute: str, hook_name: str, known: Iterable[str]
) -> ContractError:
    signature = _signature(getattr(plugin, attribute))
    guess = did_you_mean(hook_name, known)
    return _RefusedPluginError(
        f"there is no hook {hook_name!r}.\n"
        f"  hookspec:       none of that name\n"
        f"  implementation: {signature}\n ",
        plugin=plugin_name,
        hint=guess or "Mark it with optionalhook=True if other hosts have that hook.",
    )


def _warn_unmarked(plugin: object, plugin_name: str, attribute: str, marker: str) -> None:
    function = _plain_function(inspect.getattr_static(plugin, attribute, None))
    # A hookspec that the plugin's module has imported is no implementation either.
    if not isinstance(function, FunctionType) or hasattr(function, f"{marker}_spec"):
        return
    warnings.warn_explicit(
        f"plugin {plugin_name!r}: {function.__qualname__} has the name of hook {attribute!r}, but "
        "is not marked with @hookimpl, so it is never called. Mark it, or rename it.",
        UnmarkedHookWarning,
        function.__code__.co_filename,
        function.__code__.co_firstlineno,
    )


def _plain_function(found: Any) -> object:
    if isinstance(found, (staticmethod, classmethod, MethodType)):
        found = found.__func__
    try:
        return inspect.unwrap(found)
    except ValueError:  # what it wraps has no end, so it is no function
        return None


class _Text(str):
    """An annotation that a signature shows without quotation marks."""

    __slots__ = ()
    __repr__ = str.__str__


def _signature(function: Callable[..., object]) -> str:
    """Return a function's first line as its author wrote it, as far as that can be known."""
    is_async = inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function)
    signature = inspect.signature(function)

    def show(annotation: object) -> object:
        return _Text(annotation) if isinstance(annotation, str) else annotation

    signature = signature.replace(
        parameters=[
            parameter.replace(annotation=show(parameter.annotation))
            for parameter in signature.parameters.values()
        ],
        return_annotation=show(signature.return_annotation),
    )
    name = getattr(function, "__name__", "<function>")
    return f"{'async ' if is_async else ''}def {name}{signature}"
