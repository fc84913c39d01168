from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_builtin_plugins.bitcoin.addresses import check_address
from aitbc_builtin_plugins.bitcoin.errors import MalformedError

# The examples of BIP 173 and BIP 350, and well-known base58 ones.
GOOD = [
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
    "3P14159f73E4gFr7JterCCQh9QjiTjiZrG",
    "mipcBbFg9gMiCh81Kj8tqqdgoZub1ZJRfn",
    "BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
    "tb1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3q0sl5k7",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
    "BC1SW50QGDZ25J",
    "bc1zw508d6qejxtdg4y5r3zarvaryvaxxpcs",
]
BAD = {
    "empty": "",
    "words": "not an address",
    "checksum of bech32 in a version 1 address": (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqh2y7hd"
    ),
    "checksum of bech32m in a version 0 address": "BC1Q0XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ54WELL",
    "a character outside the alphabet": (
        "bc1p38j9r5y49hruaue7wxjce0updqjuyyx0kh56v8s25huc6995vvpql3jow4"
    ),
    "version 17": "BC130XLXVLHEMJA6C4DQV22UAPCTQUPFHLXM9H8Z3K2E72Q4K9HCZ7VQ7ZWS8R",
    "a program of one byte": "bc1pw5dgrnzv",
    "a program of 41 bytes": (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v8n0nx0muaewav253zgeav"
    ),
    "version 0 with 16 bytes": "BC1QR508D6QEJXTDG4Y5R3ZARVARYV98GJ9P",
    "mixed case": "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vq47Zagq",
    "more than 4 bits of padding": (
        "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7v07qwwzcrf"
    ),
    "padding that is not zero": "tb1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vpggkg4j",
    "no data": "bc1gmk9yu",
    "base58 with a letter changed": "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
    "base58 cut off": "1A1zP1eP5QGefi2DMPTfTL5SLmv7Divf",
    "only ones": "1" * 30,
    "descriptor characters": "addr(1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa)",
    "descriptor characters under a right checksum": "a)1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqw6dpvs",
    "too long": "bc1" + "q" * 10_000,
}


@pytest.mark.parametrize("address", GOOD)
def test_a_well_formed_address_of_any_network_is_accepted(address):
    assert check_address(address) == address


@pytest.mark.parametrize("address", BAD.values(), ids=BAD.keys())
def test_a_malformed_address_is_refused(address):
    with pytest.raises(MalformedError, match=r"^address: "):
        check_address(address)


@pytest.mark.parametrize("address", [None, 5, b"1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa", ["x"]])
def test_an_address_is_a_string(address):
    with pytest.raises(MalformedError, match="expected a string"):
        check_address(address)


@given(st.sampled_from(GOOD), st.data())
def test_one_wrong_character_is_always_noticed(address, data):
    place = data.draw(st.integers(0, len(address) - 1))
    character = data.draw(st.characters(codec="ascii", exclude_characters=address[place]))
    with pytest.raises(MalformedError):
        check_address(address[:place] + character + address[place + 1 :])


@given(st.text())
def test_any_text_is_judged_without_another_error(text):
    with pytest.raises(MalformedError):
        check_address(text)
