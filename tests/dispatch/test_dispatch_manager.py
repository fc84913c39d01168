"""What a manager says about its hooks."""

from __future__ import annotations

import pytest
from dispatch_plugins import async_spec, manager_of, sync_spec


@pytest.mark.parametrize(
    ("spec", "name", "awaited"),
    [(async_spec, "hook", True), (sync_spec, "hook", False), (async_spec, "nothing", False)],
)
def test_only_a_hook_with_an_async_hookspec_is_awaited(spec, name, awaited):
    assert manager_of(spec=spec).is_awaited(name) is awaited


@pytest.mark.parametrize(
    ("options", "raises"),
    [({}, True), ({"on_error": "isolate"}, False), ({"on_error": "group"}, False)],
    ids=str,
)
def test_only_a_hook_without_another_policy_raises_what_an_implementation_raises(options, raises):
    assert manager_of(spec=async_spec, **options).raises("hook") is raises
