"""Faults in access to a blockchain: balances, payments, events, connections."""

from __future__ import annotations

import asyncio
import hashlib
import re
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar, Final

from hypothesis import strategies as st
from planted import Sound, planted, settings

from aitbc.plugins import BlockchainPlugin

ADDRESSES: Final = ("tc1a0b1c2d3", "tc1ffffffff", "tc100000000")
#: Block, contract, event, transaction.
HISTORY: Final = tuple(
    (block, ADDRESSES[block % 2], ("Transfer", "Mint")[block % 3 == 0], f"{block:02x}{index:02x}")
    for block in range(12)
    for index in range(2)
)
#: Nobody listens there.
NOWHERE: Final = MappingProxyType({"host": "127.0.0.1", "port": 1})
SAMPLES: Final = MappingProxyType(
    {
        "config": st.just(dict(NOWHERE)),
        "address": st.sampled_from(ADDRESSES),
        "contract_address": st.sampled_from(ADDRESSES[:2]),
        "event_name": st.sampled_from(["Transfer", "Mint"]),
        "from_block": st.integers(0, 13),
        "tx_data": st.fixed_dictionaries(
            {
                "to": st.sampled_from(ADDRESSES),
                "amount": st.decimals("0.01", "1000", places=2) | st.integers(1, 1000),
            }
        ),
    }
)


def check_address(address):
    if not isinstance(address, str) or not re.fullmatch("tc1[0-9a-f]{8}", address):
        raise ValueError(f"address: expected tc1 and eight hexadecimal digits, got {address!r}.")


def read_amount(amount):
    if isinstance(amount, bool) or not isinstance(amount, str | int | Decimal):
        raise ValueError(f"amount: expected a number, got {amount!r}.")  # noqa: TRY004 - the contract
    try:
        number = Decimal(amount)
    except ArithmeticError:
        raise ValueError(f"amount: expected a number, got {amount!r}.") from None
    if not number.is_finite() or number <= 0:
        raise ValueError(f"amount: expected a positive number, got {amount!r}.")
    return number


class SoundChain(Sound, BlockchainPlugin):
    """A light client that has its part of a small chain in memory."""

    schema: ClassVar[dict[str, Any]] = settings(
        host={"enum": ["127.0.0.1"], "default": "127.0.0.1"},
        port={"type": "integer", "minimum": 1, "maximum": 6, "default": 1},
    )

    def __init__(self, context):
        super().__init__(context)
        self._pending = []

    async def connect(self, config):
        try:
            async with asyncio.timeout(2):
                _, writer = await self._open(config)
        except OSError:  # TimeoutError is one
            return False
        writer.close()
        return True

    async def get_balance(self, address):
        check_address(address)
        return {"address": address, "balance": self._balance(address), "unit": "TC"}

    async def send_transaction(self, tx_data):
        if not isinstance(tx_data, dict) or not {"to", "amount"} <= tx_data.keys():
            raise ValueError("tx_data: expected 'to' and 'amount'.")
        check_address(tx_data["to"])
        return self._enqueue(tx_data["to"], read_amount(tx_data["amount"]))

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        check_address(contract_address)
        return [
            {"block": block, "transaction": transaction}
            for block, contract, event, transaction in HISTORY
            if (contract, event) == (contract_address, event_name) and block >= (from_block or 0)
        ]

    async def _open(self, config):
        return await asyncio.open_connection(
            config.get("host", NOWHERE["host"]), config.get("port", NOWHERE["port"])
        )

    def _balance(self, address):
        return Decimal(ADDRESSES.index(address)) / 4 if address in ADDRESSES else Decimal(0)

    def _enqueue(self, receiver, amount):
        self._pending.append((receiver, amount))
        return hashlib.sha256(repr(self._pending).encode()).hexdigest()


def planted_chain(*killers):
    return planted(*killers, config=dict(NOWHERE), samples=SAMPLES)


@planted_chain("CHAIN-01")
class BalanceIsNegative(SoundChain):
    """What is about to be paid is subtracted from a balance that may be 0."""

    def _balance(self, address):
        return super()._balance(address) - Decimal("0.1")


@planted_chain("CHAIN-01")
class BalanceIsFloat(SoundChain):
    """The balance is a float."""

    def _balance(self, address):
        return float(super()._balance(address))


@planted_chain("CHAIN-01")
class BalanceIsNan(SoundChain):
    """The balance of an address without payments is Decimal('NaN')."""

    def _balance(self, address):
        return super()._balance(address) or Decimal("NaN")


