"""The balance of any address, from the node's set of unspent outputs.

The wallet is never asked, so an address has the same balance whoever's it is.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from . import amounts
from .errors import BitcoinError, NodeTimeoutError, ProtocolError

if TYPE_CHECKING:
    from decimal import Decimal

    from .rpc import RPCClient

__all__ = ["read_balance"]

#: Seconds for telling a node that its scan is no longer wanted.
_ABORT: Final = 2.0


async def read_balance(
    client: RPCClient, address: str, *, confirmations: int, within: float
) -> Decimal:
    """Add up the unspent outputs of `address`, in bitcoin.

    Args:
        client: A client of the node.
        address: A well-formed address.
        confirmations: How many an output needs to count.
        within: Seconds that the node has; on the main chain a scan takes a minute or more.

    Raises:
        InvalidAddressError: The address is not one of the node's network.
        RPCError: The node refused, for instance (-8) because another scan is in progress.
        NodeConnectionError: No usable answer came.
    """
    scan = ["start", [f"addr({address})"]]
    try:
        found = await client.call("scantxoutset", scan, within=within)
    except (NodeTimeoutError, asyncio.CancelledError):
        # The node scans on when its client is gone, and refuses every other scan meanwhile.
        with contextlib.suppress(BitcoinError):
            await client.call("scantxoutset", ["abort"], within=_ABORT)
        raise
    return amounts.from_satoshis(_satoshis(found, confirmations))


def _satoshis(found: Any, confirmations: int) -> int:
    try:
        return sum(
            amounts.to_satoshis(output["amount"])
            for output in found["unspents"]
            if found["height"] - output["height"] + 1 >= confirmations
        )
    except (KeyError, TypeError, ValueError):
        raise ProtocolError("The node's answer to scantxoutset has an unknown form.") from None
