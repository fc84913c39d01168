"""The check of whether a plugin stays who it is."""

from __future__ import annotations

import itertools
import re

import pytest
from conformance_making import module, plugin
from conformance_trying import fails, is_not_applicable, passes, tried

from aitbc.plugins import PluginMetadata
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound

CARD = {
    "name": "mailer",
    "version": "1.0.0",
    "description": "Sends mail",
    "author": "Me",
    "license": "MIT",
    "dependencies": ["clock"],
}
OTHER = {
    "name": "sender",
    "version": "1.0.1",
    "description": "Sends",
    "author": "You",
    "license": "Apache-2.0",
    "dependencies": [],
}


async def initialize():
    return True


def test_a_plugin_that_says_nothing_of_itself_is_no_concern():
    is_not_applicable("META-03", module(initialize), "it implements no get_metadata().")


def test_metadata_may_be_made_anew_each_time():
    passes("META-03", Sound)


@pytest.mark.parametrize("status", ["ACTIVE", "INACTIVE"])
@pytest.mark.parametrize("field", CARD)
def test_no_field_may_depend_on_the_status(field, status):
    def get_metadata(self):
        return PluginMetadata(
            **CARD | ({field: OTHER[field]} if self.status.name == status else {})
        )

    fails(
        "META-03",
        plugin(get_metadata=get_metadata),
        f"expected that {field} stays {CARD[field]!r}; when {status} it says {OTHER[field]!r}.",
    )


def test_it_is_known_before_it_is_loaded():
    def get_metadata(self):
        return PluginMetadata(**(OTHER if self.status.name == "LOADED" else CARD))

    fails(
        "META-03",
        plugin(get_metadata=get_metadata),
        "expected that name stays 'sender'; a new instance says 'mailer'.",
    )


def test_what_becomes_invalid_has_changed():
    def get_metadata(self):
        return PluginMetadata(**CARD) if self.status.name != "INACTIVE" else None

    fails(
        "META-03",
        plugin(get_metadata=get_metadata),
        "[AITBC-P04] plugin 'plugin': get_metadata(): expected PluginMetadata, got None.",
    )


def test_a_second_call_says_the_same():
    versions = itertools.cycle(["1.0.0", "1.0.1"])

    def get_metadata(self):
        return PluginMetadata(**CARD | {"version": next(versions)})

    result = tried("META-03", plugin(get_metadata=get_metadata))
    assert result.outcome is Outcome.FAIL
    assert re.fullmatch(
        r"expected that version stays '1\.0\.\d'; when LOADED it says '1\.0\.\d'\.", result.detail
    )
