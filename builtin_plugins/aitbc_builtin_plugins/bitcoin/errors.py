"""What can go wrong with a node, by what the caller can do about it."""

from __future__ import annotations

from typing import Final

__all__ = [
    "BitcoinError",
    "InsufficientFundsError",
    "InvalidAddressError",
    "MalformedError",
    "NodeConnectionError",
    "NodeTimeoutError",
    "NodeUnreachableError",
    "NotConnectedError",
    "ProtocolError",
    "RPCError",
    "UnauthorizedError",
    "UnclearOutcomeError",
    "WalletLockedError",
    "WalletNotFoundError",
    "WarmingUpError",
    "rpc_error",
]


class BitcoinError(Exception):
    """Base of the errors of this plugin."""


class MalformedError(BitcoinError, ValueError):
    """What the caller gave is malformed; it never reached the network."""


class NodeConnectionError(BitcoinError, ConnectionError):
    """No usable answer came from the node."""


class NotConnectedError(NodeConnectionError):
    """The node is known to be away; nothing was tried. The message says why it is away."""


class NodeUnreachableError(NodeConnectionError):
    """No connection was made, so no request was sent."""


class NodeTimeoutError(NodeConnectionError):
    """A request was sent, and no whole answer came in time."""


class ProtocolError(NodeConnectionError):
    """A request was sent, and what came back is not a whole JSON-RPC answer to it."""


class UnauthorizedError(NodeConnectionError):
    """The node refused the credentials, or this machine, before it looked at the request."""


class UnclearOutcomeError(BitcoinError):
    """A request that moves money was sent, and nobody knows whether it was carried out."""


class RPCError(BitcoinError):
    """The node answered with an error.

    Args:
        code: The node's error code, such as -6.
        message: The node's own words.
    """

    def __init__(self, code: int, message: str) -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.message} (error {self.code} from the node)"


class InvalidAddressError(RPCError, ValueError):
    """-5: the address is malformed, or of another network than the node's."""


class InsufficientFundsError(RPCError):
    """-6: the wallet cannot pay the amount and the fee."""


class WalletLockedError(RPCError):
    """-13: the wallet is encrypted and locked."""


class WalletNotFoundError(RPCError):
    """-18, -19: the wallet is not loaded, or several are and none was chosen."""


class WarmingUpError(RPCError):
    """-28: the node has started and does not serve yet."""


_BY_CODE: Final[dict[int, type[RPCError]]] = {
    -5: InvalidAddressError,
    -6: InsufficientFundsError,
    -13: WalletLockedError,
    -18: WalletNotFoundError,
    -19: WalletNotFoundError,
    -28: WarmingUpError,
}


def rpc_error(code: int, message: str) -> RPCError:
    """Return the error of the class that belongs to `code`."""
    return _BY_CODE.get(code, RPCError)(code, message)
