from __future__ import annotations

import asyncio
import inspect
import json
import logging
from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from bitcoin_fake_node import (
    ADDRESS,
    TXID,
    Bus,
    Computed,
    FakeNode,
    Fault,
    basic,
    becomes,
    context,
    until,
    watching_tasks,
)

import aitbc_hookspecs.blockchain as hookspecs
from aitbc.plugins import PluginStatus
from aitbc_builtin_plugins.bitcoin import plugin as plugin_module
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin

ROOM = Path(plugin_module.__file__).parent
CANARY = "canary-5up3r-53cr3t"
CALLS = {
    "get_balance": (ADDRESS,),
    "send_transaction": ({"to": ADDRESS, "amount": 1},),
    "get_contract_events": ("*", ""),
}


def active(scenario, *, away=False, bus=None, **config):
    """Run ``scenario(node, plugin)`` with the plugin in the state ACTIVE."""

    async def main():
        async with FakeNode() as node:
            defaults = {"rpc_url": node.url, "timeout": 5, "poll_interval": 0.01}
            plugin = BitcoinPlugin(context(defaults | config, bus))
            if away:
                await node.stop()
            assert await plugin.initialize() is True
            assert await plugin.start() is True
            plugin.status = PluginStatus.ACTIVE
            try:
                await scenario(node, plugin)
            finally:
                assert await plugin.stop() is True
                plugin.status = PluginStatus.INACTIVE
                assert await plugin.cleanup() is True
        assert watching_tasks() == []

    asyncio.run(main())


