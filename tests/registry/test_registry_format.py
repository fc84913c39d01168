from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.errors import RegistryFormatError
from aitbc_hooks.registry import PluginRegistry

ENTRY = {"name": "a", "version": "1.0.0", "description": "d", "author": "x", "license": "MIT"}

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["plugins", "compatibility", "tags", "checksum", *ENTRY]) | st.text(),
            inner,
            max_size=6,
        )
    ),
    max_leaves=10,
)


@given(json_values | st.fixed_dictionaries({"plugins": st.lists(json_values)}))
def test_any_document_is_parsed_or_refused_with_its_code(document):
    try:
        registry = PluginRegistry.parse(json.dumps(document))
    except RegistryFormatError as error:
        assert error.code == "AITBC-R01"
    else:
        assert len(registry.entries) == len(document["plugins"])


@given(st.text() | st.binary())
def test_what_is_not_json_is_refused(text):
    try:
        json.loads(text)
    except ValueError:
        with pytest.raises(RegistryFormatError):
            PluginRegistry.parse(text)


def test_a_deeply_nested_document_is_refused():
    with pytest.raises(RegistryFormatError):
        PluginRegistry.parse("[" * 100_000)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"name": "2bad"}, "plugins[0].name"),
        ({"version": "1.0"}, "plugins[0].version"),
        ({"license": 3}, "plugins[0].license"),
        ({"tags": [1]}, "plugins[0].tags"),
        ({"checksum": []}, "plugins[0].checksum"),
        ({"compatibility": []}, "plugins[0].compatibility"),
        ({"compatibility": {"min_aitbc_version": "x"}}, "plugins[0].compatibility.min_aitbc"),
    ],
)
def test_a_wrong_field_is_named_with_its_place(change, place):
    with pytest.raises(RegistryFormatError) as caught:
        PluginRegistry.parse(json.dumps({"plugins": [{**ENTRY, **change}]}))
    assert caught.value.message.startswith(place)


def test_releases_are_found_newest_first_whatever_the_case_of_the_name():
    entries = [{**ENTRY, "version": v} for v in ("1.9.0", "1.10.0", "1.10.0-rc.1")]
    registry = PluginRegistry.parse(json.dumps({"plugins": entries}))
    assert [e.version for e in registry.find("A")] == ["1.10.0", "1.10.0-rc.1", "1.9.0"]
    assert registry.find("b") == ()


def test_a_new_registry_offers_nothing():
    assert PluginRegistry().entries == ()
