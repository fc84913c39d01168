"""The checks of access to a blockchain."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
from decimal import Decimal

import pytest
from conformance_chains import ADDRESS, SAMPLES, Remote, look_up, speak
from conformance_trying import fails, is_not_applicable, passes, steps_of, tried
from hypothesis import strategies as st

from aitbc.plugins import hookimpl
from aitbc_builtin_plugins.bitcoin.plugin import BitcoinPlugin
from aitbc_hooks.testing.kit import CHECKS, Outcome, Trial
from aitbc_hooks.testing.kit.sound import Sound, SoundChain
from aitbc_hooks.testing.kit.trials.small_host import Wrong

CHAIN = [check for check in CHECKS if check.startswith("CHAIN-")]


# Which plugins the checks concern.


@pytest.mark.parametrize("check", CHAIN)
def test_a_sound_plugin_passes(check):
    passes(check, SoundChain, samples=SAMPLES)


@pytest.mark.parametrize(
    ("check", "hook"),
    [
        ("CHAIN-01", "get_balance"),
        ("CHAIN-02", "get_balance"),
        ("CHAIN-03", "send_transaction"),
        ("CHAIN-04", "get_contract_events"),
        ("CHAIN-05", "connect"),
    ],
)
def test_a_plugin_without_the_hook_is_no_concern(check, hook):
    is_not_applicable(check, Sound, f"it implements no {hook}().")


BITCOIN = st.just("1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2")


@pytest.mark.parametrize(
    ("check", "known"),
    [
        ("CHAIN-02", {}),
        ("CHAIN-02", {"address": BITCOIN}),
        ("CHAIN-03", {"address": BITCOIN}),
        ("CHAIN-05", {}),
    ],
)
def test_the_built_in_plugin_passes_without_a_node(check, known):
    nowhere = {"rpc_url": "http://127.0.0.1:1"}
    passes(check, BitcoinPlugin, config=nowhere, samples=known)


@pytest.mark.parametrize("check", ["CHAIN-01", "CHAIN-04"])
def test_what_needs_a_node_is_not_tried_on_the_built_in_plugin(check):
    nowhere = {"rpc_url": "http://127.0.0.1:1"}
    names = ("address", "contract_address", "event_name")
    result = tried(check, BitcoinPlugin, config=nowhere, samples=dict.fromkeys(names, BITCOIN))
    assert result.outcome is Outcome.NOT_APPLICABLE
    assert result.detail.startswith("it speaks to others (NotConnectedError: No Bitcoin node")


class Balances:
    """Implements one hook of the interface."""

    @hookimpl
    def get_balance(self, address):
        if address != "me":
            raise ValueError("address")
        return {"address": "me", "balance": Decimal(1), "unit": "X"}


def test_an_object_that_implements_one_hook_alone_passes():
    mine = {"address": st.just("me")}
    for check in ("CHAIN-01", "CHAIN-02"):
        passes(check, Balances(), samples=mine)
    is_not_applicable("CHAIN-03", Balances(), "it implements no send_transaction().")


@pytest.mark.parametrize(
    ("check", "names"),
    [("CHAIN-01", "'address': ..."), ("CHAIN-04", "'contract_address': ..., 'event_name': ...")],
)
def test_what_only_the_author_knows_is_asked_for(check, names):
    is_not_applicable(check, SoundChain, f"needs samples={{{names}}}.")


@pytest.mark.parametrize("check", ["CHAIN-02", "CHAIN-05"])
def test_the_others_need_no_samples(check):
    passes(check, SoundChain)


# CHAIN-01


def balance(answer):
    class Balance(SoundChain):
        async def get_balance(self, address):
            self.check_address(address)
            return answer

    return Balance


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Decimal(1), "expected a dict, got Decimal('1')."),
        (
            {"balance": Decimal(1), "unit": "TC"},
            "expected a text under 'address', got {'balance': Decimal('1'), 'unit': 'TC'}.",
        ),
        (
            {"address": ADDRESS, "balance": Decimal(1), "unit": ""},
            (
                "expected a text under 'unit', got {'address': 'tc1a0b1c2d3', 'balance': Decimal('1'), "
                "'unit': ''}."
            ),
        ),
        (
            {"address": ADDRESS, "unit": "TC"},
            "expected a Decimal under 'balance', got None.",
        ),
        (
            {"address": ADDRESS, "balance": 1, "unit": "TC"},
            "expected a Decimal under 'balance', got 1.",
        ),
        (
            {"address": ADDRESS, "balance": Decimal("-0.01"), "unit": "TC"},
            "expected a balance of 0 or more, got Decimal('-0.01').",
        ),
        (
            {"address": ADDRESS, "balance": Decimal("sNaN"), "unit": "TC"},
            "expected a balance of 0 or more, got Decimal('sNaN').",
        ),
        (
            {"address": ADDRESS, "balance": Decimal("Infinity"), "unit": "TC"},
            "expected a balance of 0 or more, got Decimal('Infinity').",
        ),
    ],
)
def test_a_balance_has_its_form(answer, message):
    fails(
        "CHAIN-01",
        balance(answer),
        f"get_balance(address='{ADDRESS}'): {message}",
        samples=SAMPLES,
    )


def test_a_good_address_is_no_error():
    class Strict(SoundChain):
        async def get_balance(self, address):
            raise ValueError("no such address")

    fails(
        "CHAIN-01",
        Strict,
        "get_balance() raised ValueError: no such address",
        samples=SAMPLES,
    )


@pytest.mark.parametrize("check", ["CHAIN-01", "CHAIN-04"])
def test_a_plugin_that_needs_a_network_is_tried_where_there_is_one(check):
    is_not_applicable(
        check,
        Remote,
        "it speaks to others (connect to 127.0.0.1:1); needs provides={'network'}.",
        samples=SAMPLES,
    )
    result = tried(check, Remote, samples=SAMPLES, provides={"network"})
    assert result.outcome is Outcome.FAIL
    assert "raised ConnectionRefusedError" in result.detail


def test_a_plugin_that_knows_its_node_to_be_away_needs_a_network_too():
    class Away(SoundChain):
        async def get_balance(self, address):
            self.check_address(address)
            raise ConnectionError("no node")

    is_not_applicable(
        "CHAIN-01",
        Away,
        "it speaks to others (ConnectionError: no node); needs provides={'network'}.",
        samples=SAMPLES,
    )


# CHAIN-04


def events(change):
    class Events(SoundChain):
        async def get_contract_events(self, contract_address, event_name, from_block=None):
            found = await super().get_contract_events(contract_address, event_name, from_block)
            return change(found, from_block)

    return Events


def says(change, message, **options):
    result = tried("CHAIN-04", events(change), samples=SAMPLES, **options)
    assert result.outcome is Outcome.FAIL
    assert message in result.detail
    fails("CHAIN-04", events(change), result.detail, samples=SAMPLES, **options)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found, _: tuple(found), "expected a list, got ("),
        (
            lambda found, _: [e["block"] for e in found],
            "expected 'block' and 'transaction' in an event, got",
        ),
        (
            lambda found, _: [{"block": e["block"]} for e in found],
            "expected 'block' and 'transaction'",
        ),
        (
            lambda found, _: [{**e, "block": str(e["block"])} for e in found],
            "expected a number under 'block', got '",
        ),
        (
            lambda found, _: [{**e, "block": True} for e in found],
            "expected a number under 'block', got True",
        ),
        (lambda found, _: found[::-1], "expected the oldest event first; block "),
        (lambda found, _: found[:2], "expected the same events from block "),
        (
            lambda found, first: [e for e in found if e["block"] > (first or -1)],
            "expected the same events from block ",
        ),
        (
            lambda found, first: found if first is None else found[1:],
            "expected the same events from block ",
        ),
        (
            lambda found, first: [{**e, "asked": first} for e in found],
            "expected the same events from block ",
        ),
    ],
)
def test_ranges_compose(change, message):
    says(change, message)


def test_a_range_begins_where_it_was_asked_to():
    class Early(SoundChain):
        async def get_contract_events(self, contract_address, event_name, from_block=None):
            first = max(0, (from_block or 0) - 1)
            return await super().get_contract_events(contract_address, event_name, first)

    result = tried("CHAIN-04", Early, samples=SAMPLES)
    assert "expected blocks from " in result.detail
    fails("CHAIN-04", Early, result.detail, samples=SAMPLES)


def test_a_difference_is_told_by_its_first_event():
    async def main(trial):
        await trial.load()
        await trial.start()
        await trial.expect_ranges_compose("tc1ffffffff", "Transfer", first=None, split=3)

    with pytest.raises(Wrong) as caught:
        Trial.run(events(lambda found, _: found[:2]), main)
    assert caught.value.message == (
        "expected the same events from block 3 on whether they are asked for from block None or "
        "from block 3: nothing more there, {'block': 5, 'transaction': '05ab'} here."
    )


#: Of one contract, and far from the blocks that are tried of a chain that nobody knows.
FAR = [{"block": block, "transaction": "far"} for block in (815_000, 815_007, 815_090)]
NAMED = {"contract_address": st.just("tc1ffffffff"), "event_name": st.just("Burn")}


def far(change, chain=FAR):
    """Return a chain with events in far blocks; `change` makes a fault of an answer."""

    class Far(SoundChain):
        async def get_contract_events(self, contract_address, event_name, from_block=None):
            if (contract_address, event_name) != ("tc1ffffffff", "Burn"):
                raise ValueError("no such contract or event")
            return change([e for e in chain if e["block"] >= (from_block or 0)], from_block)

    return Far


def differ(split, first, there, here):
    """Return the message on events that differ."""
    return (
        f"expected the same events from block {split} on whether they are asked for from block "
        f"{first} or from block {split}: {there} there, {here} here."
    )


def exclusive(found, first):
    return [event for event in found if event["block"] > (first or 0)]


def test_the_ranges_are_looked_for_where_there_are_events():
    fails(
        "CHAIN-04", far(exclusive), differ(815_000, None, FAR[0], FAR[1]), samples=NAMED, examples=5
    )


def test_events_that_a_node_tells_are_looked_for_where_there_is_a_network():
    class Asking(far(exclusive)):
        async def get_contract_events(self, contract_address, event_name, from_block=None):
            with contextlib.suppress(OSError):
                await speak()
            return await super().get_contract_events(contract_address, event_name, from_block)

    message = differ(815_000, None, FAR[0], FAR[1])
    provided = {"samples": NAMED, "provides": {"network"}, "examples": 5}
    fails("CHAIN-04", Asking, message, **provided)
    assert steps_of(tried("CHAIN-04", Asking, **provided).program)[2] == (
        "expect_ranges_compose('tc1ffffffff', 'Burn', first=None, split=815000, network=True, "
        "lenient=True)"
    )


def test_the_last_block_with_events_is_asked_for_again():
    class Once(far(lambda found, _: found)):
        asked = None

        async def get_contract_events(self, contract_address, event_name, from_block=None):
            before, self.asked = self.asked, from_block
            found = await super().get_contract_events(contract_address, event_name, from_block)
            return [] if before == from_block == 815_090 else found

    message = differ(815_090, 815_090, FAR[2], "nothing more")
    fails("CHAIN-04", Once, message, samples=NAMED, examples=5)


def test_the_first_and_the_last_blocks_with_events_of_a_long_chain_are_tried():
    blocks = range(815_000, 815_030, 2)
    asked = set()

    def note(found, first):
        asked.add(first)
        return found

    chain = [{"block": block, "transaction": "far"} for block in blocks]
    passes("CHAIN-04", far(note, chain), samples=NAMED, examples=5)
    assert asked - {None, *range(21)} == {*blocks[:4], *blocks[-4:]}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found, first: found[1:] if first is None else found, (0, None, FAR[1], FAR[0])),
        (lambda found, first: found[1:] if first == 0 else found, (0, None, FAR[0], FAR[1])),
    ],
    ids=["none", "zero"],
)
def test_the_beginning_of_the_chain_has_two_names(change, message):
    fails("CHAIN-04", far(change), differ(*message), samples=NAMED)


def test_a_block_that_a_short_chain_does_not_have_yet_is_not_asked_for():
    def within(found, first):
        if (first or 0) > 20:
            raise LookupError("no such block")
        return found

    passes("CHAIN-04", far(within, []), samples=NAMED, examples=5)


def test_a_contract_that_cannot_be_generated_is_no_verdict():
    impossible = {**NAMED, "contract_address": st.just(ADDRESS).filter(str.isspace)}
    result = tried("CHAIN-04", SoundChain, samples=impossible)
    assert (result.outcome, result.detail) == (
        Outcome.INCONCLUSIVE,
        "no configuration or argument could be generated; pass config=, formats= or samples=.",
    )


def test_a_chain_that_grows_meanwhile_is_no_violation():
    blocks = itertools.count(8)

    def growing(found, first):
        chain.extend({"block": next(blocks), "transaction": "new"} for _ in range(2))
        return found + [event for event in chain if event["block"] >= (first or 0)]

    chain = []
    passes("CHAIN-04", events(growing), samples=SAMPLES)


def test_a_range_that_is_too_large_is_tried_where_the_author_knows_a_smaller_one():
    def bounded(found, first):
        if (first or 0) < 5:
            raise ValueError("from_block: too far back")
        return found

    known = {key: value for key, value in SAMPLES.items() if key != "from_block"}
    passes("CHAIN-04", events(bounded), samples=known)

    def closed(found, first):
        raise ValueError("from_block: too far back")

    is_not_applicable(
        "CHAIN-04",
        events(closed),
        "no range of blocks is answered; needs samples={'from_block': ...}.",
        samples=known,
    )
    result = tried("CHAIN-04", events(closed), samples=SAMPLES)
    assert result.detail == "get_contract_events() raised ValueError: from_block: too far back"


# CHAIN-05


def connecting(answer):
    class Connecting(SoundChain):
        async def connect(self, config):
            return await answer()

    return Connecting


async def nothing():
    """Return None."""


async def one():
    return 1


async def for_ever():
    while True:
        try:
            return await speak()
        except OSError:
            await asyncio.sleep(5)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (nothing, "connect(config={}): expected True or False, got None."),
        (one, "connect(config={}): expected True or False, got 1."),
        (
            speak,
            (
                "connect(config={}): expected True or False; it raised ConnectionRefusedError: "
                "[Errno 111] the conformance kit keeps the network away."
            ),
        ),
        (
            look_up,
            (
                "connect(config={}): expected True or False; it raised gaierror: [Errno -3] the "
                "conformance kit keeps the network away."
            ),
        ),
        (for_ever, "connect(config={}): expected True or False; it did not end within 30 s."),
    ],
)
def test_connecting_says_true_or_false(answer, message):
    fails("CHAIN-05", connecting(answer), message)


def test_a_node_that_is_there_is_kept_away_too():
    async def call():
        try:
            await speak(node.getsockname())
        except OSError:
            return False
        return True

    with socket.create_server(("127.0.0.1", 0)) as node:
        node.settimeout(0)
        passes("CHAIN-05", connecting(call), provides={"network"})
        with pytest.raises(BlockingIOError):
            node.accept()
