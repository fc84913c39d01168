"""Against a real node in regression-test mode: Bitcoin Core, or Debian's fork of it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest
from bitcoin_fake_node import Bus, becomes, context, until
from bitcoin_peer import PASSWORD, PROGRAMS, WALLET, Peer

from aitbc.plugins import PluginStatus
from aitbc_builtin_plugins.bitcoin.errors import (
    InsufficientFundsError,
    InvalidAddressError,
    UnauthorizedError,
    WalletNotFoundError,
)
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin

pytestmark = pytest.mark.peer(*PROGRAMS)


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """A node with cookie authentication, a wallet, and 101 blocks mined for it."""
    peer = Peer(tmp_path_factory.mktemp("node") / "data")
    try:
        peer.start()
        asyncio.run(furnish(peer))
        yield peer
    finally:
        peer.kill()


async def furnish(peer):
    await peer.client().write("createwallet", [WALLET])
    await mine(peer, 101)


async def mine(peer, blocks):
    wallet = peer.client(wallet=WALLET)
    address = await wallet.write("getnewaddress", ["", "legacy"])
    await wallet.write("generatetoaddress", [blocks, address])
    return address


@asynccontextmanager
async def active(peer, bus=None, **config):
    config = {"wallet": WALLET, "poll_interval": 0.05} | config
    plugin = BitcoinPlugin(context(peer.config(**config), bus))
    assert await plugin.initialize() is True
    assert await plugin.start() is True
    plugin.status = PluginStatus.ACTIVE
    try:
        yield plugin
    finally:
        assert await plugin.stop() is True
        assert await plugin.cleanup() is True


async def carry(peer, address, data):
    """Have the wallet send a transaction that pays `address` and carries `data`."""
    wallet = peer.client(wallet=WALLET)
    outputs = [{address: Decimal("0.001")}, {"data": data.hex()}]
    raw = await wallet.write("createrawtransaction", [[], outputs])
    funded = await wallet.write("fundrawtransaction", [raw])
    signed = await wallet.write("signrawtransactionwithwallet", [funded["hex"]])
    return await wallet.write("sendrawtransaction", [signed["hex"]])


def test_with_the_cookie_the_node_is_found_and_described(peer):
    async def main():
        async with active(peer) as plugin:
            health = await plugin.health_check()
            assert (health["status"], health["chain"]) == ("active", "regtest")
            assert health["height"] >= 101
            assert health["node"].startswith("/")

    asyncio.run(main())


def test_the_balance_of_a_mined_address_counts_confirmations(peer):
    async def main():
        address = await mine(peer, 2)
        for confirmations, expected in ((1, 100), (2, 50), (3, 0)):
            async with active(peer, confirmations=confirmations) as plugin:
                answer = await plugin.get_balance(address)
            assert answer["balance"] == expected
            assert isinstance(answer["balance"], Decimal)

    asyncio.run(main())


@pytest.mark.parametrize("kind", ["legacy", "p2sh-segwit", "bech32"])
def test_a_payment_arrives_to_the_last_satoshi(peer, kind):
    async def main():
        wallet = peer.client(wallet=WALLET)
        address = await wallet.write("getnewaddress", ["", kind])
        async with active(peer) as plugin:
            amount = Decimal("0.12345678")
            txid = await plugin.send_transaction(
                {"to": address, "amount": amount, "comment": "rent"}
            )
            assert (await plugin.get_balance(address))["balance"] == 0
            await mine(peer, 1)
            assert (await plugin.get_balance(address))["balance"] == amount
            sent = await wallet.write("gettransaction", [txid])
            assert (sent["txid"], sent["comment"]) == (txid, "rent")

    asyncio.run(main())


def test_the_receiver_pays_the_fee_when_asked(peer):
    async def main():
        address = await peer.client(wallet=WALLET).write("getnewaddress")
        async with active(peer) as plugin:
            await plugin.send_transaction({"to": address, "amount": 1, "subtract_fee": True})
            await mine(peer, 1)
            assert Decimal("0.9") < (await plugin.get_balance(address))["balance"] < 1

    asyncio.run(main())


def test_what_the_node_refuses_has_its_own_error(peer):
    async def main():
        address = await peer.client(wallet=WALLET).write("getnewaddress")
        foreign = "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa"
        async with active(peer) as plugin:
            with pytest.raises(InsufficientFundsError):
                await plugin.send_transaction({"to": address, "amount": 20_000_000})
            with pytest.raises(InvalidAddressError):
                await plugin.send_transaction({"to": foreign, "amount": 1})
            with pytest.raises(InvalidAddressError):
                await plugin.get_balance(foreign)
            with pytest.raises(InvalidAddressError):
                await plugin.get_contract_events(foreign, "")
        async with active(peer, wallet="no such wallet") as plugin:
            with pytest.raises(WalletNotFoundError):
                await plugin.send_transaction({"to": address, "amount": 1})

    asyncio.run(main())


def test_events_are_the_data_beside_a_payment_and_ranges_compose(peer):
    async def main():
        wallet = peer.client(wallet=WALLET)
        address, other = [await wallet.write("getnewaddress") for _ in range(2)]
        txids, heights = [], []
        for number, (to, data) in enumerate(
            [(address, b"vote:1"), (other, b"vote:2"), (address, b"x" * 78), (address, b"vote:3")]
        ):
            txids.append(await carry(peer, to, data))
            await mine(peer, 1 + number % 2)
            heights.append(await wallet.call("getblockcount") - number % 2)
        async with active(peer) as plugin:
            votes = await plugin.get_contract_events(address, "vote:")
            places = [(vote["block"], vote["transaction"], vote["text"]) for vote in votes]
            assert places == [(heights[0], txids[0], "vote:1"), (heights[3], txids[3], "vote:3")]
            assert votes[0]["block_hash"] == await wallet.call("getblockhash", [heights[0]])
            everyones = await plugin.get_contract_events("*", "vote:")
            assert [vote["text"] for vote in everyones] == ["vote:1", "vote:2", "vote:3"]
            everything = await plugin.get_contract_events(address, "")
            assert [bytes.fromhex(event["data"]) for event in everything] == [
                b"vote:1",
                b"x" * 78,
                b"vote:3",
            ]
            for start in range(heights[0], heights[3] + 2):
                rest = await plugin.get_contract_events(address, "", start)
                assert rest == [event for event in everything if event["block"] >= start]

    asyncio.run(main())


def test_a_mined_block_is_published(peer):
    async def main():
        bus = Bus()
        async with active(peer, bus):
            await mine(peer, 1)
            await until(lambda: bus.published)
            name, data = bus.published[0]
            assert name == "blocks.new"
            assert data["hash"] == await peer.client().call("getblockhash", [data["height"]])

    asyncio.run(main())


def test_a_node_that_is_killed_and_restarted_is_found_again_with_its_new_cookie(peer):
    async def main():
        async with active(peer) as plugin:
            cookie = peer.cookie_file.read_text()
            peer.kill()
            await becomes(plugin, "degraded")
            assert (await plugin.health_check())["reason"]
            with pytest.raises(ConnectionError):
                await plugin.get_balance("mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn")
            peer.spawn()
            await becomes(plugin, "active")
            assert peer.cookie_file.read_text() != cookie
            await peer.client().write("loadwallet", [WALLET])
            address = await peer.client(wallet=WALLET).write("getnewaddress")
            assert await plugin.send_transaction({"to": address, "amount": 1})

    asyncio.run(main())


def test_a_password_lets_in_and_a_wrong_one_is_a_reason(tmp_path):
    peer = Peer(tmp_path / "data", password=PASSWORD)
    try:
        peer.start()

        async def main():
            async with active(peer) as plugin:
                assert (await plugin.health_check())["status"] == "active"
                wrong = peer.config(rpc_password="wrong")
                assert await plugin.connect(wrong) is False
                assert (await plugin.health_check())["status"] == "active"
            async with active(peer, rpc_password="wrong") as plugin:
                health = await plugin.health_check()
                assert health["status"] == "degraded"
                assert "rpc_password" in health["reason"]
                with pytest.raises(UnauthorizedError):
                    await peer.client(rpc_password="wrong").call("getblockcount")

        asyncio.run(main())
    finally:
        peer.kill()
