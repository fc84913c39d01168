"""Paying: what a caller asked for, checked before anything is sent, and sent at most once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import attrs

from .addresses import check_address
from .amounts import parse_amount
from .errors import InvalidAddressError, MalformedError, UnclearOutcomeError

if TYPE_CHECKING:
    import logging
    from decimal import Decimal

    from .rpc import RPCClient

__all__ = ["Payment", "pay"]

_MAX_COMMENT: Final = 1000
_TXID: Final = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class Payment:
    """One payment: `amount` in bitcoin to the address `to`.

    `comment` stays in the paying wallet. With `subtract_fee` the receiver pays the fee.
    """

    to: str
    amount: Decimal
    comment: str = ""
    subtract_fee: bool = False

    @classmethod
    def from_tx_data(cls, tx_data: Mapping[str, Any]) -> Payment:
        """Read what `send_transaction` was given.

        Raises:
            MalformedError: A key is missing or unknown, or a value is malformed; the message names
                the key.
        """
        if not isinstance(tx_data, Mapping):
            raise MalformedError(f"tx_data: expected a mapping, got {type(tx_data).__name__}.")
        known = [field.name for field in attrs.fields(cls)]
        unknown = sorted(str(key) for key in tx_data if key not in known)
        if unknown:
            raise MalformedError(
                f"tx_data: unknown {', '.join(unknown)}; known: {', '.join(known)}."
            )
        for key in ("to", "amount"):
            if key not in tx_data:
                raise MalformedError(f"tx_data: {key} is missing.")
        comment, subtract_fee = tx_data.get("comment", ""), tx_data.get("subtract_fee", False)
        if not isinstance(comment, str) or len(comment) > _MAX_COMMENT or not _is_text(comment):
            raise MalformedError(f"comment: expected text of at most {_MAX_COMMENT} characters.")
        if not isinstance(subtract_fee, bool):
            raise MalformedError(
                f"subtract_fee: expected a bool, got {type(subtract_fee).__name__}."
            )
        to, amount = check_address(tx_data["to"]), parse_amount(tx_data["amount"])
        return cls(to, amount, comment, subtract_fee)


async def pay(client: RPCClient, payment: Payment, logger: logging.Logger) -> str:
    """Send a payment from the configured wallet and return its transaction id.

    Raises:
        InvalidAddressError: The address is not one of the node's network; nothing was sent.
        RPCError: The node refused, for instance `InsufficientFundsError`; nothing was sent.
        NodeConnectionError: The node was not reached; nothing was sent.
        UnclearOutcomeError: Nobody can know whether it was sent.
    """
    answer = await client.call("validateaddress", [payment.to])
    if not isinstance(answer, dict) or answer.get("isvalid") is not True:
        raise InvalidAddressError(-5, f"{payment.to} is not an address of the node's network")
    params = {
        "address": payment.to,
        "amount": payment.amount,
        "comment": payment.comment,
        "subtractfeefromamount": payment.subtract_fee,
    }
    try:
        txid = await client.write("sendtoaddress", params)
    except asyncio.CancelledError:
        logger.warning(
            "Cancelled while a payment of %s to %s was on its way: it may have been sent.",
            payment.amount,
            payment.to,
        )
        raise
    if not isinstance(txid, str) or not _TXID.fullmatch(txid):
        raise UnclearOutcomeError(
            "sendtoaddress: the node's answer is not a transaction id. The transaction may have "
            "been sent; look at listtransactions before you send it again."
        )
    return txid


def _is_text(text: str) -> bool:
    """Whether the text can be sent at all: lone surrogates cannot."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
