"""CHAIN: access to a blockchain network."""

from __future__ import annotations

import contextlib
import functools
import itertools
from typing import TYPE_CHECKING, Any, Final

from hypothesis import strategies as st

from aitbc_hooks.testing.kit.checking import check
from aitbc_hooks.testing.kit.interfaces.cases import (
    malformed_addresses,
    malformed_transactions,
    network_of,
    sample,
    simplest,
    sound_transactions,
    try_all,
    try_malformed,
)
from aitbc_hooks.testing.kit.outcomes import Level, NotApplicable, Violation
from aitbc_hooks.testing.kit.trials.steps import Step

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.specimen import Specimen
    from aitbc_hooks.testing.kit.trials.trial import Trial

_INTERFACE: Final = "SPEC.md, Blockchain Plugin Interface"

#: Transactions that are sent where a network is provided: somebody pays for them.
_PAYMENTS: Final = 2
#: Blocks that are tried where the author names none.
_BLOCKS: Final = 20
#: Blocks with events that are tried from each end of the chain.
_EVENTFUL: Final = 4

_Range = tuple[str, str, "int | None", "int | None"]


def _lacks(hook: str, specimen: Specimen) -> str | None:
    return None if specimen.implements(hook) else f"it implements no {hook}()."


@check(
    "CHAIN-01",
    Level.MUST,
    "A balance has an address, a Decimal of 0 or more, and a unit.",
    sentence="At least ``address``, ``balance`` (a non-negative `decimal.Decimal` in the network's "
    "main unit) and ``unit``.",
    source=f"hookspec get_balance; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=functools.partial(_lacks, "get_balance"),
    fix='Return `{"address": address, "balance": Decimal(satoshi) / 10**8, "unit": "BTC"}`; a '
    "float loses satoshis.",
    example="""
    class Rounding(SoundChain):
        async def get_balance(self, address):
            self.check_address(address)
            return {"address": address, "balance": 0.1, "unit": "TC"}
    """,
)
def balances_have_a_form(specimen: Specimen) -> None:
    """Callers add and compare balances of several networks, without knowing the plugin."""
    (addresses,) = sample(specimen, "address")
    network = network_of(specimen)
    try_all(specimen, addresses, lambda address: [Step("balance", (address,), network)])


@check(
    "CHAIN-02",
    Level.MUST,
    "A malformed address is a ValueError, and the network is not asked.",
    sentence="In the network's own notation; a malformed one raises `ValueError`.",
    source=f"hookspec get_balance; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=functools.partial(_lacks, "get_balance"),
    fix="Check alphabet, length and checksum in the first lines of `get_balance()`, before the "
    "connection is looked at.",
    example="""
    class Credulous(SoundChain):
        async def get_balance(self, address):
            return {"address": address, "balance": Decimal(0), "unit": "TC"}
    """,
)
def malformed_addresses_are_refused(specimen: Specimen) -> None:
    """A slip in an address is the caller's error, to be told at once and without a node."""
    try_malformed(
        specimen,
        specimen.samples.get("address"),
        malformed_addresses,
        lambda address: [Step("expect_refusal", ("get_balance",), {"address": address})],
    )


@check(
    "CHAIN-03",
    Level.MUST,
    "send_transaction() refuses malformed data with ValueError before it touches the network, and "
    "returns a hash.",
    sentence="Malformed data raises `ValueError` before anything is sent.",
    source=f"hookspec send_transaction; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=functools.partial(_lacks, "send_transaction"),
    fix="Read `tx_data` completely first: keys, the address, the amount (a bool, NaN and what is "
    "negative are none); only then connect and send.",
    example="""
    class Generous(SoundChain):
        def read_amount(self, amount):
            return amount
    """,
)
def malformed_transactions_are_refused(specimen: Specimen) -> None:
    """A transaction cannot be taken back: what is wrong with it has to show before it is sent."""
    sound = sound_transactions(specimen)
    try_malformed(
        specimen,
        sound,
        malformed_transactions,
        lambda tx_data: [Step("expect_refusal", ("send_transaction",), {"tx_data": tx_data})],
    )
    if sound is None:
        raise NotApplicable(
            "needs samples={'address': ...}: without one, no amount is looked at; what could be "
            "tried was refused."
        )
    if (own := specimen.samples.get("tx_data")) is not None:
        network = network_of(specimen)
        with contextlib.suppress(NotApplicable):  # the better part has been looked at
            try_all(
                specimen,
                own,
                lambda tx_data: [Step("transaction", (tx_data,), network)],
                examples=_PAYMENTS if network else None,
            )