def test_the_schema_is_the_file():
    schema = BitcoinPlugin(context({})).get_config_schema()
    assert schema == json.loads((ROOM / "config_schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["connect", *CALLS])
def test_the_methods_have_the_arguments_of_their_hookspecs(name):
    expected = list(inspect.signature(getattr(hookspecs, name)).parameters.values())
    actual = list(inspect.signature(getattr(BitcoinPlugin, name)).parameters.values())[1:]
    assert [(p.name, p.default) for p in actual] == [(p.name, p.default) for p in expected]


def test_with_a_node_the_health_is_the_lifecycles_and_tells_of_the_node():
    async def scenario(_, plugin):
        health = await plugin.health_check()
        default = {"status": "active", "uptime": None, "memory_usage": 0, "error_count": 0}
        about = {"node": "/Fake:1.0.0/", "chain": "regtest", "height": 100, "syncing": False}
        assert health == default | about
        json.dumps(health)

    active(scenario)


def test_without_a_node_the_plugin_starts_and_is_degraded_with_the_reason():
    async def scenario(_, plugin):
        health = await plugin.health_check()
        assert health.keys() == {"status", "uptime", "memory_usage", "error_count", "reason"}
        assert health["status"] == "degraded"
        assert "Connection refused" in health["reason"]
        json.dumps(health)

    active(scenario, away=True)


def test_only_an_active_plugin_is_degraded():
    async def scenario(_, plugin):
        for status in set(PluginStatus) - {PluginStatus.ACTIVE}:
            plugin.status = status
            assert (await plugin.health_check())["status"] == status.value

    active(scenario, away=True)


def test_a_node_that_goes_and_comes_back_changes_the_health_both_times():
    async def scenario(node, plugin):
        await node.stop()
        await becomes(plugin, "degraded")
        assert (await plugin.health_check())["reason"]
        await node.start()
        await becomes(plugin, "active")
        assert "reason" not in await plugin.health_check()

    active(scenario)


def test_a_node_that_warms_up_is_waited_for():
    async def scenario(node, plugin):
        healthy = node.answers["getblockchaininfo"]
        node.answers["getblockchaininfo"] = Fault(-28, "Verifying blocks…")
        await becomes(plugin, "degraded")
        assert "Verifying blocks" in (await plugin.health_check())["reason"]
        node.answers["getblockchaininfo"] = healthy
        await becomes(plugin, "active")

    active(scenario)


@pytest.mark.parametrize(("method", "arguments"), CALLS.items())
def test_while_disconnected_a_call_is_refused_at_once_with_the_reason(method, arguments):
    async def scenario(_, plugin):
        with pytest.raises(ConnectionError, match=r"No Bitcoin node is connected: .*refused"):
            await getattr(plugin, method)(*arguments)

    active(scenario, away=True)


@pytest.mark.parametrize(("method", "arguments"), CALLS.items())
def test_before_and_after_its_life_a_call_is_refused(method, arguments):
    plugin = BitcoinPlugin(context({}))
    with pytest.raises(ConnectionError, match="not initialised"):
        asyncio.run(getattr(plugin, method)(*arguments))

    async def stopped():
        await plugin.initialize()
        await plugin.start()
        await plugin.stop()
        with pytest.raises(ConnectionError, match="stopped"):
            await getattr(plugin, method)(*arguments)

    asyncio.run(stopped())


@pytest.mark.parametrize(
    ("method", "arguments"),
    [("get_balance", ("x",)), ("send_transaction", ({},)), ("get_contract_events", ("x", ""))],
)
def test_malformed_arguments_are_value_errors_with_and_without_a_node(method, arguments):
    async def scenario(node, plugin):
        node.seen.clear()
        with pytest.raises(ValueError, match=r"."):
            await getattr(plugin, method)(*arguments)
        assert node.seen == []

    active(scenario, poll_interval=3600)
    active(scenario, away=True)


def test_a_balance_says_what_it_is():
    async def scenario(node, plugin):
        unspents = [{"amount": 2, "height": 95}, {"amount": 1, "height": 96}]
        node.answers["scantxoutset"] = {"height": 100, "unspents": unspents}
        assert await plugin.get_balance(ADDRESS) == {
            "address": ADDRESS,
            "balance": Decimal("2.00000000"),
            "unit": "BTC",
            "confirmations": 6,
            "source": "utxo-set",
        }

    active(scenario, confirmations=6)


def test_balances_asked_for_together_are_scanned_one_after_another():
    async def scenario(node, plugin):
        scans = 0

        def scan(_):
            return {"height": 100, "unspents": []} if scans == 1 else Fault(-8, "in progress")

        async def slow(writer, payload):
            nonlocal scans
            scans += 1
            await asyncio.sleep(0)
            answer = node._one(payload | {"method": "scan"})
            scans -= 1
            body = json.dumps(answer).encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))

        node.answers["scan"] = Computed(scan)
        node.answers["scantxoutset"] = slow
        results = await asyncio.gather(*(plugin.get_balance(ADDRESS) for _ in range(5)))
        assert [result["balance"] for result in results] == [0] * 5

    active(scenario)


def test_a_payment_and_events_go_through():
    async def scenario(node, plugin):
        block = {
            "hash": "h",
            "tx": [{"txid": "t", "vout": [{"n": 0, "scriptPubKey": {"hex": "6a0161"}}]}],
        }
        node.answers |= {"getblockcount": 0, "getblockhash": "h", "getblock": block}
        assert await plugin.send_transaction({"to": ADDRESS, "amount": "0.1"}) == TXID
        events = await plugin.get_contract_events("*", "a")
        assert [(event["block"], event["text"]) for event in events] == [(0, "a")]

    active(scenario)


def test_the_number_of_blocks_for_one_call_is_the_settings():
    async def scenario(_, plugin):
        with pytest.raises(ValueError, match="max_scan_blocks is 10; expected 91 to 100"):
            await plugin.get_contract_events("*", "")

    active(scenario, max_scan_blocks=10)


def test_a_new_tip_is_published():
    bus = Bus()

    async def scenario(node, _):
        node.set_tip(101, "bb" * 32)
        await until(lambda: bus.published)
        assert bus.published == [("blocks.new", {"height": 101, "hash": "bb" * 32})]

    active(scenario, bus=bus)


