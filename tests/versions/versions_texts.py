"""Strategies for the texts of versions and ranges."""

from __future__ import annotations

from hypothesis import strategies as st

numbers = st.integers(0, 3) | st.integers(0, 999_999_999)
releases = st.builds("{}.{}.{}".format, numbers, numbers, numbers)
identifiers = st.sampled_from(["alpha", "beta", "rc", "x-y", "0", "1", "11", "a1", "-", "0a"])
pre_releases = st.lists(identifiers, min_size=1, max_size=3).map(lambda p: "-" + ".".join(p))
builds = st.sampled_from(["", "+1", "+build.007", "+-"])
versions = st.tuples(releases, st.just("") | pre_releases, builds).map("".join)

#: Few different versions, so that bounds are met and missed by little.
small = st.integers(0, 2)
small_releases = st.tuples(small, small, small)
small_pre = st.sampled_from(["", "", "-0", "-alpha", "-rc.1"])
small_versions = st.builds(
    lambda core, pre: "{}.{}.{}".format(*core) + pre, small_releases, small_pre
)
