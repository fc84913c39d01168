from __future__ import annotations

import asyncio

import pytest
from bitcoin_fake_node import ADDRESS, Computed, FakeNode, Fault
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.errors import (
    InvalidAddressError,
    MalformedError,
    ProtocolError,
    RPCError,
)
from aitbc_builtin_plugins.bitcoin.events import Query, carried_data, read_events
from aitbc_builtin_plugins.bitcoin.rpc import RPCClient
from aitbc_builtin_plugins.bitcoin.settings import Settings

SCRIPT = "0014ab"
OTHER = "0014cd"


def push(data):
    """Push bytes in the shortest way, as wallets do; all ways are tried below."""
    if len(data) <= 0x4B:
        return bytes([len(data)]) + data
    if len(data) <= 0xFF:
        return b"\x4c" + bytes([len(data)]) + data
    return b"\x4d" + len(data).to_bytes(2, "little") + data


def op_return(data):
    return (b"\x6a" + push(data)).hex()


class Chain:
    """Blocks as a node tells them; block n has the transactions ``blocks[n]``, lists of scripts."""

    def __init__(self, blocks, fork="main"):
        self._fork = fork
        self.blocks = blocks

    def hash(self, height):
        return f"{self._fork}-{height}"

    def block(self, block_hash):
        height = int(block_hash.rpartition("-")[2])
        transactions = [
            {
                "txid": f"tx-{height}-{number}",
                "vout": [
                    {"n": n, "scriptPubKey": {"hex": script}} for n, script in enumerate(scripts)
                ],
            }
            for number, scripts in enumerate(self.blocks[height])
        ]
        block = {"hash": block_hash, "tx": transactions}
        return block | ({"previousblockhash": self.hash(height - 1)} if height else {})

    def serve(self, node):
        node.answers["getblockhash"] = Computed(lambda params: self.hash(params[0]))
        node.answers["getblock"] = Computed(lambda params: self.block(params[0]))


def reading(blocks, scenario):
    async def main():
        async with FakeNode() as node:
            Chain(blocks).serve(node)
            node.answers["validateaddress"] = {"isvalid": True, "scriptPubKey": SCRIPT}
            return await scenario(node, RPCClient(Settings(rpc_url=node.url)))

    return asyncio.run(main())


def events(blocks, address="*", tag="", first=0, *, max_blocks=1000):
    async def scenario(_, client):
        query = Query.of(address, tag, first)
        return await read_events(client, query, last_block=len(blocks) - 1, max_blocks=max_blocks)

    return reading(blocks, scenario)


@settings(deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=4))
def test_carried_data_is_what_the_script_pushes(parts):
    assert carried_data(b"\x6a" + b"".join(map(push, parts))) == b"".join(parts)


@settings(deadline=None)
@given(st.binary(min_size=1, max_size=60))
def test_each_way_to_push_carries_the_same_data(data):
    size = len(data)
    pushes = [push(data)] + [
        bytes([opcode]) + size.to_bytes(width, "little") + data
        for opcode, width in ((0x4C, 1), (0x4D, 2), (0x4E, 4))
    ]
    assert {carried_data(b"\x6a" + pushed) for pushed in pushes} == {data}
    assert all(carried_data(b"\x6a" + pushed[:-1]) is None for pushed in pushes)


@settings(deadline=None)
@given(st.binary(max_size=60))
def test_any_script_is_judged_without_an_error(script):
    data = carried_data(script)
    assert data is None or (script[:1] == b"\x6a" and len(data) < len(script))


@pytest.mark.parametrize(
    ("script", "data"),
    [
        ("", None),
        ("51", None),
        ("6a", b""),
        ("6a00", b""),
        ("6a4f", b"\x81"),
        ("6a51", b"\x01"),
        ("6a60", b"\x10"),
        ("6a61", None),
        ("6a50", None),
        ("6aac", None),
        ("6a0261", None),
        ("6a4e01000000", None),
        ("6a4d01", None),
    ],
)
def test_small_numbers_are_data_and_other_operations_are_not(script, data):
    assert carried_data(bytes.fromhex(script)) == data


BLOCKS = [
    [],
    [[SCRIPT, op_return(b"vote:yes")], [OTHER, op_return(b"vote:no")]],
    [[op_return(b"other"), SCRIPT, op_return(b"vote:\xff")]],
    [[OTHER]],
]


def test_events_tell_where_they_stand_and_what_they_carry():
    assert events(BLOCKS, ADDRESS, "vote:") == [
        {
            "block": 1,
            "block_hash": "main-1",
            "transaction": "tx-1-0",
            "output": 1,
            "data": b"vote:yes".hex(),
            "text": "vote:yes",
        },
        {
            "block": 2,
            "block_hash": "main-2",
            "transaction": "tx-2-0",
            "output": 2,
            "data": b"vote:\xff".hex(),
            "text": None,
        },
    ]


