"""Calls of one plugin's own hooks, with and without a network."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.outcomes import NotApplicable
from aitbc_hooks.testing.kit.trials.small_host import Wrong
from aitbc_hooks.testing.kit.watching.contacts import contacts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aitbc_hooks.testing.kit.interfaces.steps import InterfaceSteps

__all__ = [
    "answered",
    "called",
    "instead",
    "needs_network",
    "own_call",
    "require_json",
    "require_json_dict",
]

#: How far into a value that is no JSON the message goes; one that contains itself has no end.
_DEEPEST: Final = 5


def called(hook: str, **arguments: Any) -> str:
    """Return a call as it is written, for messages."""
    return f"{hook}({', '.join(f'{key}={shown(value)}' for key, value in arguments.items())})"


def instead(wrong: Wrong, call: str, expected: str) -> Wrong:
    """Return the violation of a call that raised or hung, with what was expected of it."""
    did = wrong.message.partition("() ")[2].removesuffix(".")
    return Wrong(wrong.kind, f"{call}: expected {expected}; it {did}.")


def needs_network(contact: str) -> str:
    """Return the reason why nothing can be said about a plugin that needs a network."""
    return f"it speaks to others ({contact}); needs provides={{'network'}}."


def require_json(what: str, value: object) -> None:
    """Expect a value of JSON types alone, with finite numbers.

    Raises:
        Violation: It is none.
    """
    if why := _why_not_json(value):
        where, part = _no_json_in(value)
        raise Wrong("shape", f"{what}{where}: expected JSON values, got {shown(part)} ({why}).")


def _why_not_json(value: object) -> str:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        return str(error) or type(error).__name__
    return ""


def _no_json_in(value: object) -> tuple[str, object]:
    """Return the first part of a value that JSON does not have, and how it is reached."""
    where = ""
    for _ in range(_DEEPEST):
        found = next((item for item in _items(value) if _why_not_json(item[1])), None)
        if found is None:
            break
        where, value = f"{where}[{shown(found[0])}]", found[1]
    return where, value


def _items(value: object) -> Iterable[tuple[object, object]]:
    if isinstance(value, dict):
        return value.items()
    return enumerate(value) if isinstance(value, (list, tuple)) else ()


def require_json_dict(what: str, value: object) -> None:
    """Expect a dict of JSON values.

    Raises:
        Violation: It is none.
    """
    if not isinstance(value, dict):
        raise Wrong("shape", f"{what}: expected a dict, got {shown(value)}.")
    require_json(what, value)


async def own_call(trial: InterfaceSteps, hook: str, **arguments: Any) -> Any:
    """Call the plugin's own implementation with those arguments that it takes.

    Raises:
        Violation: It raised (then that is the violation's cause), or did not end.
    """
    function = trial.hooks.implementation(trial.plugin, hook)
    takes = inspect.signature(function).parameters if function is not None else {}
    given = {key: value for key, value in arguments.items() if key in takes}
    return await trial.call(hook, **given)


async def answered(trial: InterfaceSteps, hook: str, *, network: bool, **arguments: Any) -> Any:
    """Call with good arguments, and return what comes; without a network nobody is spoken to.

    Raises:
        Violation: It raised, or did not end.
        NotApplicable: It would need a network, and `network` is False.
    """
    if network:
        return await own_call(trial, hook, **arguments)
    answer: Any = None
    with contacts() as found, trial.offline():
        try:
            answer = await own_call(trial, hook, **arguments)
        except Wrong as wrong:
            if not found and isinstance(wrong.__cause__, ConnectionError):
                reason = f"{type(wrong.__cause__).__name__}: {shown(wrong.__cause__, str)}"
                raise NotApplicable(needs_network(reason)) from None
            if not found:
                raise
    if found:
        raise NotApplicable(needs_network(found[0]))
    return answer
