"""What only the author of a plugin knows, said on a command line."""

from __future__ import annotations

import pytest
from hypothesis import find

from aitbc_hooks.testing.kit.samples import read_samples, strategies_of


def test_texts_are_taken_as_they_are_and_all_else_is_json():
    assert read_samples(["address=12=3", "event_name=", "from_block=5", 'tx_data={"to": "a"}']) == {
        "address": ["12=3"],
        "event_name": [""],
        "from_block": [5],
        "tx_data": [{"to": "a"}],
    }


def test_a_name_may_have_several_values():
    assert read_samples(["address=a", "from_block=1", "address=b"])["address"] == ["a", "b"]


@pytest.mark.parametrize("text", ["address", "=a", "adress=a", ""])
def test_a_name_that_there_is_not_is_refused(text):
    with pytest.raises(ValueError, match=r"expected NAME=VALUE.*one of address, .*training_data"):
        read_samples([text])


def test_what_is_no_json_is_refused():
    with pytest.raises(ValueError, match=r"tx_data=\{to: a\}: expected JSON: Expecting"):
        read_samples(["tx_data={to: a}"])


def test_each_value_is_drawn_and_none_is_shared():
    strategy = strategies_of({"tx_data": [{"to": "a"}, {"to": "b"}]})["tx_data"]
    assert find(strategy, lambda value: value["to"] == "b") == {"to": "b"}
    first, second = find(strategy, bool), find(strategy, bool)
    assert first == second == {"to": "a"}
    assert first is not second