@pytest.mark.parametrize(
    ("address", "tag", "texts"),
    [
        ("*", "", ["vote:yes", "vote:no", "other", None]),
        ("*", "vote:", ["vote:yes", "vote:no", None]),
        (ADDRESS, "", ["vote:yes", "other", None]),
        ("*", "vote:n", ["vote:no"]),
        ("*", "absent", []),
    ],
)
def test_address_and_tag_select(address, tag, texts):
    assert [event["text"] for event in events(BLOCKS, address, tag)] == texts


SCRIPTS = st.sampled_from([SCRIPT, OTHER, op_return(b"a"), op_return(b"ab"), "6aac"])
CHAINS = st.lists(
    st.lists(st.lists(SCRIPTS, min_size=1, max_size=3), max_size=3), min_size=1, max_size=6
)


@settings(deadline=None)
@given(CHAINS, st.sampled_from(["*", ADDRESS]), st.sampled_from(["", "a", "ab"]), st.data())
def test_events_of_two_ranges_that_meet_are_the_events_of_both(blocks, address, tag, data):
    last = len(blocks) - 1
    first = data.draw(st.integers(0, last))
    middle = data.draw(st.integers(first, last))

    async def scenario(_, client):
        async def read(a, b):
            query = Query.of(address, tag, a)
            return await read_events(client, query, last_block=b, max_blocks=1000)

        whole = await read(first, last)
        assert whole == await read(first, middle) + await read(middle + 1, last)
        assert whole == sorted(whole, key=lambda event: event["block"])

    reading(blocks, scenario)


def test_the_blocks_of_one_answer_belong_to_one_chain_even_if_it_is_reorganised_meanwhile():
    async def scenario(node, client):
        old, new = Chain(BLOCKS, "old"), Chain([[[op_return(b"new")]]] * 4, "new")

        def block(params):
            new.serve(node)
            node.answers["getblock"] = Computed(block)
            return (old if params[0].startswith("old") else new).block(params[0])

        old.serve(node)
        node.answers["getblock"] = Computed(block)
        found = await read_events(client, Query.of("*", "", 0), last_block=3, max_blocks=9)
        assert {event["block_hash"] for event in found} == {"old-1", "old-2"}

    reading(BLOCKS, scenario)


def test_a_range_above_the_limit_is_refused_with_the_one_that_is_allowed():
    assert len(events(BLOCKS, max_blocks=4)) == 4
    with pytest.raises(MalformedError, match="max_scan_blocks is 3; expected 1 to 3"):
        events(BLOCKS, max_blocks=3)
    assert len(events(BLOCKS, first=1, max_blocks=3)) == 4


def test_from_beyond_the_tip_there_are_no_events():
    assert events(BLOCKS, first=4) == []
    assert events(BLOCKS, first=400) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("x", "", 0),
        (None, "", 0),
        (ADDRESS, None, 0),
        ("*", b"", 0),
        ("*", "", -1),
        ("*", "", True),
        ("*", "", "5"),
        ("*", "", 1.0),
    ],
)
def test_malformed_arguments_are_value_errors(arguments):
    with pytest.raises(MalformedError):
        Query.of(*arguments)


def test_no_first_block_is_the_first_of_the_chain():
    assert Query.of("*", "ü", None) == Query("*", "ü".encode(), 0)


def test_an_address_of_another_network_is_refused():
    async def scenario(node, client):
        node.answers["validateaddress"] = {"isvalid": False}
        with pytest.raises(InvalidAddressError):
            await read_events(client, Query.of(ADDRESS, "", 0), last_block=3, max_blocks=9)

    reading(BLOCKS, scenario)


def test_an_output_of_a_sidechain_has_no_script_and_no_event():
    async def scenario(node, client):
        output = {"n": 0, "ismweb": True}
        node.answers["getblock"] = {"hash": "h", "tx": [{"txid": "t", "vout": [output]}]}
        assert await read_events(client, Query.of("*", "", 0), last_block=0, max_blocks=9) == []

    reading(BLOCKS, scenario)


@pytest.mark.parametrize(
    "block",
    [
        None,
        {},
        {"tx": 5},
        {"hash": "h", "tx": [{"vout": [{"scriptPubKey": {"hex": "xyz"}}]}]},
        {"hash": "h", "tx": [{"vout": [{"scriptPubKey": None}]}]},
        {"hash": "h", "tx": []},
    ],
)
def test_a_block_of_unknown_form_is_a_protocol_error(block):
    async def scenario(node, client):
        node.answers["getblock"] = block
        with pytest.raises(ProtocolError, match="Block 3 "):
            await read_events(client, Query.of("*", "", 0), last_block=3, max_blocks=9)

    reading(BLOCKS, scenario)


def test_a_block_that_the_node_has_pruned_is_the_nodes_error():
    async def scenario(node, client):
        node.answers["getblock"] = Fault(-1, "Block not available (pruned data)")
        with pytest.raises(RPCError, match="pruned"):
            await read_events(client, Query.of("*", "", 0), last_block=3, max_blocks=9)

    reading(BLOCKS, scenario)
