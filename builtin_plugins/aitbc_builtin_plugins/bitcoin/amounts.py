"""Amounts of bitcoin, exactly: `Decimal` in the program, eight decimals in JSON, never a float.

Sums are made of whole satoshis, so that no caller's decimal context can round them.
"""

from __future__ import annotations

import json
import re
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, Final, NoReturn

from .errors import MalformedError

__all__ = ["MAX_SATOSHIS", "decode", "encode", "from_satoshis", "parse_amount", "to_satoshis"]

_SATOSHIS_PER_BITCOIN: Final = 100_000_000
#: All the bitcoin that there will ever be.
MAX_SATOSHIS: Final = 21_000_000 * _SATOSHIS_PER_BITCOIN

_EXACT: Final = Context(prec=40, traps=[Inexact, InvalidOperation])
_SATOSHI: Final = Decimal("0.00000001")
_NUMERIC: Final = re.compile(r"[0-9]{1,8}(\.[0-9]{1,8})?")


def to_satoshis(amount: Decimal | int) -> int:
    """Convert bitcoin to satoshis.

    Raises:
        MalformedError: The amount is negative, above 21 million, or finer than a satoshi.
    """
    value = Decimal(amount)
    if not (value.is_finite() and 0 <= value <= MAX_SATOSHIS // _SATOSHIS_PER_BITCOIN):
        raise MalformedError("amount: expected a number from 0 to 21000000.")
    try:
        return int(_EXACT.scaleb(_EXACT.quantize(value, _SATOSHI), 8))
    except Inexact:
        raise MalformedError("amount: expected at most 8 decimals.") from None


def from_satoshis(satoshis: int) -> Decimal:
    """Convert satoshis to bitcoin; the result has exactly eight decimals."""
    return _EXACT.scaleb(Decimal(satoshis), -8)


def parse_amount(value: object) -> Decimal:
    """Read an amount that is to be paid.

    Args:
        value: A Decimal, an int, or a string such as ``"0.015"``.

    Returns:
        The amount with exactly eight decimals.

    Raises:
        MalformedError: It is of another type (a float has lost digits already), not above 0, above
            21 million, or finer than a satoshi.
    """
    if isinstance(value, str):
        if not _NUMERIC.fullmatch(value):
            raise MalformedError(
                "amount: expected digits such as '0.015', with at most 8 decimals."
            )
        value = Decimal(value)
    if isinstance(value, bool) or not isinstance(value, Decimal | int):
        raise MalformedError(
            f"amount: expected a Decimal, an int or a numeric string, got {type(value).__name__}."
        )
    satoshis = to_satoshis(value)
    if satoshis == 0:
        raise MalformedError("amount: expected more than 0.")
    return from_satoshis(satoshis)


def encode(value: object) -> str:
    """Encode a request as JSON; each Decimal becomes a number with eight decimals.

    Raises:
        TypeError: The value contains a float, or something that JSON does not know.
        MalformedError: A Decimal is not an amount.
    """
    match value:
        case Decimal():
            whole, rest = divmod(to_satoshis(value), _SATOSHIS_PER_BITCOIN)
            return f"{whole}.{rest:08d}"
        case float():
            raise TypeError("A float in a request: amounts are Decimal.")
        case list() | tuple():
            return f"[{','.join(map(encode, value))}]"
        case dict():
            return f"{{{','.join(f'{json.dumps(k)}:{encode(v)}' for k, v in value.items())}}}"
        case _:
            return json.dumps(value)


def decode(body: bytes) -> Any:
    """Decode an answer; every number that is not an integer becomes a Decimal.

    Raises:
        ValueError: It is not JSON (NaN and Infinity are not), or nested too deeply.
    """
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("JSON nested too deeply") from None


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
