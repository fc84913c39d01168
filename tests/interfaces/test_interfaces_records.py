from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc.plugins import PluginContext, PluginMetadata
from aitbc_hooks.errors import MetadataError
from aitbc_hooks.versions import PLUGIN_NAME

CARD = PluginMetadata("my-plugin", "1.0.0", "Example", "Dev", "MIT")


def test_lists_that_are_left_out_are_read_as_empty():
    assert (CARD.keywords, CARD.dependencies, CARD.supported_platforms) == ([], [], [])
    assert (CARD.homepage, CARD.min_aitbc_version, CARD.max_aitbc_version) == (None, None, None)


def test_two_records_do_not_share_their_empty_lists():
    other = PluginMetadata("other", "1.0.0", "", "", "MIT")
    other.keywords.append("x")
    assert CARD.keywords == []


def test_replace_and_asdict_work_as_on_any_dataclass():
    newer = dataclasses.replace(CARD, version="1.1.0", keywords=["x"])
    assert dataclasses.asdict(newer) == {
        **dataclasses.asdict(CARD),
        "version": "1.1.0",
        "keywords": ["x"],
    }
    with pytest.raises(MetadataError, match="version: "):
        dataclasses.replace(CARD, version="1.1")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", "2bad"),
        ("name", "bad_name"),
        ("name", "bad\n"),
        ("name", ""),
        ("name", None),
        ("version", "1.0"),
        ("version", 1),
        ("description", None),
        ("author", 7),
        ("license", ""),
        ("license", "  "),
        ("license", None),
        ("homepage", 1),
        ("repository", []),
        ("keywords", "word"),
        ("keywords", [1]),
        ("dependencies", ["wallet >="]),
        ("dependencies", "wallet"),
        ("min_aitbc_version", "1"),
        ("max_aitbc_version", "x"),
        ("supported_platforms", "linux"),
    ],
)
def test_an_invalid_field_is_named_first(field, value):
    fields = {**dataclasses.asdict(CARD), field: value}
    with pytest.raises(MetadataError) as caught:
        PluginMetadata(**fields)
    assert caught.value.message.startswith(f"{field}: ")
    assert caught.value.code == "AITBC-P04"


@given(st.text(max_size=8))
def test_a_name_is_accepted_exactly_if_the_whole_of_it_fits_the_grammar(name):
    try:
        PluginMetadata(name, "1.0.0", "", "", "MIT")
    except MetadataError:
        assert not PLUGIN_NAME.fullmatch(name)
    else:
        assert PLUGIN_NAME.fullmatch(name)


def test_a_context_takes_what_the_specification_gives_it():
    context = PluginContext({"a": 1}, "/data", "/temp", None, None, None)
    assert dataclasses.replace(context, config={}).data_dir == "/data"


@pytest.mark.parametrize(
    ("field", "value"), [("config", []), ("data_dir", None), ("temp_dir", b"x")]
)
def test_a_context_names_the_field_that_is_wrong(field, value):
    fields = {"config": {}, "data_dir": "", "temp_dir": "", field: value}
    with pytest.raises(TypeError, match=rf"PluginContext\.{field}: expected"):
        PluginContext(**fields, logger=None, event_bus=None, api_client=None)
