"""The plugin class of ``bitcoin-integration``: the contract's methods, each handed to its module."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from aitbc.plugins import BlockchainPlugin, PluginContext, PluginMetadata, PluginStatus

from .addresses import check_address
from .balances import read_balance
from .connection import Node, NodeConnection
from .errors import NotConnectedError
from .events import Query, read_events
from .payments import Payment, pay
from .settings import Settings

__all__ = ["BitcoinPlugin"]


class BitcoinPlugin(BlockchainPlugin):
    """Access to the Bitcoin network through a node's JSON-RPC.

    A node that is away is no failure: the plugin is active, its health says ``degraded`` and why,
    and it connects as soon as there is a node. Meanwhile every call raises `ConnectionError`.
    """

    def __init__(self, context: PluginContext) -> None:
        super().__init__(context)
        self._connection: NodeConnection | None = None
        # A node runs one scan of its UTXO set at a time and refuses a second.
        self._scanning = asyncio.Lock()

    def get_metadata(self) -> PluginMetadata:
        """Return plugin metadata."""
        return PluginMetadata(
            name="bitcoin-integration",
            version="1.0.0",
            description="Bitcoin blockchain integration",
            author="AITBC Team",
            license="MIT",
        )

    def get_config_schema(self) -> dict[str, Any]:
        """Return configuration schema: the file ``config_schema.json``."""
        text = Path(__file__).with_name("config_schema.json").read_text(encoding="utf-8")
        schema: dict[str, Any] = json.loads(text)
        return schema

    async def initialize(self) -> bool:
        """Check the settings; the network is not touched yet.

        Raises:
            MalformedError: The settings are malformed or contradict each other.
        """
        self._connection = NodeConnection(
            Settings.from_config(self.context.config),
            self.context.logger,
            on_new_tip=self._announce,
        )
        return True

    async def start(self) -> bool:
        """Begin to watch the node; succeeds whether it is there or not."""
        await self._initialized().open()
        return True

    async def stop(self) -> bool:
        """Stop to watch the node; the background task has ended on return."""
        await self._initialized().close()
        return True

    async def cleanup(self) -> bool:
        """Release everything, also after a failed `initialize` or `stop`."""
        if self._connection is not None:
            await self._connection.close()
        return True

    async def health_check(self) -> dict[str, Any]:
        """Return plugin health status, from the last look at the node.

        Returns:
            The default keys; while the node answers ``node``, ``chain``, ``height`` and
            ``syncing``; while it does not and the plugin is active, ``status`` is ``degraded``
            and ``reason`` says why.
        """
        health = await super().health_check()
        if self._connection is None:
            return health
        node = self._connection.node
        if node is not None:
            health |= {
                "node": node.agent,
                "chain": node.chain,
                "height": node.height,
                "syncing": node.syncing,
            }
        elif self.status is PluginStatus.ACTIVE:
            health |= {"status": "degraded", "reason": self._connection.reason}
        return health

    async def connect(self, config: dict[str, Any]) -> bool:
        """Connect to the node that `config` describes; the settings before hold if it fails.

        Args:
            config: Settings as in the plugin's ``config`` block; what is left out has its default.

        Returns:
            True when the node answered. Otherwise the log has the reason, and nothing changed.

        Raises:
            ValueError: The settings are malformed.
        """
        return await self._initialized().connect(Settings.from_config(config))

    async def get_balance(self, address: str) -> dict[str, Any]:
        """Get account balance of any address, whether or not the node's wallet knows it.

        Returns:
            ``address``; ``balance``, a Decimal; ``unit``, ``BTC``; ``confirmations``, how many an
            output needed to count; ``source``, ``utxo-set``. Mined coins count before they are
            mature.

        Raises:
            ValueError: The address is malformed or of another network.
            ConnectionError: No node is connected, or it did not answer in time.
            RPCError: The node refused.
        """
        check_address(address)
        connection = self._initialized()
        async with self._scanning:
            with connection.client() as client:
                settings = connection.settings
                balance = await read_balance(
                    client,
                    address,
                    confirmations=settings.confirmations,
                    within=settings.scan_timeout,
                )
        return {
            "address": address,
            "balance": balance,
            "unit": "BTC",
            "confirmations": settings.confirmations,
            "source": "utxo-set",
        }

    async def send_transaction(self, tx_data: dict[str, Any]) -> str:
        """Send transaction from the configured wallet and return its id. Never sent twice.

        Args:
            tx_data: ``to``; ``amount`` in BTC (Decimal, int or numeric string); optionally
                ``comment`` and ``subtract_fee``.

        Raises:
            ValueError: The data is malformed, or the address of another network.
            ConnectionError: No node is connected or it did not let us in; nothing was sent.
            RPCError: The node refused; nothing was sent.
            UnclearOutcomeError: It may have been sent; the message says where to look.
        """
        payment = Payment.from_tx_data(tx_data)
        with self._initialized().client() as client:
            return await pay(client, payment, self.context.logger)

    async def get_contract_events(
        self,
        contract_address: str,
        event_name: str,
        from_block: int | None = None,
    ) -> list[dict[str, Any]]:
        """Get the data that transactions paying an address carry in OP_RETURN outputs.

        Args:
            contract_address: The address that is paid; ``*`` for any.
            event_name: How the data begins; empty for any data.
            from_block: First block, inclusive; None is the first of the chain. Blocks are read up
                to the tip, at most ``max_scan_blocks`` of them.

        Returns:
            Events, oldest first: ``block``, ``block_hash``, ``transaction``, ``output``, ``data``
            (hexadecimal) and ``text`` (None where the data is not UTF-8).

        Raises:
            ValueError: An argument is malformed, or the range is too large; then the message
                tells the allowed one.
            ConnectionError: No node is connected, or it did not answer in time.
            RPCError: The node refused.
        """
        query = Query.of(contract_address, event_name, from_block)
        connection = self._initialized()
        with connection.client() as client:
            tip = await client.call("getblockcount")
            return await read_events(
                client, query, last_block=tip, max_blocks=connection.settings.max_scan_blocks
            )

    def _initialized(self) -> NodeConnection:
        if self._connection is None:
            raise NotConnectedError("The plugin is not initialised.")
        return self._connection

    async def _announce(self, node: Node) -> None:
        bus = self.context.event_bus
        if bus is None:
            return
        try:
            async with asyncio.timeout(self._initialized().settings.timeout):
                await bus.publish("blocks.new", {"height": node.height, "hash": node.tip})
        except Exception:
            self.context.logger.exception("Publishing blocks.new failed.")
