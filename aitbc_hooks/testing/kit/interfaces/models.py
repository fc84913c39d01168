"""Calls of a model, and what has to come of them."""

from __future__ import annotations

import contextlib
import copy
from typing import TYPE_CHECKING, Any

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.interfaces.calls import answered, called, instead, require_json_dict
from aitbc_hooks.testing.kit.trials.small_host import Wrong

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aitbc_hooks.testing.kit.interfaces.steps import InterfaceSteps

__all__ = ["expect_stable_info", "expect_untouched", "info_of", "predicted", "trained"]


async def predicted(
    trial: InterfaceSteps, input_data: dict[str, Any], *, network: bool
) -> dict[str, Any] | None:
    """Return a prediction; None if the input does not concern the model, or it refuses it.

    Raises:
        Violation: It raised something else than `ValueError`, or the answer is no JSON dict.
        NotApplicable: It needs a network that is not there.
    """
    call = called("predict", input_data=input_data)
    try:
        answer = await answered(trial, "predict", network=network, input_data=input_data)
    except Wrong as wrong:
        if isinstance(wrong.__cause__, ValueError):
            return None
        raise instead(wrong, call, "a JSON dict, None or ValueError") from None
    if answer is None:
        return None
    require_json_dict(call, answer)
    return answer  # type: ignore[no-any-return]  # it has just been looked at


async def trained(
    trial: InterfaceSteps, training_data: list[dict[str, Any]], *, fit: bool, network: bool
) -> bool:
    """Train the model, and return whether it has learnt.

    Args:
        trial: Where the model is.
        training_data: The examples.
        fit: Whether they are fit for the model, so that it has to learn them.
        network: Whether there is one.

    Raises:
        Violation: It raised, did not learn what is fit, or says neither True nor False.
        NotApplicable: It needs a network that is not there.
    """
    call = called("train", training_data=training_data)
    try:
        answer = await answered(trial, "train", network=network, training_data=training_data)
    except Wrong as wrong:
        if isinstance(wrong.__cause__, ValueError) and not fit:
            return False
        raise instead(wrong, call, "True or False") from None
    if not isinstance(answer, bool):
        raise Wrong("shape", f"{call}: expected True or False, got {shown(answer)}.")
    if fit and not answer:
        raise Wrong("shape", f"{call}: expected True for examples of the author, got False.")
    return answer


async def info_of(trial: InterfaceSteps) -> dict[str, Any]:
    """Return what the model says of itself.

    Raises:
        Violation: It raised, or lacks something.
        NotApplicable: It needs a network that is not there.
    """
    info = await answered(trial, "get_model_info", network=True)
    require_json_dict("get_model_info()", info)
    if not isinstance(info.get("name"), str) or not info["name"]:
        raise Wrong("shape", f"get_model_info(): expected a text under 'name', got {shown(info)}.")
    if not isinstance(info.get("trained"), bool):
        raise Wrong(
            "shape",
            f"get_model_info(): expected True or False under 'trained', got {shown(info)}.",
        )
    return info  # type: ignore[no-any-return]  # it has just been looked at


async def expect_stable_info(
    trial: InterfaceSteps,
    inputs: Iterable[dict[str, Any]],
    *,
    after: list[dict[str, Any]] | None,
    network: bool,
) -> None:
    """Ask the model for its information, predict, and ask again; how that ends is all the same.

    Args:
        trial: Where the model is.
        inputs: What is predicted from.
        after: Examples to train with before; None for no training.
        network: Whether there is one.

    Raises:
        Violation: It says something else the second time, although nothing was trained.
    """
    if after is not None:
        with contextlib.suppress(Wrong):
            await answered(trial, "train", network=network, training_data=after)
    before = copy.deepcopy(await info_of(trial))
    for input_data in inputs:
        with contextlib.suppress(Wrong):
            await answered(trial, "predict", network=network, input_data=input_data)
    now = await info_of(trial)
    for key in sorted(before.keys() | now.keys()):
        if before.get(key) != now.get(key):
            raise Wrong(
                "unstable",
                f"get_model_info(): expected that {key!r} stays the same between trainings; it "
                "has changed.",
            )


async def expect_untouched(
    trial: InterfaceSteps, hook: str, arguments: dict[str, Any], *, network: bool
) -> None:
    """Call a hook, and look whether its arguments are what they were; how it ends is all the same.

    Raises:
        Violation: They are not.
        NotApplicable: It needs a network that is not there.
    """
    before = copy.deepcopy(arguments)
    with contextlib.suppress(Wrong):
        await answered(trial, hook, network=network, **arguments)
    for key, value in before.items():
        if arguments[key] != value:
            raise Wrong(
                "changed",
                f"{hook}(): expected that {key} stays as it is; {shown(value)} became "
                f"{shown(arguments[key])}.",
            )
