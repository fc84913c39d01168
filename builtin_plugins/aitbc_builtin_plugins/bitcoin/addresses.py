"""A look at an address without a node: alphabet, length and checksum.

Every network's prefix is accepted; whether an address belongs to the node's network is for the
node to say. Sources: BIP 173 (bech32) and BIP 350 (bech32m).
"""

from __future__ import annotations

import hashlib
from typing import Final

from .errors import MalformedError

__all__ = ["check_address"]

_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32_CONSTANT: Final = 1
_BECH32M_CONSTANT: Final = 0x2BC830A3
_MAX_LENGTH: Final = 90


def check_address(address: object) -> str:
    """Return `address` if it can be one.

    Raises:
        MalformedError: It is not a string, or neither base58check nor a segregated-witness address.
    """
    if not isinstance(address, str):
        raise MalformedError(f"address: expected a string, got {type(address).__name__}.")
    if len(address) > _MAX_LENGTH or not (_is_base58check(address) or _is_segwit(address)):
        raise MalformedError(
            f"address: {address[:_MAX_LENGTH]!r} is neither base58check nor bech32; "
            "a character is wrong or missing."
        )
    return address


def _is_base58check(address: str) -> bool:
    """One version byte, a 20-byte hash, and the first 4 bytes of their double SHA-256."""
    if not address or not set(address) <= set(_BASE58):
        return False
    number = 0
    for character in address:
        number = number * 58 + _BASE58.index(character)
    zeros = len(address) - len(address.lstrip("1"))
    raw = bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8)
    payload, checksum = raw[:-4], raw[-4:]
    digest = hashlib.sha256(hashlib.sha256(payload).digest()).digest()
    return len(payload) == 1 + 20 and digest[:4] == checksum


def _is_segwit(address: str) -> bool:
    """A prefix, the separator 1, a version, 2 to 40 bytes of program, 6 characters of checksum."""
    if address not in (address.lower(), address.upper()):
        return False
    prefix, separator, data = address.lower().rpartition("1")
    if not (separator and prefix.isascii() and prefix.isalnum() and set(data) <= set(_BECH32)):
        return False
    values = [_BECH32.index(character) for character in data]
    version, program = values[:1], values[1:-6]
    if not version or not _is_program(version[0], program):
        return False
    constant = _BECH32_CONSTANT if version[0] == 0 else _BECH32M_CONSTANT
    return _polymod([*_expand(prefix), *values]) == constant


def _is_program(version: int, program: list[int]) -> bool:
    """BIP 141: 2 to 40 bytes; version 0 has 20 or 32. What 5-bit packing leaves over is zero."""
    size, spare = divmod(len(program) * 5, 8)
    if spare >= 5 or (spare and program[-1] & ((1 << spare) - 1)):  # noqa: PLR2004 - bits of a character
        return False
    return size in (20, 32) if version == 0 else version <= 16 and 2 <= size <= 40  # noqa: PLR2004 - BIP 141


def _expand(prefix: str) -> list[int]:
    return [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]


def _polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= generator
    return checksum
