"""How amounts are written."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

__all__ = ["amount"]


def amount(value: object, currency: str) -> str:
    """Return an amount with two places and its currency, or what it is instead of one."""
    try:
        number = Decimal(str(value)).quantize(Decimal("0.01"))
    except InvalidOperation:
        return repr(value)
    return f"{number} {currency}"
