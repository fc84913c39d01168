"""One line of a failure, and the nearest of many names."""

from __future__ import annotations

import pytest

from aitbc_hooks.cli.names import did_you_mean, is_slip
from aitbc_hooks.cli.output import brief


@pytest.mark.parametrize(
    ("code", "message", "line"),
    [
        ("AITBC-P02", "ValueError: no\n  File x\n", "ValueError: no"),
        ("AITBC-C08", "a: x [AITBC-C08]\nb: y [AITBC-C08]", "a: x; b: y"),
        ("AITBC-C08", "a: x [AITBC-C08]\nb: y [AITBC-C10]", "a: x; b: y [AITBC-C10]"),
        ("AITBC-P02", "", ""),
    ],
)
def test_a_failure_in_brief_is_its_first_line_or_all_problems_of_a_configuration(
    code, message, line
):
    assert brief(code, message) == line


def test_the_nearest_name_is_alike_or_begins_with_what_was_typed():
    names = ["agent-cli", "bitcoin-integration"]
    assert did_you_mean("agnt-cli", names) == " Did you mean 'agent-cli'?"
    assert did_you_mean("Bit", names) == " Did you mean 'bitcoin-integration'?"
    assert did_you_mean("zzz", names) == ""


def test_a_slip_is_a_letter_wrong_or_two_swapped():
    assert all(is_slip(typed, ["list"]) for typed in ("lst", "lits", "lisst", "LIST"))
    assert not any(is_slip(typed, ["list", "config"]) for typed in ("whisper", "last-one", "coin"))
