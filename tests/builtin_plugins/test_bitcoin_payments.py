from __future__ import annotations

import asyncio
import logging
from decimal import Decimal

import pytest
from bitcoin_fake_node import ADDRESS, TXID, FakeNode, Fault, context, frame, never, sends
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.errors import (
    InsufficientFundsError,
    InvalidAddressError,
    MalformedError,
    NodeTimeoutError,
    UnclearOutcomeError,
)
from aitbc_builtin_plugins.bitcoin.payments import Payment, pay
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin
from aitbc_builtin_plugins.bitcoin.rpc import RPCClient
from aitbc_builtin_plugins.bitcoin.settings import Settings

LOGGER = logging.getLogger("test.bitcoin")
GOOD = {"to": ADDRESS, "amount": "0.015"}

JUNK = st.one_of(
    st.none(),
    st.booleans(),
    st.floats(),
    st.text(max_size=20),
    st.integers(max_value=0),
    st.integers(min_value=21_000_001),
    st.decimals(max_value=0),
    st.decimals(min_value=21_000_001),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=2),
).filter(lambda value: not (isinstance(value, str) and value.strip("0.").isdigit()))
MALFORMED = st.one_of(
    st.builds(lambda value: GOOD | {"amount": value}, JUNK),
    st.builds(lambda value: GOOD | {"to": value}, JUNK),
    st.builds(
        lambda value: GOOD | {"comment": value}, JUNK.filter(lambda v: not isinstance(v, str))
    ),
    st.builds(lambda v: GOOD | {"subtract_fee": v}, JUNK.filter(lambda v: not isinstance(v, bool))),
    st.builds(
        lambda key, value: GOOD | {key: value},
        st.text().filter(lambda key: key not in ("to", "amount", "comment", "subtract_fee")),
        JUNK,
    ),
    st.sampled_from([{}, {"to": ADDRESS}, {"amount": 1}, GOOD | {"comment": "x" * 1001}]),
    st.just(GOOD | {"comment": "\ud800"}),
    JUNK,
)


def paying(scenario, **config):
    """Run ``scenario(node, client)`` with a node that accepts payments."""

    async def main():
        async with FakeNode() as node:
            settings = Settings.from_config({"rpc_url": node.url, "timeout": 5} | config)
            await scenario(node, RPCClient(settings))

    asyncio.run(main())


@settings(deadline=None)
@given(MALFORMED)
def test_malformed_data_never_reaches_the_network(tx_data):
    async def main():
        async with FakeNode() as node:
            plugin = BitcoinPlugin(context({"rpc_url": node.url}))
            await plugin.initialize()
            await plugin.start()
            node.seen.clear()
            with pytest.raises(ValueError, match=r"."):
                await plugin.send_transaction(tx_data)
            assert node.seen == []
            await plugin.stop()

    asyncio.run(main())


def test_the_message_names_the_key():
    for key, value in {"to": "x", "amount": 1.5, "comment": 5, "subtract_fee": 1, "fee": 1}.items():
        name = {"to": "address"}.get(key, key)
        with pytest.raises(MalformedError, match=name):
            Payment.from_tx_data(GOOD | {key: value})
    with pytest.raises(MalformedError, match="amount is missing"):
        Payment.from_tx_data({"to": ADDRESS})


def test_a_payment_is_sent_as_asked_and_its_id_returned():
    async def scenario(node, client):
        payment = Payment.from_tx_data(GOOD | {"comment": "rent ü", "subtract_fee": True})
        assert await pay(client, payment, LOGGER) == TXID
        assert node.methods() == ["validateaddress", "sendtoaddress"]
        assert node.seen[-1].path == "/wallet/w"
        assert node.seen[-1].payload["params"] == {
            "address": ADDRESS,
            "amount": Decimal("0.01500000"),
            "comment": "rent ü",
            "subtractfeefromamount": True,
        }

    paying(scenario, wallet="w")


@pytest.mark.parametrize("answer", [{"isvalid": False}, {}, None, {"isvalid": "yes"}])
def test_an_address_of_another_network_is_a_value_error_and_nothing_is_sent(answer):
    async def scenario(node, client):
        node.answers["validateaddress"] = answer
        with pytest.raises(InvalidAddressError) as caught:
            await pay(client, Payment.from_tx_data(GOOD), LOGGER)
        assert isinstance(caught.value, ValueError)
        assert node.methods() == ["validateaddress"]

    paying(scenario)


def test_an_empty_wallet_is_its_own_error():
    async def scenario(node, client):
        node.answers["sendtoaddress"] = Fault(-6, "Insufficient funds")
        with pytest.raises(InsufficientFundsError):
            await pay(client, Payment.from_tx_data(GOOD), LOGGER)

    paying(scenario)


OUTCOMES = {
    "the connection ends": sends(b""),
    "the answer breaks off": sends(frame(b'{"result":"')[:-4]),
    "no answer": never,
    "no transaction id": None,
    "HTTP 504": sends(frame(b"", "504 Gateway Timeout")),
}


@pytest.mark.parametrize("outcome", OUTCOMES.values(), ids=OUTCOMES.keys())
def test_after_an_unclear_outcome_the_error_says_so_and_nothing_is_sent_again(outcome):
    async def scenario(node, client):
        node.answers["sendtoaddress"] = outcome
        with pytest.raises(UnclearOutcomeError, match="may have been sent; look at listtransact"):
            await pay(client, Payment.from_tx_data(GOOD), LOGGER)
        assert node.methods().count("sendtoaddress") == 1

    paying(scenario, timeout=0.1 if outcome is never else 5)


def test_a_failure_before_the_payment_is_not_unclear():
    async def scenario(node, client):
        node.answers["validateaddress"] = never
        with pytest.raises(NodeTimeoutError):
            await pay(client, Payment.from_tx_data(GOOD), LOGGER)
        assert "sendtoaddress" not in node.methods()

    paying(scenario, timeout=0.1)


def test_a_payment_that_is_cancelled_on_its_way_is_logged_and_not_sent_again(caplog):
    async def scenario(node, client):
        arrived = asyncio.Event()

        async def swallow(writer, payload):
            arrived.set()
            await never(writer, payload)

        node.answers["sendtoaddress"] = swallow
        paying_task = asyncio.create_task(pay(client, Payment.from_tx_data(GOOD), LOGGER))
        await arrived.wait()
        paying_task.cancel()
        await asyncio.wait({paying_task})
        assert paying_task.cancelled()
        assert node.methods().count("sendtoaddress") == 1

    paying(scenario)
    assert "may have been sent" in caplog.text