def test_a_bus_that_fails_is_logged_and_the_watch_goes_on(caplog):
    bus = Bus(RuntimeError("the bus is broken"))

    async def scenario(node, plugin):
        for height in (101, 102):
            node.set_tip(height, f"{height:064}")
            await until(lambda: bus.published and bus.published[-1][1]["height"] == height)  # noqa: B023
        assert (await plugin.health_check())["status"] == "active"

    active(scenario, bus=bus)
    assert "the bus is broken" in caplog.text


def test_without_a_bus_a_new_tip_is_only_noted():
    async def scenario(node, plugin):
        node.set_tip(101, "bb" * 32)
        await until(lambda: plugin._connection.node.height == 101)
        assert (await plugin.health_check())["height"] == 101

    active(scenario)


def test_connect_says_whether_the_node_answered():
    async def scenario(node, plugin):
        assert await plugin.connect({"rpc_url": node.url}) is True
        assert await plugin.connect({"rpc_url": "http://127.0.0.1:1"}) is False
        assert (await plugin.health_check())["status"] == "active"
        with pytest.raises(ValueError, match="unknown setting"):
            await plugin.connect({"url": node.url})

    active(scenario)


def test_connect_reaches_a_node_that_the_configuration_did_not():
    async def scenario(node, plugin):
        await node.start()
        assert await plugin.connect({"rpc_url": node.url}) is True
        await becomes(plugin, "active")

    active(scenario, away=True, rpc_url="http://127.0.0.1:1")


def test_malformed_settings_fail_initialize_and_cleanup_still_works():
    async def main():
        plugin = BitcoinPlugin(context({"rpc_user": "alone"}))
        with pytest.raises(ValueError, match="both or neither"):
            await plugin.initialize()
        assert await plugin.cleanup() is True

    asyncio.run(main())


def test_cleanup_ends_what_a_failed_stop_left():
    async def main():
        plugin = BitcoinPlugin(context({"rpc_url": "http://127.0.0.1:1"}))
        await plugin.initialize()
        await plugin.start()
        assert len(watching_tasks()) == 1
        assert await plugin.cleanup() is True
        assert watching_tasks() == []

    asyncio.run(main())


def test_a_stopped_plugin_can_start_again():
    async def scenario(_, plugin):
        await plugin.stop()
        await plugin.start()
        assert (await plugin.health_check())["status"] == "active"

    active(scenario)


@attrs.frozen
class Trouble:
    name: str
    authorization: str | None = None
    away: bool = False
    config: dict = attrs.Factory(dict)


TROUBLES = [
    Trouble("all is well", basic("user", CANARY)),
    Trouble("refused", basic("user", "another")),
    Trouble("away", away=True),
    Trouble("wrong protocol", config={"timeout": 0.1}),
]


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda trouble: trouble.name)
def test_the_password_is_seen_nowhere(trouble, caplog):
    traces = []

    async def scenario(node, plugin):
        node.authorization = trouble.authorization
        traces.append(repr(plugin._connection) + repr(vars(plugin._connection)))
        for method, arguments in CALLS.items():
            outcome = await asyncio.gather(
                getattr(plugin, method)(*arguments), return_exceptions=True
            )
            traces.append(repr(outcome) + str(outcome[0]))
        wrong = node.url.replace("http", "https") if trouble.config else node.url
        config = {"rpc_url": wrong, "rpc_user": "user", "rpc_password": CANARY} | trouble.config
        traces.append(repr(await plugin.connect(config)))
        traces.append(repr(await plugin.health_check()))

    with caplog.at_level(logging.DEBUG):
        active(scenario, away=trouble.away, rpc_user="user", rpc_password=CANARY)
    header = basic("user", CANARY).removeprefix("Basic ")
    for text in (*traces, caplog.text):
        assert CANARY not in text
        assert header not in text
