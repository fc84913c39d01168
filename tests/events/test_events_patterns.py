from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.events.patterns import compile_pattern

words = st.text("ab", min_size=1, max_size=2)
topics = st.lists(words, min_size=1, max_size=4)
patterns = st.lists(words | st.sampled_from("*#"), min_size=1, max_size=4)


def matches(pattern: list[str], topic: list[str]) -> bool:
    """The reference: word by word, as AMQP 0-9-1 section 3.1.3.3 has it."""
    if not pattern:
        return not topic
    if pattern[0] == "#":
        return any(matches(pattern[1:], topic[i:]) for i in range(len(topic) + 1))
    return bool(topic) and pattern[0] in ("*", topic[0]) and matches(pattern[1:], topic[1:])


@given(patterns, topics)
def test_a_pattern_matches_exactly_what_the_reference_matches(pattern, topic):
    compiled = compile_pattern(".".join(pattern))
    assert compiled(".".join(topic)) is matches(pattern, topic)


@pytest.mark.parametrize("pattern", ["", "a.", ".a", "a..b", "a*", "*b", "a.#b", "**"])
def test_a_malformed_pattern_is_refused_and_shown(pattern):
    with pytest.raises(ValueError, match="expected words joined by dots") as caught:
        compile_pattern(pattern)
    assert repr(pattern) in str(caught.value)


def test_characters_that_mean_something_to_regular_expressions_stand_for_themselves():
    assert compile_pattern("a+b.*")("a+b.x")
    assert not compile_pattern("a+b.*")("aab.x")
