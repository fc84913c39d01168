"""Where an implementation is among those of its hook."""

from __future__ import annotations

import itertools

import pytest

from aitbc_hooks.dispatch.ordering import position


@pytest.mark.parametrize("count", range(1, 6))
def test_an_implementation_is_found_whether_or_not_the_others_are_sorted(count):
    for impls in itertools.permutations(range(count)):
        found = [position(impls, impl, lambda impl: (impl,)) for impl in impls]
        assert found == list(range(count))
