"""Models that predict and learn."""

from __future__ import annotations

from typing import Any

from aitbc_hookspecs._markers import hookspec


@hookspec
async def predict(input_data: dict[str, Any]) -> dict[str, Any]:  # type: ignore[empty-body]
    """Make a prediction.

    Called on all ACTIVE plugins it gives the list of their answers, in call order; an
    implementation that the input does not concern returns None and is left out.

    Args:
        input_data: In the form that the model documents; not changed by implementations.

    Returns:
        JSON values, in the form that the model documents.
    """


@hookspec(addressed=True)
async def train(training_data: list[dict[str, Any]]) -> bool:  # type: ignore[empty-body]
    """Train the model.

    Args:
        training_data: Examples in the form that the model documents.

    Returns:
        True when the model has learnt from every example and predicts with it from now on.
    """


@hookspec
def get_model_info() -> dict[str, Any]:  # type: ignore[empty-body]
    """Describe the model.

    Returns:
        JSON values, at least ``name`` and ``trained`` (bool).
    """
