"""What stands for contract events on Bitcoin: data that transactions carry in OP_RETURN outputs.

An event belongs to an address when the transaction that carries it also pays that address.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import attrs

from .addresses import check_address
from .errors import InvalidAddressError, MalformedError, ProtocolError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .rpc import RPCClient

__all__ = ["ANY_ADDRESS", "Query", "carried_data", "read_events"]

ANY_ADDRESS: Final = "*"

_OP_RETURN: Final = 0x6A
_OP_PUSHDATA: Final = {0x4C: 1, 0x4D: 2, 0x4E: 4}
_LAST_DIRECT_PUSH: Final = 0x4B
_OP_1NEGATE: Final = 0x4F
_OP_1: Final = 0x51
_OP_16: Final = 0x60


@attrs.frozen
class Query:
    """Which events are wanted.

    Attributes:
        address: What the transaction has to pay; ``*`` for anything.
        tag: How the data has to begin; empty for any data.
        first_block: Height of the first block, inclusive.
    """

    address: str
    tag: bytes
    first_block: int

    @classmethod
    def of(cls, contract_address: object, event_name: object, from_block: object) -> Query:
        """Read the arguments of `get_contract_events`.

        Raises:
            MalformedError: One of them is malformed; the message names it.
        """
        address = (
            ANY_ADDRESS if contract_address == ANY_ADDRESS else check_address(contract_address)
        )
        if not isinstance(event_name, str):
            raise MalformedError(f"event_name: expected a string, got {type(event_name).__name__}.")
        first = 0 if from_block is None else from_block
        if isinstance(first, bool) or not isinstance(first, int) or first < 0:
            raise MalformedError("from_block: expected a height, 0 or more.")
        return cls(address, event_name.encode("utf-8", "surrogatepass"), first)


async def read_events(
    client: RPCClient, query: Query, *, last_block: int, max_blocks: int
) -> list[dict[str, Any]]:
    """Read the events of the blocks from `query.first_block` to `last_block`, oldest first.

    The blocks are read from the last one backwards along their ``previousblockhash``: that way
    they belong to one chain, even when the chain is reorganised meanwhile.

    Raises:
        MalformedError: The range has more than `max_blocks` blocks; the message tells the allowed one.
        InvalidAddressError: The address is not one of the node's network.
        RPCError: The node refused, for instance because it has pruned the block.
        NodeConnectionError: No usable answer came.
    """
    if last_block - query.first_block + 1 > max_blocks:
        raise MalformedError(
            f"from_block: {last_block - query.first_block + 1} blocks are to be read and "
            f"max_scan_blocks is {max_blocks}; expected {last_block - max_blocks + 1} to "
            f"{last_block}."
        )
    script = None if query.address == ANY_ADDRESS else await _script(client, query.address)
    if query.first_block > last_block:
        return []
    blocks: list[list[dict[str, Any]]] = []
    block_hash = await client.call("getblockhash", [last_block])
    for height in range(last_block, query.first_block - 1, -1):
        block = await client.call("getblock", [block_hash, 2])
        try:
            blocks.append(list(_events(block, height, script, query.tag)))
            block_hash = block["previousblockhash"] if height else None
        except (AttributeError, KeyError, TypeError, ValueError):
            raise ProtocolError(f"Block {height} from the node has an unknown form.") from None
    return [event for events in reversed(blocks) for event in events]


async def _script(client: RPCClient, address: str) -> str:
    """The output script of an address, in hexadecimal: all nodes name it alike."""
    answer = await client.call("validateaddress", [address])
    script = answer.get("scriptPubKey") if isinstance(answer, dict) else None
    if not isinstance(script, str):
        raise InvalidAddressError(-5, f"{address} is not an address of the node's network")
    return script


def _events(
    block: dict[str, Any], height: int, script: str | None, tag: bytes
) -> Iterator[dict[str, Any]]:
    for transaction in block["tx"]:
        # An output without a script is one of a sidechain's (Litecoin has such).
        scripts = [output.get("scriptPubKey", {}).get("hex", "") for output in transaction["vout"]]
        if script is not None and script not in scripts:
            continue
        for output, hexadecimal in zip(transaction["vout"], scripts, strict=True):
            data = carried_data(bytes.fromhex(hexadecimal))
            if data is not None and data.startswith(tag):
                yield {
                    "block": height,
                    "block_hash": block["hash"],
                    "transaction": transaction["txid"],
                    "output": output["n"],
                    "data": data.hex(),
                    "text": _text(data),
                }


def carried_data(script: bytes) -> bytes | None:
    """Return what an OP_RETURN script carries: the data that it pushes, joined.

    Returns:
        None when the script is not OP_RETURN followed by nothing but pushes.
    """
    if not script or script[0] != _OP_RETURN:
        return None
    data, position = bytearray(), 1
    while position < len(script):
        opcode, position = script[position], position + 1
        if opcode == _OP_1NEGATE:
            data.append(0x81)
        elif _OP_1 <= opcode <= _OP_16:
            data.append(opcode - _OP_1 + 1)
        elif opcode <= _LAST_DIRECT_PUSH or opcode in _OP_PUSHDATA:
            width = _OP_PUSHDATA.get(opcode, 0)
            size = (
                int.from_bytes(script[position : position + width], "little") if width else opcode
            )
            position += width + size
            if position > len(script):
                return None
            data += script[position - size : position]
        else:
            return None
    return bytes(data)


def _text(data: bytes) -> str | None:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None
