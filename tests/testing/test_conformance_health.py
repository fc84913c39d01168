"""The check of what a plugin says of its health."""

from __future__ import annotations

import pytest
from conformance_making import module, plugin
from conformance_trying import fails, is_not_applicable, passes, plans_of, tried

from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound


async def initialize():
    return True


def test_a_sound_plugin_is_well():
    passes("HLTH-01", Sound)


def test_a_plugin_that_says_nothing_of_its_health_is_no_concern():
    is_not_applicable("HLTH-01", module(initialize), "it implements no health_check().")


def test_what_a_module_says_is_looked_at():
    def health_check():
        return {"healthy": True}

    result = tried("HLTH-01", module(health_check))
    assert (result.outcome, result.detail) == (
        Outcome.FAIL,
        "health_check(): expected a text under 'status', got {'healthy': True}.",
    )


@pytest.mark.parametrize("status", ["loaded", "active", "inactive"])
def test_health_is_asked_for_in_every_status(status):
    async def health_check(self):
        if self.status.value == status:
            raise LookupError(status)
        return {"status": "well"}

    fails(
        "HLTH-01",
        plugin(health_check=health_check),
        f"health_check() raised LookupError: {status}",
    )


def test_a_plugin_is_asked_for_its_health_in_every_status():
    assert plans_of("HLTH-01", plugin())[0] == [
        "load()",
        "health()",
        "start()",
        "health()",
        "stop()",
        "health()",
        "unload()",
    ]
