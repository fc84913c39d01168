"""The interface of blockchain plugins (SPEC.md, Blockchain Plugin Interface)."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from aitbc_hooks.interfaces.base import BasePlugin

__all__ = ["BlockchainPlugin"]


class BlockchainPlugin(BasePlugin):
    """Interface for blockchain integration plugins."""

    @abstractmethod
    async def connect(self, config: dict[str, Any]) -> bool:
        """Connect to blockchain network; True when the network answered."""

    @abstractmethod
    async def get_balance(self, address: str) -> dict[str, Any]:
        """Get account balance of one address."""

    @abstractmethod
    async def send_transaction(self, tx_data: dict[str, Any]) -> str:
        """Send transaction and return hash. Never retried by the host."""

    @abstractmethod
    async def get_contract_events(
        self,
        contract_address: str,
        event_name: str,
        from_block: int | None = None,
    ) -> list[dict[str, Any]]:
        """Get contract events, oldest first; `from_block` is inclusive, None is the first."""
