"""A test whose fixture fails."""

from __future__ import annotations


def test_with_a_broken_fixture(broken):
    pass
