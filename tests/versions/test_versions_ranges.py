from __future__ import annotations

import pytest
import versions_reference as reference
from hypothesis import example, given
from hypothesis import strategies as st
from versions_texts import small, small_pre, small_releases, small_versions, versions

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions import Version, VersionRange

partials = st.builds(
    lambda parts, n: ".".join(map(str, parts[:n])), small_releases, st.integers(1, 3)
)
bounds = partials | st.builds(lambda c, p: "{}.{}.{}".format(*c) + p, small_releases, small_pre)
wildcards = st.builds(
    lambda parts, end: ".".join(map(str, parts)) + end,
    st.lists(small, min_size=1, max_size=2),
    st.sampled_from([".x", ".*", ".X"]),
)
clauses = st.one_of(
    st.just("*"),
    st.tuples(st.sampled_from([">=", ">", "<", "<=", "==", "!=", "^", "~", "", ">= "]), bounds),
    st.tuples(st.sampled_from(["", "==", "!="]), wildcards),
).map("".join)
ranges = st.lists(clauses, max_size=3).map(",".join)


@given(ranges, small_versions, st.booleans())
@example("<2", "2.0.0-rc.1", True)  # noqa: FBT003
@example("^0.0", "0.0.2", False)  # noqa: FBT003
def test_a_range_allows_what_its_clauses_mean(text, version, prereleases):
    expected = reference.allows(text, version, prereleases=prereleases)
    allowed = VersionRange.parse(text).allows(Version.parse(version), prereleases=prereleases)
    assert allowed is expected


@given(ranges, small_versions)
def test_allowing_prereleases_takes_nothing_away(text, version):
    parsed, version = VersionRange.parse(text), Version.parse(version)
    assert parsed.allows(version, prereleases=True) >= parsed.allows(version)
    if not version.pre:
        assert parsed.allows(version, prereleases=True) == parsed.allows(version)


@given(ranges, versions)
def test_build_metadata_plays_no_part(text, version):
    parsed = VersionRange.parse(text)
    bare = Version.parse(version.partition("+")[0])
    assert parsed.allows(Version.parse(version)) is parsed.allows(bare)


@given(ranges)
def test_a_range_keeps_its_text_and_is_read_back_from_it(text):
    parsed = VersionRange.parse(f"  {text} ")
    assert str(parsed) == parsed.text == text
    assert VersionRange.parse(str(parsed)) == parsed
    assert hash(VersionRange.parse(str(parsed))) == hash(parsed)


def test_ranges_are_equal_by_what_they_say_not_by_how_it_is_written():
    assert VersionRange.parse(">=1.2, <2") == VersionRange.parse(">= 1.2.0,<2.0")
    assert VersionRange.parse("1.2.x") == VersionRange.parse("1.2")
    assert VersionRange.parse("<2.0.0-0") != VersionRange.parse("<2")


@pytest.mark.parametrize("text", ["", " ", "*"])
def test_no_range_is_every_version_but_no_prerelease(text):
    parsed = VersionRange.parse(text)
    assert parsed.is_any
    assert parsed.allows(Version.parse("0.0.0"))
    assert not parsed.allows(Version.parse("1.0.0-rc.1"))
    assert parsed.allows(Version.parse("1.0.0-rc.1"), prereleases=True)


def test_a_prerelease_is_allowed_where_one_of_its_own_release_is_named():
    parsed = VersionRange.parse(">=1.2.0-beta.1,<2")
    assert parsed.allows(Version.parse("1.2.0-rc.1"))
    assert not parsed.allows(Version.parse("1.3.0-rc.1"))
    assert parsed.allows(Version.parse("1.3.0-rc.1"), prereleases=True)


def test_excluding_a_prerelease_does_not_name_it():
    parsed = VersionRange.parse("!=1.2.0-beta.1")
    assert not parsed.allows(Version.parse("1.2.0-rc.1"))


@pytest.mark.parametrize("text", ["<2", "^1.2", "~1.2", "1.x"])
def test_the_next_releases_prereleases_are_above_an_upper_end(text):
    parsed = VersionRange.parse(text)
    for version in ("2.0.0-0", "2.0.0-rc.1", "2.0.0"):
        assert not parsed.allows(Version.parse(version), prereleases=True)


@pytest.mark.parametrize(
    "text",
    [
        *[">=", ">=x", "x", "=1", "=>1", "===1.0.0", "1.2.3.4", "1.2.x.x", "1.x.3", "**", "1..2"],
        *[">=1.x", "^1.*", "~1.x", "1.2-rc", ">=1.2-rc", "1.x-rc", ">=01", "1,", ",", ">=1,,<2"],
        *[">=1 <2", "1 2", "^^1", "1.0.0-01", "\uff11", "1.0.0\n,<2x", "9999999999"],
    ],
)
def test_a_malformed_range_is_refused(text):
    with pytest.raises(VersionError) as caught:
        VersionRange.parse(text)
    assert caught.value.code == "AITBC-V01"


@given(st.text(max_size=8) | st.text("0123456789.xX*<>=!^~,-+a ", max_size=10))
def test_any_text_is_a_range_or_is_refused(text):
    try:
        parsed = VersionRange.parse(text)
    except VersionError:
        return
    assert parsed.text == text.strip()


def test_a_long_range_makes_no_long_message():
    with pytest.raises(VersionError) as caught:
        VersionRange.parse(">=1," + "9" * 10_000)
    assert len(str(caught.value)) < 300
