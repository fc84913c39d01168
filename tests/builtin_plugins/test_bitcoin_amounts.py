from __future__ import annotations

import json
from decimal import Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin import amounts
from aitbc_builtin_plugins.bitcoin.errors import MalformedError

SATOSHIS = st.integers(0, amounts.MAX_SATOSHIS)


@given(SATOSHIS)
def test_an_amount_survives_json_exactly(satoshis):
    amount = amounts.from_satoshis(satoshis)
    text = amounts.encode({"amount": amount})
    assert amounts.decode(text.encode()) == {"amount": amount}
    assert amounts.to_satoshis(amounts.decode(text.encode())["amount"]) == satoshis


@given(SATOSHIS.filter(bool))
def test_every_way_to_write_an_amount_gives_the_same_amount(satoshis):
    amount = amounts.from_satoshis(satoshis)
    for spelling in (amount, amount.normalize(), format(amount, "f"), Decimal(f"{amount:f}000")):
        assert str(amounts.parse_amount(spelling)) == str(amount)


@given(SATOSHIS)
def test_an_amount_is_sent_with_eight_decimals(satoshis):
    whole, point, decimals = amounts.encode(amounts.from_satoshis(satoshis)).partition(".")
    assert whole.isdigit()
    assert point
    assert len(decimals) == 8


@given(SATOSHIS)
def test_the_callers_decimal_context_cannot_round_an_amount(satoshis):
    with localcontext(prec=2):
        amount = amounts.from_satoshis(satoshis)
        assert amounts.to_satoshis(amount) == satoshis
        assert (
            int(json.loads(amounts.encode(amount).replace(".", "").lstrip("0") or "0")) == satoshis
        )


@pytest.mark.parametrize(
    "value",
    [
        0,
        -1,
        21_000_001,
        pytest.param(10**5000, id="an integer too long to print"),
        Decimal("0.000000001"),
        Decimal(0),
        Decimal("-0.1"),
        Decimal("NaN"),
        Decimal("sNaN"),
        Decimal("Infinity"),
        Decimal("21000000.00000001"),
        "",
        "1e-3",
        " 1",
        "+1",
        "-1",
        "1.",
        ".5",
        "1,5",
        "٣",
        "0.123456789",
        "1\n",
        True,
        None,
        b"1",
        [1],
    ],
)
def test_what_is_no_payable_amount_is_refused(value):
    with pytest.raises(MalformedError, match=r"^amount: expected"):
        amounts.parse_amount(value)


@given(st.floats())
def test_a_float_is_never_an_amount(value):
    with pytest.raises(MalformedError, match="got float"):
        amounts.parse_amount(value)
    with pytest.raises(TypeError):
        amounts.encode({"amount": [value]})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(JSON)
def test_other_values_are_encoded_as_json_has_them(value):
    assert json.loads(amounts.encode(value)) == value


@pytest.mark.parametrize("body", [b"", b"{", b"NaN", b"[Infinity]", b"\xff", b"[" * 100_000])
def test_what_is_not_json_is_a_value_error(body):
    with pytest.raises(ValueError, match=r"."):
        amounts.decode(body)
