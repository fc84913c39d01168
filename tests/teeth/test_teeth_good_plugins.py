"""Every good plugin lives in the real host, again and again, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import sys
from decimal import Decimal

import pytest
from corpus import good as enter
from corpus import load
from good_footprint import footprint, settled
from good_host import manager_of, succeed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

GOOD = {each.id: each for each in load()}
EVENTS = (
    ("user_login", {"user": "alice"}),
    ("transaction_completed", {"transaction_hash": "ab", "amount": 3}),
    ("order.created", {"id": 7, "amount": "12.50"}),
    ("job.new", {"id": "j1"}),
    ("job.done", {"id": "j1", "status": True}),
    ("blocks.new", {"height": 1, "extra": {"nested": [1, 2.5, None, "\u00e9\u2028"]}}),
    ("ask.question", {"text": None}),
)

# LegacyPluginAdapter says what its author should do; here that is known.
pytestmark = pytest.mark.filterwarnings("ignore:.*uses the legacy interface:DeprecationWarning")


def each_of(ids):
    return pytest.mark.parametrize("good", [GOOD[name] for name in ids], ids=ids)


every_plugin = each_of(list(GOOD))


@contextlib.contextmanager
def no_complaints():
    """Fail for what asyncio or the interpreter can only log: it was raised where nobody listens."""
    complaints = []
    before, sys.unraisablehook = sys.unraisablehook, lambda u: complaints.append(repr(u.exc_value))
    try:
        yield lambda loop, context: complaints.append(repr(context))
        gc.collect(1)
    finally:
        sys.unraisablehook = before
    assert complaints == []


def live(good, folder, scenario):
    """Run `scenario(manager)` and check that the process is then as it was."""

    async def main(complain):
        asyncio.get_running_loop().set_exception_handler(complain)
        before = footprint()
        await scenario(manager_of(good, folder))
        assert await settled(before) == {}

    with no_complaints() as complain:
        asyncio.run(main(complain))


async def broadcast(manager, good):
    for event_type, data in EVENTS:
        sent = json.dumps(data)
        await manager.broadcast_event(event_type, data)
        assert json.dumps(data) == sent
    await manager.events.settle(5)
    assert manager.report(good.id).events.failed == 0


def failures(manager, good, *, expected=None):
    """Return what the host has to say of the plugin; what it has left behind is a part of that."""
    failure = manager.report(good.id).failure
    if failure is None or failure.code == expected:
        return []
    return [str(failure)]


@every_plugin
def test_it_lives_twice_in_one_host(good, tmp_path):
    async def scenario(manager):
        await succeed(manager, good, "load", "start")
        first = manager.plugins[good.id]
        await broadcast(manager, good)
        await succeed(manager, good, "stop", "start")
        await broadcast(manager, good)
        await succeed(manager, good, "stop", "unload")
        assert failures(manager, good) == []
        await succeed(manager, good, "load", "start")
        handed_over = good.target is first
        assert (manager.plugins[good.id] is first) == handed_over
        await broadcast(manager, good)
        await succeed(manager, good, "unload")
        assert failures(manager, good) == []

    live(good, tmp_path, scenario)


@every_plugin
def test_it_can_be_unloaded_without_having_been_started(good, tmp_path):
    async def scenario(manager):
        await succeed(manager, good, "load", "unload")
        assert failures(manager, good) == []

    live(good, tmp_path, scenario)


async def cancelled(operation, tick):
    """Cancel an operation after so many turns of the loop; return whether it was over before."""
    task = asyncio.ensure_future(operation)
    for _ in range(tick):
        await asyncio.sleep(0)
    ended = task.done()
    task.cancel()
    async with asyncio.timeout(4):  # less than the host's grace
        await asyncio.wait({task})
    return ended


@pytest.mark.parametrize("operations", [("load",), ("load", "start"), ("load", "start", "stop")])
@every_plugin
def test_it_can_be_unloaded_after_it_was_cancelled_anywhere(good, operations, tmp_path):
    *before, last = operations

    async def scenario(manager):
        for tick in (2, 3, 4, 6, 9):
            await succeed(manager, good, *before)
            ended = await cancelled(getattr(manager, f"{last}_plugin")(good.id), tick)
            assert await manager.unload_plugin(good.id) is True, manager.report(good.id).failure
            assert failures(manager, good, expected="AITBC-L08") == []
            if ended:
                break

    live(good, tmp_path, scenario)


# The specialised interfaces.


async def as_a_model(plugin, able, sample):
    if "train" in able and "training_data" in sample:
        before = json.dumps(sample["training_data"])
        assert await plugin.train(sample["training_data"]) is True
        assert json.dumps(sample["training_data"]) == before
    answer = await plugin.predict(sample["input_data"])
    assert answer is None or json.loads(json.dumps(answer, allow_nan=False)) == answer
    with contextlib.suppress(ValueError):
        assert isinstance(await plugin.predict({"text": 1, "features": {}}), dict | None)


def as_described(plugin):
    info = plugin.get_model_info()
    assert json.loads(json.dumps(info)) == info == plugin.get_model_info()
    assert isinstance(info["name"], str)
    assert isinstance(info["trained"], bool)


async def as_a_chain(plugin, good, sample):
    assert await plugin.connect(sample["config"]) is ("network" in good.provides)
    for malformed in ("nonsense", "", "fc1"):
        with pytest.raises(ValueError, match="address"):
            await plugin.get_balance(malformed)
    for malformed in ({}, {"to": sample["address"]}, {"to": sample["address"], "amount": "-1"}):
        with pytest.raises(ValueError, match=r"address|amount|to"):
            await plugin.send_transaction(malformed)
    if "network" not in good.provides:
        with pytest.raises(ConnectionError):
            await plugin.get_balance(sample["address"])
        return
    balance = await plugin.get_balance(sample["address"])
    assert balance["address"] == sample["address"]
    assert isinstance(balance["balance"], Decimal)
    assert balance["balance"] >= 0
    assert isinstance(await plugin.send_transaction(sample["tx_data"]), str)
    which = (sample["contract_address"], sample["event_name"])
    events = await plugin.get_contract_events(*which)
    for first in (0, 1, 5, 100):
        tail = await plugin.get_contract_events(*which, first)
        assert tail == [event for event in events if event["block"] >= first]


@each_of([each.id for each in GOOD.values() if each.samples])
@given(data=st.data())
@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_its_specialised_methods_answer_as_the_interface_says(good, tmp_path, data):
    sample = data.draw(st.fixed_dictionaries(dict(good.samples)))

    async def scenario(manager):
        await succeed(manager, good, "load", "start")
        plugin = manager.plugin(good.id)
        able = dir(plugin)
        if "predict" in able:
            await as_a_model(plugin, able, sample)
        if "get_model_info" in able:
            as_described(plugin)
        if "connect" in able:
            await as_a_chain(plugin, good, sample)
        await succeed(manager, good, "unload")

    live(good, tmp_path, scenario)


@each_of(["stopwatch", "annotator", "async-spectator", "fallback", "redactor", "old-style"])
def test_a_wrapper_hands_on_what_other_plugins_answer_and_raise(good, tmp_path):
    async def scenario(manager):
        manager.register(GOOD["word-counter"].target, "word-counter")
        async with manager:
            (answer,) = await manager.hook.predict(input_data={"text": "a b a"})
            assert answer["words"] == 3
            assert await manager.plugin("word-counter").train([{"text": "a"}]) is True
            with pytest.raises(ValueError, match="text"):
                await manager.hook.predict(input_data={})
            (info,) = manager.hook.get_model_info()
            assert info["name"] == "word-counter"

    live(good, tmp_path, scenario)


# The corpus itself.


def test_there_are_enough_good_plugins_for_a_rate_of_false_alarms():
    assert len(GOOD) >= 100


def test_two_good_plugins_cannot_share_a_name():
    with pytest.raises(AssertionError, match="heartbeat"):
        enter.add(object(), id="heartbeat")
