"""Calls of one plugin's own hooks, with and without a network."""

from __future__ import annotations

import inspect
import json
from typing import TYPE_CHECKING, Any

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.outcomes import NotApplicable
from aitbc_hooks.testing.kit.trials.small_host import Wrong
from aitbc_hooks.testing.kit.watching.contacts import contacts

if TYPE_CHECKING:
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
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise Wrong(
            "shape", f"{what}: expected JSON values, got {shown(value)} ({error})."
        ) from None


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