@planted_chain("CHAIN-01")
class BalanceLacksUnit(SoundChain):
    """The balance has no unit."""

    async def get_balance(self, address):
        check_address(address)
        return {"address": address, "balance": self._balance(address)}


@planted_chain("CHAIN-01")
class BalanceIsBare(SoundChain):
    """get_balance() returns the number alone."""

    async def get_balance(self, address):
        check_address(address)
        return self._balance(address)


@planted_chain("CHAIN-02")
class AcceptsAnyAddress(SoundChain):
    """An address that cannot exist has a balance of 0."""

    async def get_balance(self, address):
        return {"address": address, "balance": self._balance(address), "unit": "TC"}


@planted_chain("CHAIN-02")
class UnknownAddressIsKeyError(SoundChain):
    """An address that is not in the table is a KeyError."""

    async def get_balance(self, address):
        table = {known: self._balance(known) for known in ADDRESSES}
        return {"address": address, "balance": table[address], "unit": "TC"}


@planted_chain("CHAIN-02")
class AsksBeforeCheckingAddress(SoundChain):
    """The node is asked for its height before the address is looked at."""

    async def get_balance(self, address):
        if self.context.api_client is not None:
            await self.context.api_client.get("/height")
        return await super().get_balance(address)


@planted_chain("CHAIN-03")
class ConnectsBeforeCheckingPayment(SoundChain):
    """A connection is opened before the transaction is looked at."""

    async def send_transaction(self, tx_data):
        await self.connect(self.context.config)
        return await super().send_transaction(tx_data)


@planted_chain("CHAIN-03")
class PaymentLacksReceiver(SoundChain):
    """A transaction without a receiver is a KeyError."""

    async def send_transaction(self, tx_data):
        check_address(tx_data["to"])
        return self._enqueue(tx_data["to"], read_amount(tx_data.get("amount")))


@planted_chain("CHAIN-03")
class PaysNegativeAmounts(SoundChain):
    """A negative amount is sent like any other."""

    async def send_transaction(self, tx_data):
        if not isinstance(tx_data, dict) or not {"to", "amount"} <= tx_data.keys():
            raise ValueError("tx_data: expected 'to' and 'amount'.")
        check_address(tx_data["to"])
        try:
            return self._enqueue(tx_data["to"], Decimal(tx_data["amount"]))
        except (ArithmeticError, TypeError):
            raise ValueError("amount: expected a number.") from None


@planted_chain("CHAIN-03")
class PaysAnybody(SoundChain):
    """The receiver's address is not checked."""

    async def send_transaction(self, tx_data):
        if not isinstance(tx_data, dict) or not {"to", "amount"} <= tx_data.keys():
            raise ValueError("tx_data: expected 'to' and 'amount'.")
        return self._enqueue(tx_data["to"], read_amount(tx_data["amount"]))


@planted_chain("CHAIN-03")
class SendReturnsNone(SoundChain):
    """send_transaction() does not return the hash."""

    async def send_transaction(self, tx_data):
        await super().send_transaction(tx_data)


@planted_chain("CHAIN-04")
class RangesOverlap(SoundChain):
    """Events are looked for from one block earlier, to be on the safe side."""

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        first = max(0, from_block - 1) if from_block else None
        return await super().get_contract_events(contract_address, event_name, first)


@planted_chain("CHAIN-04")
class LosesFirstBlock(SoundChain):
    """The first block of a range is left out."""

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        events = await super().get_contract_events(contract_address, event_name, from_block)
        return [event for event in events if from_block is None or event["block"] > from_block]


@planted_chain("CHAIN-04")
class NewestFirst(SoundChain):
    """Events come newest first."""

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        events = await super().get_contract_events(contract_address, event_name, from_block)
        return events[::-1]


@planted_chain("CHAIN-04")
class ReturnsFirstPage(SoundChain):
    """Only the first page of events is returned."""

    async def get_contract_events(self, contract_address, event_name, from_block=None):
        events = await super().get_contract_events(contract_address, event_name, from_block)
        return events[:3]


@planted_chain("CHAIN-05")
class ConnectRaises(SoundChain):
    """connect() raises if nobody answers."""

    async def connect(self, config):
        _, writer = await self._open(config)
        writer.close()
        return True


@planted_chain("CHAIN-05")
class ConnectReturnsNone(SoundChain):
    """connect() returns something only if it succeeds."""

    async def connect(self, config):
        return await super().connect(config) or None


@planted_chain("CHAIN-05")
class ConnectTriesForEver(SoundChain):
    """connect() tries until somebody answers."""

    async def connect(self, config):
        while not await super().connect(config):  # noqa: ASYNC110 - the fault
            await asyncio.sleep(5)
        return True
