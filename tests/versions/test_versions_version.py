from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from versions_texts import versions

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions import Version

semver = pytest.importorskip("semver", reason="semver is missing; the extra dev has it")


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
    "text",
    [
        *["1", "1.2", "1.2.3.4", "01.2.3", "1.2.3-01", "1.2.3-", "1.2.3+", "1.2.3-a..b"],
        *["v1.2.3", "1.2.3\n", " 1.2.3", "\uff11.2.3", "1.2.3-\u00e9", "1.2.3+a_b"],
        *["1000000000.0.0", "1.0.0-1000000000"],
    ],
)
def test_near_misses_are_refused(text):
    with pytest.raises(VersionError):
        Version.parse(text)


def test_a_version_has_at_most_128_characters_and_the_message_not_many_more():
    fits = "1.0.0-" + "a" * 122
    assert str(Version.parse(fits)) == fits
    with pytest.raises(VersionError, match="at most 128 characters, got 100006") as caught:
        Version.parse("1.0.0-" + "a" * 100_000)
    assert len(str(caught.value)) < 200


def test_a_number_has_at_most_nine_digits():
    assert Version.parse("999999999.0.0-999999999").major == 999_999_999
    assert Version.parse("1.0.0-1234567890a").pre == ("1234567890a",)


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


@given(versions, versions)
def test_the_sort_key_tells_every_two_texts_apart_and_agrees_with_the_order(a, b):
    x, y = Version.parse(a), Version.parse(b)
    assert (x.sort_key == y.sort_key) is (a == b)
    if x < y:
        assert x.sort_key < y.sort_key


# The package `semver` as the oracle. It has no limits of length and digits.


@given(versions, versions)
@example("1.0.0-1", "1.0.0")
@example("1.0.0-a-b", "1.0.0-a.b")
def test_the_order_is_that_of_semver(a, b):
    x, y = Version.parse(a), Version.parse(b)
    expected = semver.Version.parse(a).compare(b)
    assert (x > y) - (x < y) == expected
    assert (x == y) is (expected == 0)


@given(
    versions
    | st.text("019.-+arX ", max_size=14)
    | st.tuples(versions, st.sampled_from(".-+0 a"), st.integers(0, 20)).map(
        lambda drawn: drawn[0][: drawn[2]] + drawn[1] + drawn[0][drawn[2] :]
    )
)
@example("1.2.3-0123")
@example("1.2.3-0123.0a")
def test_what_is_a_version_is_what_semver_says(text):
    try:
        oracle = semver.Version.parse(text)
    except ValueError:
        with pytest.raises(VersionError):
            Version.parse(text)
        return
    longest = max(
        [len(str(part)) for part in (oracle.major, oracle.minor, oracle.patch)]
        + [len(part) for part in (oracle.prerelease or "").split(".") if part.isdecimal()]
    )
    if longest > 9:
        with pytest.raises(VersionError):
            Version.parse(text)
        return
    parsed = Version.parse(text)
    assert (parsed.major, parsed.minor, parsed.patch) == oracle.to_tuple()[:3]
    assert ".".join(map(str, parsed.pre)) == (oracle.prerelease or "")
    assert parsed.build == (oracle.build or "")