@check(
    "CHAIN-04",
    Level.MUST,
    "Ranges of events compose: from one block on come the same events as from a later one, after "
    "those before it.",
    sentence="Events, oldest first, each with at least ``block`` and ``transaction``.",
    source=f"hookspec get_contract_events; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=functools.partial(_lacks, "get_contract_events"),
    fix="`from_block` is inclusive, None is the first block of the chain; read every page, and "
    "sort by block.",
    example="""
    class Paged(SoundChain):
        async def get_contract_events(self, contract_address, event_name, from_block=None):
            events = await super().get_contract_events(contract_address, event_name, from_block)
            return events[:2]
    """,
)
def event_ranges_compose(specimen: Specimen) -> None:
    """Who follows a contract asks from the last block that was seen: nothing may fall between."""
    contracts, names = sample(specimen, "contract_address", "event_name")
    keywords: dict[str, Any] = dict(network_of(specimen))
    blocks = specimen.samples.get("from_block")
    if blocks is None:
        blocks, keywords["lenient"] = st.integers(0, _BLOCKS), True
    known = simplest(st.tuples(contracts, names))

    def steps_of(case: _Range) -> list[Step]:
        contract, name, *ends = case
        first, split = sorted(ends, key=lambda end: -1 if end is None else end)
        options = {"first": first, "split": split or 0, **keywords}
        return [Step("expect_ranges_compose", (contract, name), options)]

    try_all(
        specimen,
        st.tuples(contracts, names, st.none() | blocks, blocks),
        steps_of,
        first=[] if known is None else _ranges_of(specimen, *known, keywords),
    )


def _ranges_of(
    specimen: Specimen, contract: str, name: str, keywords: dict[str, Any]
) -> list[_Range]:
    """Return ranges that begin and end at blocks with events."""
    blocks = _eventful_blocks(specimen, contract, name, keywords)
    ends = itertools.pairwise([None, *blocks, *blocks[-1:]])
    return [(contract, name, first, split) for first, split in ends]


def _eventful_blocks(
    specimen: Specimen, contract: str, name: str, keywords: dict[str, Any]
) -> list[int]:
    """Return some blocks that have events; none where that cannot be found out."""

    async def main(trial: Trial) -> list[int]:
        await trial.load()
        await trial.start()
        found = await trial.events(contract, name, **keywords)
        return [event["block"] for event in found]

    try:
        blocks = specimen.attempt(main)
    except (Violation, NotApplicable):
        return []
    return sorted(dict.fromkeys([*blocks[:_EVENTFUL], *blocks[-_EVENTFUL:]]))


@check(
    "CHAIN-05",
    Level.MUST,
    "connect() returns True or False, also for a network that is not there.",
    sentence="True when the network answered.",
    source=f"hookspec connect; {_INTERFACE}",
    needs=["LIFE-01"],
    concern=functools.partial(_lacks, "connect"),
    fix="Catch `OSError` (which `TimeoutError` is) inside `connect()`, and return False; try once, "
    "with a timeout.",
    example="""
    class Hopeful(SoundChain):
        async def connect(self, config):
            _, writer = await asyncio.open_connection("127.0.0.1", 1)
            writer.close()
            return True
    """,
)
def connecting_ends(specimen: Specimen) -> None:
    """A node that is away is an answer, not an accident: the host asks again later."""
    try_all(specimen, specimen.configs, lambda config: [Step("connect", (config,))])
