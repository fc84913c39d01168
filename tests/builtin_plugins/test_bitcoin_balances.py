from __future__ import annotations

import asyncio
from decimal import Decimal

import pytest
from bitcoin_fake_node import ADDRESS, Computed, FakeNode, Fault, frame, never
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.amounts import from_satoshis
from aitbc_builtin_plugins.bitcoin.balances import read_balance
from aitbc_builtin_plugins.bitcoin.errors import (
    InvalidAddressError,
    NodeTimeoutError,
    ProtocolError,
    RPCError,
)
from aitbc_builtin_plugins.bitcoin.rpc import RPCClient
from aitbc_builtin_plugins.bitcoin.settings import Settings


def found(*outputs, height=100):
    """The node's answer, with amounts as the JSON numbers that a node writes."""
    unspents = ",".join(f'{{"amount":{amount:f},"height":{at}}}' for amount, at in outputs)
    text = f'{{"result":{{"height":{height},"unspents":[{unspents}]}},"error":null,"id":1}}'
    return frame(text.encode())


def balance(answer, confirmations=1, within=5):
    """Return the balance from a scan that is answered so, and the methods' parameters."""

    async def main():
        async with FakeNode() as node:

            async def scan(writer, payload):
                if payload["params"][0] == "start":
                    await answer(writer, payload)
                else:
                    writer.write(frame(b'{"result":true,"error":null,"id":2}'))

            node.answers["scantxoutset"] = scan if callable(answer) else answer
            client = RPCClient(Settings(rpc_url=node.url))
            try:
                return await read_balance(
                    client, ADDRESS, confirmations=confirmations, within=within
                )
            finally:
                asked.extend(seen.payload["params"] for seen in node.seen)

    asked = []
    try:
        return asyncio.run(main()), asked
    except BaseException as error:
        error.asked = asked
        raise


def says(data):
    async def behave(writer, _):
        writer.write(data)

    return behave


@settings(deadline=None)
@given(st.lists(st.integers(0, 10**15), max_size=20))
def test_a_balance_is_the_exact_sum_of_the_outputs(satoshis):
    answer = says(found(*((from_satoshis(amount), 100) for amount in satoshis)))
    result, asked = balance(answer)
    assert result == Decimal(sum(satoshis)) / 10**8
    assert asked == [["start", [f"addr({ADDRESS})"]]]


@pytest.mark.parametrize(
    ("confirmations", "expected"), [(1, 7), (2, 6), (6, 6), (7, 4), (101, 4), (102, 0)]
)
def test_an_output_counts_from_its_confirmations_on(confirmations, expected):
    answer = says(found((1, 100), (2, 95), (4, 0), height=100))
    assert balance(answer, confirmations)[0] == expected


@pytest.mark.parametrize(
    "answer",
    [
        None,
        {},
        {"unspents": [{"amount": 1, "height": 1}]},
        {"unspents": [{"amount": "1"}], "height": 5},
        {"unspents": [{"amount": -1, "height": 1}], "height": 5},
        {"unspents": [{"amount": [], "height": 1}], "height": 5},
        {"unspents": 5, "height": 5},
    ],
)
def test_an_answer_of_unknown_form_is_a_protocol_error(answer):
    with pytest.raises(ProtocolError, match="scantxoutset"):
        balance(answer)


def test_what_the_node_refuses_is_its_error():
    with pytest.raises(InvalidAddressError):
        balance(Fault(-5, "Address is not valid"))
    with pytest.raises(RPCError, match="in progress"):
        balance(Fault(-8, "Scan already in progress"))


def test_a_scan_that_takes_too_long_is_called_off_at_the_node():
    with pytest.raises(NodeTimeoutError) as caught:
        balance(never, within=0.05)
    assert [params[0] for params in caught.value.asked] == ["start", "abort"]


def test_a_scan_that_is_cancelled_is_called_off_at_the_node():
    async def main():
        async with FakeNode() as node:
            started = asyncio.Event()

            async def scan(writer, payload):
                if payload["params"] == ["abort"]:
                    writer.write(frame(b'{"result":true,"error":null,"id":2}'))
                else:
                    started.set()
                    await never(writer, payload)

            node.answers["scantxoutset"] = scan
            client = RPCClient(Settings(rpc_url=node.url))
            reading = asyncio.create_task(read_balance(client, ADDRESS, confirmations=1, within=60))
            await started.wait()
            reading.cancel()
            await asyncio.wait({reading})
            assert reading.cancelled()
            assert [seen.payload["params"][0] for seen in node.seen] == ["start", "abort"]

    asyncio.run(main())


def test_an_amount_as_a_string_is_not_a_nodes_amount():
    with pytest.raises(ProtocolError):
        balance(Computed(lambda _: {"unspents": [{"amount": None, "height": 1}], "height": 5}))
