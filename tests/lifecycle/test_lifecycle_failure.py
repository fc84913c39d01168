"""The record of a failure: what it says, and what it says it of."""

from __future__ import annotations

import traceback
from datetime import UTC

import pytest

from aitbc_hooks.errors import ConfigError
from aitbc_hooks.lifecycle import Failure
from aitbc_hooks.lifecycle.failure import shown


class Shy:
    def __repr__(self):
        raise LookupError("no name")


@pytest.mark.parametrize(
    ("method", "text"),
    [
        ("start", "[AITBC-L04] plugin 'ant' in start(): ValueError: no such device"),
        (None, "[AITBC-L04] plugin 'ant': ValueError: no such device"),
    ],
)
def test_a_failure_says_where_it_happened(method, text):
    assert str(Failure("AITBC-L04", "ValueError: no such device", "ant", method)) == text


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (ValueError("no such device"), "[AITBC-L04] ValueError: no such device"),
        (ValueError(), "[AITBC-L04] ValueError"),
        (ValueError(Shy()), "[AITBC-L04] ValueError: <ValueError: str() raised LookupError>"),
        (
            ConfigError("unknown key 'prot'.", hint="Did you mean 'port'?", code="AITBC-C05"),
            "[AITBC-C05] unknown key 'prot'. Did you mean 'port'?",
        ),
        (ConfigError("unknown key 'prot'."), "[AITBC-C06] unknown key 'prot'."),
    ],
)
def test_what_was_raised_is_told_in_its_own_words_an_own_error_with_its_own_code(error, text):
    failure = Failure.from_exception(error, plugin="ant", method="start", code="AITBC-L04")
    assert f"[{failure.code}] {failure.message}" == text
    assert (failure.plugin, failure.method) == ("ant", "start")


def test_what_was_raised_is_told_with_its_traceback():
    try:
        int("one")
    except ValueError as error:
        failure = Failure.from_exception(error, plugin="ant", method=None, code="AITBC-L04")
        assert failure.traceback == "".join(traceback.format_exception(error))


def test_a_failure_is_recorded_in_utc():
    assert Failure("AITBC-L04", "ValueError", "ant").at.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1, "1"),
        ("x" * 300, "'" + "x" * 199),
        (Shy(), "<Shy: repr() raised LookupError>"),
    ],
)
def test_what_an_object_says_of_itself_is_short_and_raises_nothing(value, text):
    assert shown(value) == text
