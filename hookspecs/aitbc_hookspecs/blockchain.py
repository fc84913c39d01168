"""Access to one blockchain network.

All of these are addressed (``manager.plugin("bitcoin-integration").get_balance(...)``):
a balance or a transaction belongs to one network, never to all that are installed.
"""

from __future__ import annotations

from typing import Any

from aitbc_hookspecs._markers import hookspec


@hookspec(addressed=True)
async def connect(config: dict[str, Any]) -> bool:  # type: ignore[empty-body]
    """Connect to the network, or connect again with other settings.

    Args:
        config: Settings in the form of the plugin's own ``config`` block.

    Returns:
        True when the network answered.
    """


@hookspec(addressed=True)
async def get_balance(address: str) -> dict[str, Any]:  # type: ignore[empty-body]
    """Get the balance of one address.

    Args:
        address: In the network's own notation; a malformed one raises `ValueError`.

    Returns:
        At least ``address``, ``balance`` (a non-negative `decimal.Decimal` in the network's main
        unit) and ``unit``.
    """


@hookspec(addressed=True)
async def send_transaction(tx_data: dict[str, Any]) -> str:  # type: ignore[empty-body]
    """Send a transaction. Never retried: after an unclear outcome the caller has to look.

    Args:
        tx_data: ``to`` (address), ``amount`` (main unit; Decimal, int or numeric string) and what
            the network needs besides. Malformed data raises `ValueError` before anything is sent.

    Returns:
        The transaction's hash.
    """


@hookspec(addressed=True)
async def get_contract_events(  # type: ignore[empty-body]
    contract_address: str, event_name: str, from_block: int | None = None
) -> list[dict[str, Any]]:  # pyright: ignore[reportReturnType]
    """Get the events that a contract, or what stands for one, has emitted.

    Args:
        contract_address: The contract.
        event_name: The event's name; what it selects is the network's matter.
        from_block: First block to look at, inclusive; None is the first of the chain.

    Returns:
        Events, oldest first, each with at least ``block`` and ``transaction``.
    """
