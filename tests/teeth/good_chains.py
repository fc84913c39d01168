"""Blockchain plugins on chains that live in memory, so that there is always a network."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
from decimal import Decimal, InvalidOperation

import attrs
from corpus import good
from hypothesis import strategies as st

from aitbc.plugins import BlockchainPlugin, PluginMetadata

_ADDRESS = re.compile(r"fc1[0-9a-f]{8}")
_PLACES = Decimal("0.00000001")


def address_of(number):
    return f"fc1{number:08x}"


ADDRESSES = st.integers(0, 5).map(address_of)
SAMPLES = {
    "config": st.just({}),
    "address": ADDRESSES,
    "contract_address": ADDRESSES,
    "event_name": st.sampled_from(["Transfer", "Approval"]),
    "tx_data": st.fixed_dictionaries(
        {"to": ADDRESSES, "amount": st.sampled_from([1, "0.25", Decimal("0.00000001")])},
        optional={"memo": st.text(max_size=10)},
    ),
}


class InsufficientFundsError(RuntimeError):
    pass


def checked_address(address):
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address):
        raise ValueError(f"address: expected fc1 and eight hexadecimal digits, got {address!a:.80}")
    return address


def checked_amount(amount):
    """Return a positive amount with eight places at most."""
    if isinstance(amount, bool | float) or not isinstance(amount, int | str | Decimal):
        raise ValueError("amount: expected a Decimal, an int or a numeric string")  # noqa: TRY004 - the contract's word
    try:
        number = Decimal(amount)
        exact = number.quantize(_PLACES)
    except InvalidOperation:
        raise ValueError("amount: no number, or out of range") from None
    if not number.is_finite() or number <= 0 or exact != number:
        raise ValueError("amount: expected more than 0, with eight places at most")
    return exact


@attrs.define
class Chain:
    """A chain of one node: accounts, and a block for each transaction."""

    balances: dict[str, Decimal] = attrs.field(factory=dict)
    blocks: list[dict] = attrs.field(factory=list)

    def mint(self, address, amount):
        self.balances[address] = self.balances.get(address, Decimal(0)) + amount
        self.blocks.append(self._block("Mint", "0", address, amount))

    def transfer(self, source, target, amount):
        if self.balances.get(source, Decimal(0)) < amount:
            raise InsufficientFundsError(f"{source} has less than {amount}")
        self.balances[source] -= amount
        self.balances[target] = self.balances.get(target, Decimal(0)) + amount
        self.blocks.append(self._block("Transfer", source, target, amount))
        return self.blocks[-1]["transaction"]

    def _block(self, event, source, target, amount):
        height = len(self.blocks)
        digest = hashlib.sha256(f"{height} {event} {source} {target} {amount}".encode())
        return {
            "block": height,
            "transaction": digest.hexdigest(),
            "event": event,
            "from": source,
            "to": target,
            "amount": str(amount),
        }


class ChainPlugin(BlockchainPlugin):
    """The lifecycle that the plugins of this module share."""

    async def initialize(self):
        return True

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


def checked_query(contract_address, event_name, from_block):
    if not isinstance(event_name, str):
        raise ValueError("event_name: expected a string")  # noqa: TRY004 - the contract's word
    first = 0 if from_block is None else from_block
    if isinstance(first, bool) or not isinstance(first, int) or first < 0:
        raise ValueError("from_block: expected a height, 0 or more")
    return checked_address(contract_address), event_name, first


@good(provides=["network"], samples=SAMPLES)
class MemoryChain(ChainPlugin):
    """Accounts; everything is there as soon as it is initialised."""

    FAUCET = address_of(0)

    def get_metadata(self):
        return PluginMetadata("memory-chain", "1.0.0", "A chain in memory", "Chain Author", "MIT")

    async def initialize(self):
        self._chain = Chain()
        self._chain.mint(self.FAUCET, Decimal(21_000_000))
        return True

    async def connect(self, config):
        await asyncio.sleep(0)
        return True

    async def get_balance(self, address):
        balance = self._chain.balances.get(checked_address(address), Decimal(0))
        return {"address": address, "balance": balance, "unit": "FC"}

    async def send_transaction(self, tx_data):
        target = checked_address(tx_data.get("to"))
        return self._chain.transfer(self.FAUCET, target, checked_amount(tx_data.get("amount")))

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        address, name, first = checked_query(contract_address, event_name, from_block)
        return [
            {**block, "log": 0}
            for block in self._chain.blocks[first:]
            if block["event"] == name and address in (block["from"], block["to"])
        ]


class NotConnectedError(ConnectionError):
    pass


@good(
    id="connected-chain",
    provides=["network"],
    samples={**SAMPLES, "config": st.just({"node": "memory://main"})},
    config={"node": "memory://main"},
)
class ConnectedChain(ChainPlugin):
    """Has nodes to connect to: start tries, and goes on without; calls fail until it is there."""

    NODES = frozenset({"memory://main", "memory://test"})

    def __init__(self, context):
        super().__init__(context)
        self._nodes = {}
        self._node = None
        self._sending = asyncio.Lock()

    def get_metadata(self):
        return PluginMetadata("connected-chain", "2.0.0", "Chains on nodes", "Chain Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {"node": {"type": "string", "default": "memory://main"}},
        }

    async def start(self):
        if not await self.connect(self.context.config):
            self.context.logger.warning("no node; going on without")
        return True

    async def stop(self):
        self._node = None
        return True

    async def connect(self, config):
        name = config.get("node", "memory://main")
        await asyncio.sleep(0.001)
        if not isinstance(name, str) or name not in self.NODES:
            return False
        if name not in self._nodes:
            self._nodes[name] = Chain()
            for number in range(6):
                self._nodes[name].mint(address_of(number), Decimal(1_000_000))
        self._node = self._nodes[name]
        return True

    async def get_balance(self, address):
        checked_address(address)
        balances = self._connected().balances
        return {
            "address": address,
            "balance": balances.get(address, Decimal(0)).normalize(),
            "unit": "FC",
            "confirmed": True,
        }

    async def send_transaction(self, tx_data):
        target, amount = checked_address(tx_data.get("to")), checked_amount(tx_data.get("amount"))
        source = checked_address(tx_data.get("from", address_of(1)))
        if unknown := tx_data.keys() - {"to", "from", "amount", "memo"}:
            raise ValueError(f"tx_data: unknown {sorted(map(str, unknown))}")
        async with self._sending:
            node = self._connected()
            await asyncio.sleep(0)
            return node.transfer(source, target, amount)

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        address, name, first = checked_query(contract_address, event_name, from_block)
        return [
            {key: block[key] for key in ("block", "transaction", "event")}
            for block in itertools.islice(self._connected().blocks, first, None)
            if name in ("", block["event"]) and address == block["to"]
        ]

    async def health_check(self):
        health = await super().health_check()
        if self._node is None:
            return health | {"reason": "no node"}
        return health | {"height": len(self._node.blocks)}

    def _connected(self):
        if self._node is None:
            raise NotConnectedError("no node is connected")
        return self._node


@good(samples=SAMPLES | {"config": st.just({"host": "127.0.0.1", "port": 1})})
class AbsentNode(ChainPlugin):
    """Its node is a real TCP port on which nobody listens: connect says False, soon."""

    def get_metadata(self):
        return PluginMetadata("absent-node", "0.1.0", "Finds no node", "Chain Author", "MIT")

    async def connect(self, config):
        host, port = config.get("host", "127.0.0.1"), config.get("port", 1)
        if not isinstance(host, str) or isinstance(port, bool) or not isinstance(port, int):
            return False
        try:
            async with asyncio.timeout(2):
                _, writer = await asyncio.open_connection(host, port)
        except (OSError, OverflowError, ValueError) as error:
            self.context.logger.info("no node: %s", error)
            return False
        writer.close()
        return True

    async def get_balance(self, address):
        checked_address(address)
        raise NotConnectedError("no node is connected")

    async def send_transaction(self, tx_data):
        checked_address(tx_data.get("to"))
        checked_amount(tx_data.get("amount"))
        raise NotConnectedError("no node is connected")

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        checked_query(contract_address, event_name, from_block)
        raise NotConnectedError("no node is connected")
