"""The interface of AI and ML plugins (SPEC.md, AI/ML Plugin Interface)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from aitbc_hooks.interfaces.base import BasePlugin

__all__ = ["AIPlugin"]


class AIPlugin(BasePlugin):
    """Interface for AI and machine-learning plugins."""

    @abstractmethod
    async def predict(self, input_data: dict[str, Any]) -> dict[str, Any]:
        """Make prediction using AI model; `input_data` is not changed."""

    @abstractmethod
    async def train(self, training_data: list[dict[str, Any]]) -> bool:
        """Train AI model; True when the model has learnt from every example."""

    @abstractmethod
    def get_model_info(self) -> dict[str, Any]:
        """Get model information: JSON values only."""
