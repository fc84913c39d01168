"""Patterns, steered to a length."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from testing_strategies_examples import examples

from aitbc_hooks.testing.strategies.json_schema.regexes import variants
from aitbc_hooks.testing.strategies.json_schema.spans import Span
from aitbc_hooks.testing.strategies.json_schema.strings import StringRules

PATTERNS = [
    "^[a-z]+$",
    "^[a-z]*[0-9]{2,}$",
    "^(ab|c{1,4}){2,9}$",
    r"^\w+@\w+\.(org|net)$",
    "^a?b?c?d?$|^long(er)*$",
    "x(y|z*)+?$",
    r"\Aid-(?P<number>\d+)\Z",
    "^[^]a]{3,}$",
    r"^\u0041\x42(?:[\]\\]|\.)*$",
    "^(?=.*q)[a-z]{4,}$",
    r"^(?=.*[A-Z])(?=.*\d)(?=.*[^\w]).{6,}$",
    "^(?=ab)[a-c]+$",
    "^$|^[a-f]{6}$",
]
SHORT, EXACT, LONG, LONGER = Span(0, 6), Span(6, 6), Span(12), Span(9, 14)
IMPOSSIBLE = [
    (r"^\w+@\w+\.(org|net)$", SHORT),
    (r"^\w+@\w+\.(org|net)$", EXACT),
    ("^$|^[a-f]{6}$", LONG),
    ("^$|^[a-f]{6}$", LONGER),
]
SPANS = [Span(), SHORT, EXACT, LONG, LONGER]


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("span", SPANS, ids=str)
def test_texts_match_the_pattern_and_have_the_length(pattern, span):
    strategy = StringRules(span, patterns=(pattern,)).strategy({})
    if not variants(pattern, span):
        assert (pattern, span) in IMPOSSIBLE
        return
    for text in examples(strategy, 30):
        assert re.search(pattern, text)
        assert span.holds(len(text))


@pytest.mark.parametrize(
    ("pattern", "span", "expected"),
    [
        ("^[a-z]+$", Span(3, 5), [r"^[a-z]{3,5}\Z"]),
        ("^[a-z]{2}$", Span(0, 9), [r"^[a-z]{2,2}\Z"]),
        ("^ab$", Span(3), []),
        ("^a{5,}$", Span(0, 4), []),
        ("^a*b*$", Span(4, 4), [r"^a{4,4}b{0,0}\Z", r"^a{0,0}b{4,4}\Z"]),
        ("^(a|bbb)$", Span(2), [r"^(bbb)\Z"]),
        ("^(ab)+$", Span(5, 6), [r"^(ab){3,3}\Z"]),
        ("a", Span(3, 3), [r"[\s\S]{2,2}a[\s\S]{0,0}", r"[\s\S]{0,0}a[\s\S]{2,2}"]),
    ],
)
def test_repetitions_are_narrowed_to_the_length(pattern, span, expected):
    assert variants(pattern, span) == expected


@pytest.mark.parametrize(
    "pattern", ["(?i)a", r"(a)\1", "(?P<n>a)(?P=n)", "a{,}", "{", "a)", "(a", "["]
)
def test_a_pattern_that_is_not_understood_is_left_alone(pattern):
    assert variants(pattern, Span()) == []


def test_what_is_not_understood_is_generated_and_filtered_all_the_same():
    rules = StringRules(Span(2, 2), patterns=(r"^(a|b)\1$",))
    assert set(examples(rules.strategy({}), 20)) == {"aa", "bb"}


@given(st.text("ab^$()|*+?{},[]\\.-:=!<>P1dws", max_size=12), st.integers(0, 5))
def test_no_pattern_that_python_takes_makes_the_reader_fail(pattern, low):
    try:
        re.compile(pattern)
    except (re.error, FutureWarning):
        return
    for text in variants(pattern, Span(low, low + 3)):
        re.compile(text)
