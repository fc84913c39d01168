"""CHAIN-02 and CHAIN-03: what a blockchain plugin refuses, and before what."""

from __future__ import annotations

import asyncio
import socket
from decimal import Decimal
from typing import ClassVar

import pytest
from conformance_chains import ADDRESS, NODE, SAMPLES, Remote, look_up, speak
from conformance_trying import fails, is_not_applicable, passes, tried
from hypothesis import strategies as st

from aitbc_hooks.testing.kit import Outcome, Trial
from aitbc_hooks.testing.kit.interfaces.cases import (
    malformed_addresses,
    malformed_transactions,
)
from aitbc_hooks.testing.kit.sound import SoundChain
from aitbc_hooks.testing.kit.trials.small_host import Wrong


def test_an_address_is_checked():
    class Credulous(SoundChain):
        async def get_balance(self, address):
            return {"address": address, "balance": Decimal(0), "unit": "TC"}

    fails(
        "CHAIN-02",
        Credulous,
        "get_balance(address=''): expected ValueError; it returned {'address': '', 'balance': "
        "Decimal('0'), 'unit': 'TC'}.",
    )


def test_a_malformed_address_is_a_value_error():
    class Table(SoundChain):
        async def get_balance(self, address):
            return {ADDRESS: Decimal(1)}[address]

    fails(
        "CHAIN-02", Table, "get_balance(address=''): expected ValueError; it raised KeyError: ''."
    )


def test_what_looks_like_an_address_is_looked_at_to_its_end():
    class Prefix(SoundChain):
        async def get_balance(self, address):
            if not address.startswith("tc1"):
                raise ValueError(address)
            return {"address": address, "balance": Decimal(0), "unit": "TC"}

    passes("CHAIN-02", Prefix)
    result = tried("CHAIN-02", Prefix, samples=SAMPLES)
    assert result.outcome is Outcome.FAIL
    assert "expected ValueError; it returned" in result.detail


def test_a_check_that_hangs_is_no_check():
    class Waiting(SoundChain):
        async def get_balance(self, address):
            await asyncio.Event().wait()

    fails(
        "CHAIN-02",
        Waiting,
        "get_balance(address=''): expected ValueError; it did not end within 30 s.",
    )


class Asking(SoundChain):
    """Speaks to somebody before it looks at its arguments."""

    speaking = speak

    async def get_balance(self, address):
        try:
            await type(self).speaking()
        except OSError:
            self.context.logger.info("nobody is there")
        return await super().get_balance(address)

    async def send_transaction(self, tx_data):
        try:
            await type(self).speaking()
        except OSError:
            self.context.logger.info("nobody is there")
        return await super().send_transaction(tx_data)


async def look_up_in_a_thread():
    await asyncio.to_thread(socket.getaddrinfo, "node.example", 80)


async def send_a_datagram():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as peer:
        peer.sendto(b"hello", NODE)


async def block():
    with socket.socket() as peer:
        peer.connect(NODE)


@pytest.mark.parametrize(
    ("speaking", "contact"),
    [
        (speak, "connect to 127.0.0.1:1"),
        (block, "connect to 127.0.0.1:1"),
        (look_up, "look-up of node.example"),
        (look_up_in_a_thread, "look-up of node.example"),
        (send_a_datagram, "datagram to 127.0.0.1:1"),
    ],
)
def test_the_network_is_not_touched_for_a_malformed_argument(speaking, contact, monkeypatch):
    monkeypatch.setattr(Asking, "speaking", speaking)
    for check, call in (
        ("CHAIN-02", "get_balance(address='')"),
        ("CHAIN-03", "send_transaction(tx_data={})"),
    ):
        fails(
            check,
            Asking,
            f"{call}: expected ValueError before the network is touched; it made a {contact}.",
        )


def test_the_platform_is_not_asked_for_a_malformed_argument():
    class Platform(SoundChain):
        async def get_balance(self, address):
            await self.context.api_client.get("/height")
            return await super().get_balance(address)

    fails(
        "CHAIN-02",
        Platform,
        "get_balance(address=''): expected ValueError before the network is touched; it made a "
        "request of /height to the platform.",
    )


def test_what_another_task_of_the_plugin_does_meanwhile_is_not_counted():
    class Polling(SoundChain):
        async def start(self):
            self.task = asyncio.create_task(self.poll())
            return True

        async def poll(self):
            while True:
                try:
                    await speak()
                except OSError:
                    await asyncio.sleep(0.001)

        async def stop(self):
            self.task.cancel()
            return True

        async def get_balance(self, address):
            await asyncio.sleep(0.01)
            return await super().get_balance(address)

    passes("CHAIN-02", Polling)


def test_a_plugin_that_looks_for_its_connection_first_needs_one():
    class Connected(SoundChain):
        async def get_balance(self, address):
            raise ConnectionError("no node is connected")

    is_not_applicable(
        "CHAIN-02", Connected, "get_balance() looks for its connection first; needs one."
    )


def test_a_transaction_lacks_nothing():
    class Trusting(SoundChain):
        async def send_transaction(self, tx_data):
            self.check_address(tx_data["to"])
            return "f00d"

    fails(
        "CHAIN-03",
        Trusting,
        "send_transaction(tx_data={}): expected ValueError; it raised KeyError: 'to'.",
    )


class Generous(SoundChain):
    """Takes some amounts that are none."""

    amounts = ()

    def read_amount(self, amount):
        kind = type(amount).__name__
        if (kind, str(amount)) in self.amounts:
            return Decimal(1)
        return super().read_amount(amount)


