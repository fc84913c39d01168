from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions import PLUGIN_NAME, Requirement, Version

numbers = st.integers(0, 12)
releases = st.builds("{}.{}.{}".format, numbers, numbers, numbers)
identifiers = st.sampled_from(["alpha", "beta", "rc", "x-y", "0", "1", "11", "a1"])
pre_releases = st.lists(identifiers, min_size=1, max_size=3).map(lambda p: "-" + ".".join(p))
builds = st.sampled_from(["", "+1", "+build.007"])
versions = st.tuples(releases, st.just("") | pre_releases, builds).map("".join)


@given(versions)
def test_a_version_is_written_as_it_was_read(text):
    assert str(Version.parse(text)) == text


@given(st.text(max_size=12) | st.none() | st.integers())
def test_whatever_is_no_version_is_refused(value):
    try:
        parsed = Version.parse(value)
    except VersionError as error:
        assert error.code == "AITBC-V01"
    else:
        assert str(parsed) == value


@pytest.mark.parametrize(
    "text", ["1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3-", "v1.2.3", "1.2.3\n", " 1.2.3"]
)
def test_near_misses_are_refused(text):
    with pytest.raises(VersionError):
        Version.parse(text)


def test_precedence_is_the_example_of_semver_section_11():
    texts = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"]
    texts += ["1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1"]
    for lower, higher in itertools.pairwise(texts):
        assert Version.parse(lower) < Version.parse(higher)
        assert not Version.parse(higher) < Version.parse(lower)


@given(versions, versions, versions)
def test_the_order_is_total_and_leaves_build_metadata_out(a, b, c):
    x, y, z = map(Version.parse, (a, b, c))
    assert (x < y) + (x == y) + (y < x) == 1
    if x <= y <= z:
        assert x <= z
    assert Version.parse(a.partition("+")[0]) == x
    assert hash(Version.parse(a.partition("+")[0])) == hash(x)


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
        ("wallet >=1.0.0-rc.1", "1.0.0-rc.2", "1.0.0-beta"),
    ],
)
def test_a_range_allows_what_it_says(requirement, inside, outside):
    parsed = Requirement.parse(requirement)
    assert parsed.name == "wallet"
    assert parsed.allows(Version.parse(inside))
    assert outside is None or not parsed.allows(Version.parse(outside))


@pytest.mark.parametrize(
    "text", ["", "2wallet", "wallet 1.2", "wallet >=", "wallet >=x", "wa_llet", "wallet >=1.2.3.4"]
)
def test_a_malformed_requirement_is_refused(text):
    with pytest.raises(VersionError):
        Requirement.parse(text)


@given(st.from_regex(PLUGIN_NAME, fullmatch=True), st.sampled_from(["", " >=1.2,<2", " ^1.4"]))
def test_a_requirement_is_read_back_from_what_it_is_written_as(name, clause):
    requirement = Requirement.parse(name + clause)
    assert Requirement.parse(str(requirement)) == requirement
    assert requirement.name == name
