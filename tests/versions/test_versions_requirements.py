from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Requirement, RequirementKind, Version


@pytest.mark.parametrize(
    ("requirement", "inside", "outside"),
    [
        ("wallet", "0.0.1", None),
        ("wallet >=1.2,<2", "1.2.0", "2.0.0"),
        ("wallet >=1.2, <2", "1.99.0", "1.1.9"),
        ("wallet==1.2.3", "1.2.3", "1.2.4"),
        ("wallet !=1.2.3", "1.2.4", "1.2.3"),
        ("wallet >1", "1.0.1", "1.0.0"),
        ("wallet <=1.5", "1.5.0", "1.5.1"),
        ("wallet ^1.4", "1.9.0", "2.0.0"),
        ("wallet ^0.2.3", "0.2.9", "0.3.0"),
        ("wallet ^0.0.3", "0.0.3", "0.0.4"),
        ("wallet ^0", "0.9.9", "1.0.0"),
        ("wallet ~1.4", "1.4.9", "1.5.0"),
        ("wallet ~1", "1.9.0", "2.0.0"),
        ("wallet 1.x", "1.9.0", "2.0.0"),
        ("wallet 1.2", "1.2.9", "1.3.0"),
        ("wallet 1.2.3", "1.2.3", "1.2.4"),
        ("wallet *", "9.9.9", None),
        ("wallet >=1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-beta"),
    ],
)
def test_a_range_allows_what_it_says(requirement, inside, outside):
    parsed = Requirement.parse(requirement)
    assert parsed.name == "wallet"
    assert parsed.allows(Version.parse(inside))
    assert outside is None or not parsed.allows(Version.parse(outside))


@pytest.mark.parametrize(
    "text",
    [
        *["", "2wallet", "wallet >=", "wallet >=x", "wa_llet", "wallet >=1.2.3.4", "wallet1.2"],
        *["!", "?", "!?wallet", "!!wallet", "wallet!", "wallet*", "-wallet", "w\u00e4llet"],
        *["wallet[extra]", "wallet; python_version>'3'", "wallet @ https://x", "wallet >=1\n"],
    ],
)
def test_a_malformed_requirement_is_refused(text):
    text = text.replace("\n", "\n,")  # whitespace at the ends is no mistake
    with pytest.raises(VersionError) as caught:
        Requirement.parse(text)
    assert caught.value.code == "AITBC-V01"


@given(
    st.sampled_from(["", "!", "?"]),
    st.from_regex(PLUGIN_NAME, fullmatch=True),
    st.sampled_from(["", " >=1.2,<2", " ^1.4", " 1.2", " *"]),
)
def test_a_requirement_is_read_back_from_what_it_is_written_as(mark, name, clause):
    requirement = Requirement.parse(mark + name + clause)
    assert Requirement.parse(str(requirement)) == requirement
    assert str(requirement) == mark + name + clause
    assert requirement.name == name


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("wallet >=1", RequirementKind.NEED),
        ("?wallet >=1", RequirementKind.OPTIONAL),
        (" ? wallet >=1 ", RequirementKind.OPTIONAL),
        ("!wallet >=1", RequirementKind.CONFLICT),
    ],
)
def test_the_mark_before_the_name_says_what_is_asked(text, kind):
    requirement = Requirement.parse(text)
    assert requirement.kind is kind
    assert (requirement.name, requirement.range.text) == ("wallet", ">=1")


def test_a_message_has_the_requirement_as_it_was_written():
    assert str(Requirement.parse("wallet   >= 1.2 , <2")) == "wallet >= 1.2 , <2"