@pytest.mark.parametrize(
    "amount",
    [
        True,
        "",
        "many",
        [],
        -1,
        -0.5,
        "-1",
        float("nan"),
        float("inf"),
        "NaN",
        Decimal("NaN"),
        Decimal("-0.01"),
    ],
    ids=repr,
)
def test_an_impossible_amount_is_refused(amount, monkeypatch):
    monkeypatch.setattr(Generous, "amounts", {(type(amount).__name__, str(amount))})
    result = tried("CHAIN-03", Generous, samples=SAMPLES)
    assert f"'amount': {amount!r}}}): expected ValueError; it returned" in result.detail
    fails("CHAIN-03", Generous, result.detail, samples=SAMPLES)


def test_a_receiver_is_checked_like_any_address():
    class Anybody(SoundChain):
        def check_address(self, address):
            if address is None:
                raise ValueError("no receiver")

    result = tried("CHAIN-03", Anybody)
    assert result.detail.startswith(
        "send_transaction(tx_data={'to': '', 'amount': 1}): expected ValueError; it returned '"
    )


UNSEEN = (
    "needs samples={'address': ...}: without one, no amount is looked at; what could be tried was "
    "refused."
)


@pytest.mark.parametrize("plugin", [SoundChain, Generous], ids=["sound", "generous"])
def test_without_a_good_address_nobody_knows_whether_a_bad_amount_is_refused(plugin):
    is_not_applicable("CHAIN-03", plugin, UNSEEN)


def test_a_good_transaction_gives_a_hash():
    class Mute(SoundChain):
        async def send_transaction(self, tx_data):
            await super().send_transaction(tx_data)

    is_not_applicable("CHAIN-03", Mute, UNSEEN)  # none is sent
    fails(
        "CHAIN-03",
        Mute,
        "send_transaction(tx_data={'to': 'tc1a0b1c2d3', 'amount': 1}): expected the transaction's "
        "hash, got None.",
        samples=SAMPLES,
    )


def sent(plugin, *, network=False):
    """Return what becomes of a good transaction."""

    async def main(trial):
        await trial.load()
        await trial.start()
        return await trial.transaction({"to": ADDRESS, "amount": 1}, network=network)

    return Trial.run(plugin, main)


def test_nothing_is_paid_where_a_network_is_there_without_being_provided():
    class Wallet(SoundChain):
        paid: ClassVar[list[str]] = []

        async def start(self):
            with socket.create_server(("127.0.0.1", 0)) as node:
                self.connection = socket.create_connection(node.getsockname())
            return True

        async def stop(self):
            self.connection.close()
            return True

        async def send_transaction(self, tx_data):
            self.paid.append(await super().send_transaction(tx_data))
            return self.paid[-1]

    passes("CHAIN-03", Wallet, samples=SAMPLES)
    assert Wallet.paid == []
    assert sent(Wallet, network=True) == Wallet.paid[0]


@pytest.mark.parametrize(("provides", "few"), [({"network"}, True), ((), False)])
def test_few_transactions_are_paid_for_where_a_network_is_provided(provides, few):
    sent = []

    class Paying(SoundChain):
        async def send_transaction(self, tx_data):
            sent.append(await super().send_transaction(tx_data))
            return sent[-1]

    passes("CHAIN-03", Paying, samples=SAMPLES, provides=provides)
    assert (len(sent) == 2) is few


def test_a_transaction_that_nobody_takes_is_no_violation_without_a_network():
    passes("CHAIN-03", Remote, samples=SAMPLES)
    with pytest.raises(Wrong, match="raised ConnectionRefusedError"):
        sent(Remote, network=True)


def test_a_transaction_that_nobody_takes_is_a_violation_where_a_network_is_provided():
    result = tried("CHAIN-03", Remote, samples=SAMPLES, provides={"network"}, examples=5)
    assert result.detail.startswith("send_transaction() raised ConnectionRefusedError: ")
    fails("CHAIN-03", Remote, result.detail, samples=SAMPLES, provides={"network"}, examples=5)


# What is generated.


def test_each_generated_fault_is_one_for_the_sound_plugin():
    chain = SoundChain(None)
    for address in malformed_addresses(ADDRESS):
        with pytest.raises(ValueError, match="expected"):
            chain.check_address(address)
    for tx_data in malformed_transactions({"to": ADDRESS, "amount": 1}):
        with pytest.raises(ValueError, match="expected"):
            asyncio.run(chain.send_transaction(tx_data))


def test_what_is_generated_without_a_sample_is_generated_with_one_too():
    for malformed, sound in (
        (malformed_addresses, ADDRESS),
        (malformed_transactions, {"to": ADDRESS, "amount": 1}),
    ):
        assert all(case in malformed(sound) for case in malformed())
        assert len(malformed(sound)) > len(malformed())


def test_a_transaction_of_other_keys_is_not_taken_for_one_that_lacks_something():
    sent = []

    class Odd(SoundChain):
        async def send_transaction(self, tx_data):
            if "receiver" in tx_data:
                sent.append(tx_data)
                return "f00d"
            raise ValueError("receiver: missing")

    odd = {"tx_data": st.just({"receiver": ADDRESS, "value": 1})}
    assert tried("CHAIN-03", Odd, samples=odd).outcome is Outcome.PASS
    assert all(tx_data == {"receiver": ADDRESS, "value": 1} for tx_data in sent)
