"""Calls of a blockchain plugin, and what has to come of them."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from aitbc_hooks.lifecycle.failure import shown
from aitbc_hooks.testing.kit.interfaces.calls import (
    answered,
    called,
    instead,
    needs_network,
    own_call,
)
from aitbc_hooks.testing.kit.outcomes import NotApplicable
from aitbc_hooks.testing.kit.trials.small_host import Wrong
from aitbc_hooks.testing.kit.watching.contacts import contacts

if TYPE_CHECKING:
    from aitbc_hooks.testing.kit.interfaces.steps import InterfaceSteps

__all__ = [
    "balance_of",
    "events_from",
    "expect_connection",
    "expect_ranges_compose",
    "expect_refusal",
    "sent_transaction",
]

Events = list[dict[str, Any]]


async def balance_of(trial: InterfaceSteps, address: str, *, network: bool) -> dict[str, Any]:
    """Return the balance of a well-formed address.

    Raises:
        Violation: It raised, or the answer has not the form of a balance.
        NotApplicable: It needs a network that is not there.
    """
    call = called("get_balance", address=address)
    answer = await answered(trial, "get_balance", network=network, address=address)
    if not isinstance(answer, dict):
        raise Wrong("shape", f"{call}: expected a dict, got {shown(answer)}.")
    for key in ("address", "unit"):
        if not isinstance(answer.get(key), str) or not answer[key]:
            raise Wrong("shape", f"{call}: expected a text under {key!r}, got {shown(answer)}.")
    balance = answer.get("balance")
    if not isinstance(balance, Decimal):
        raise Wrong("shape", f"{call}: expected a Decimal under 'balance', got {shown(balance)}.")
    if not (balance.is_finite() and balance >= 0):
        raise Wrong("shape", f"{call}: expected a balance of 0 or more, got {balance!r}.")
    return answer


async def sent_transaction(trial: InterfaceSteps, tx_data: dict[str, Any], *, network: bool) -> str:
    """Send a well-formed transaction and return its hash.

    Raises:
        Violation: It raised, or gave no hash.
        NotApplicable: It needs a network that is not there; nothing was sent.
    """
    if not network and trial.witness.network:
        # A connection that is open already cannot be refused: nothing is to be paid by mistake.
        raise NotApplicable(needs_network(trial.witness.network[0]))
    call = called("send_transaction", tx_data=tx_data)
    answer = await answered(trial, "send_transaction", network=network, tx_data=tx_data)
    if not isinstance(answer, str) or not answer:
        raise Wrong("shape", f"{call}: expected the transaction's hash, got {shown(answer)}.")
    return answer


async def expect_refusal(trial: InterfaceSteps, hook: str, arguments: dict[str, Any]) -> None:
    """Call with a malformed argument, without a network; expect `ValueError` before it is missed.

    Raises:
        Violation: It is accepted, raises something else, or speaks to the network.
        NotApplicable: It says that it is not connected, before it looks at the argument.
    """
    call = called(hook, **arguments)
    ended: Wrong | None = None
    answer: Any = None
    with contacts() as found, trial.offline():
        try:
            answer = await own_call(trial, hook, **arguments)
        except Wrong as wrong:
            ended = wrong
    if found:
        raise Wrong(
            "refused",
            f"{call}: expected ValueError before the network is touched; it made a {found[0]}.",
        )
    if ended is None:
        raise Wrong("refused", f"{call}: expected ValueError; it returned {shown(answer)}.")
    if isinstance(ended.__cause__, ConnectionError):
        raise NotApplicable(f"{hook}() looks for its connection first; needs one.")
    if not isinstance(ended.__cause__, ValueError):
        raise instead(ended, call, "ValueError")


async def expect_connection(trial: InterfaceSteps, config: dict[str, Any]) -> bool:
    """Connect to a network that is not there.

    Raises:
        Violation: It raises, hangs, or says neither True nor False.
    """
    call = called("connect", config=config)
    with trial.offline():
        try:
            answer = await own_call(trial, "connect", config=config)
        except Wrong as wrong:
            raise instead(wrong, call, "True or False") from None
    if not isinstance(answer, bool):
        raise Wrong("shape", f"{call}: expected True or False, got {shown(answer)}.")
    return answer


async def events_from(
    trial: InterfaceSteps,
    contract_address: str,
    event_name: str,
    first: int | None,
    *,
    network: bool,
    lenient: bool,
) -> Events:
    """Return the events from a block on, after a look at their form and order.

    Raises:
        Violation: It raised, or they have another form.
        NotApplicable: It needs a network, or refuses the range (if `lenient`).
    """
    arguments = {
        "contract_address": contract_address,
        "event_name": event_name,
        "from_block": first,
    }
    call = called("get_contract_events", **arguments)
    try:
        events = await answered(trial, "get_contract_events", network=network, **arguments)
    except Wrong as wrong:
        if lenient and isinstance(wrong.__cause__, ValueError):
            raise NotApplicable(
                "no range of blocks is answered; needs samples={'from_block': ...}."
            ) from None
        raise
    if not isinstance(events, list):
        raise Wrong("shape", f"{call}: expected a list, got {shown(events)}.")
    for event in events:
        _expect_event(call, event, first or 0)
    for one, next_one in itertools.pairwise(events):
        if one["block"] > next_one["block"]:
            raise Wrong(
                "order",
                f"{call}: expected the oldest event first; block {next_one['block']} came after "
                f"block {one['block']}.",
            )
    return events


def _expect_event(call: str, event: Any, first: int) -> None:
    if not isinstance(event, dict) or not {"block", "transaction"} <= event.keys():
        raise Wrong(
            "shape", f"{call}: expected 'block' and 'transaction' in an event, got {shown(event)}."
        )
    block = event["block"]
    if not isinstance(block, int) or isinstance(block, bool):
        raise Wrong("shape", f"{call}: expected a number under 'block', got {shown(block)}.")
    if block < first:
        raise Wrong("range", f"{call}: expected blocks from {first} on, got block {block}.")


async def expect_ranges_compose(
    trial: InterfaceSteps,
    contract_address: str,
    event_name: str,
    *,
    first: int | None,
    split: int,
    network: bool,
    lenient: bool,
) -> None:
    """Compare the events from one block on with those from a later one on.

    New blocks may come meanwhile, so the longer range is asked for before and after the other.

    Raises:
        Violation: An event is in one of them only, though both reach to its block.
    """

    async def events(block: int | None) -> Events:
        return await events_from(
            trial, contract_address, event_name, block, network=network, lenient=lenient
        )

    before, later, after = await events(first), await events(split), await events(first)
    early, late = ([e for e in each if e["block"] >= split] for each in (before, after))
    if later[: len(early)] != early or late[: len(later)] != later:
        whole = late if late[: len(later)] != later else early
        raise Wrong(
            "range",
            f"expected the same events from block {split} on whether they are asked for from block "
            f"{'None' if first is None else first} or from block {split}: "
            f"{_difference(whole, later)}.",
        )


def _difference(whole: Events, part: Events) -> str:
    for one, other in itertools.zip_longest(whole, part):
        if one != other:
            return f"{_named(one)} there, {_named(other)} here"
    return "they differ"


def _named(event: dict[str, Any] | None) -> str:
    return "nothing more" if event is None else shown(event)
