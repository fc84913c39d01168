"""Configurations that cover: every two values of two keys stand together in one of them."""

from __future__ import annotations

import itertools

import pytest
from conformance_trying import fails, passes
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.testing.kit import CHECKS, Specimen
from aitbc_hooks.testing.kit.covering import covering_configs
from aitbc_hooks.testing.kit.sound import Sound


def schema_of(*required, **properties):
    return {"type": "object", "properties": properties, "required": list(required)}


def values_of(name, schema, **options):
    """Return the values that a key has, each once; None where it is absent."""
    found = [config.get(name) for config in covering_configs(schema, **options)]
    return [value for at, value in enumerate(found) if value not in found[:at]]


KINDS = st.lists(st.integers(1, 6), max_size=10)


@given(KINDS, st.data())
def test_every_two_values_of_two_keys_stand_together(kinds, data):
    properties = {f"k{at}": {"enum": list(range(count))} for at, count in enumerate(kinds)}
    required = [name for name in properties if data.draw(st.booleans())]
    found = covering_configs(schema_of(*required, **properties))
    options = {
        name: [*part["enum"][:5], *([] if name in required else [None])]
        for name, part in list(properties.items())[:8]
    }
    for one, other in itertools.combinations(options, 2):
        together = {(config.get(one), config.get(other)) for config in found}
        assert together == set(itertools.product(options[one], options[other]))
    for name, values in options.items():
        assert {config.get(name) for config in found} == set(values)


@given(KINDS)
def test_they_are_few(kinds):
    properties = {f"k{at}": {"enum": list(range(count))} for at, count in enumerate(kinds)}
    assert len(covering_configs(schema_of(*properties, **properties))) <= 3 * 5 * 5


@pytest.mark.parametrize(
    ("part", "values"),
    [
        ({"enum": ["a", "b", "c"]}, ["a", "b", "c"]),
        ({"type": "boolean"}, [False, True]),
        ({"type": "string"}, ["", "0"]),
        ({"type": "integer"}, [0, 1]),
        ({"type": "array", "items": {"type": "string"}}, [[], [""]]),
        ({"type": "integer", "minimum": 3}, [3]),
        ({"const": "only"}, ["only"]),
        ({"$ref": "#/definitions/port"}, [80]),
        ({"$ref": "#/$defs/port"}, [8080]),
    ],
)
def test_a_key_has_the_values_of_its_enumeration_or_the_simplest_and_the_simplest_that_is_true(
    part, values
):
    definitions = {"definitions": {"port": {"const": 80}}, "$defs": {"port": {"const": 8080}}}
    assert values_of("key", {**schema_of("key", key=part), **definitions}) == values


@pytest.mark.parametrize("name", ["a/b", "a~1b", "a%25", "größe", "a b", ""])
def test_a_key_may_have_any_name(name):
    assert values_of(name, schema_of(name, **{name: {"type": "boolean"}})) == [False, True]


@pytest.mark.parametrize(
    "part",
    [
        {"$ref": "#/properties/other"},
        {"const": 0},
        {"const": []},
        False,
        {"type": "string", "format": "own"},
    ],
)
def test_what_cannot_be_told_is_left_to_chance(part):
    schema = schema_of("other", key=part, other={"type": "boolean"})
    assert covering_configs(schema, {"own": st.nothing()}) == [{"other": False}, {"other": True}]


def test_formats_are_those_of_the_author():
    part = {"type": "string", "format": "own"}
    assert values_of("key", schema_of("key", key=part), formats={"own": st.just("x")}) == ["x"]


@pytest.mark.parametrize("schema", [{}, {"type": "object"}, schema_of()])
def test_a_schema_without_keys_has_none(schema):
    assert covering_configs(schema) == []


# On a plugin.


class Replica(Sound):
    def get_config_schema(self):
        return schema_of(
            role={"enum": ["single", "leader", "follower"], "default": "single"},
            peers={"type": "array", "items": {"type": "string"}},
        )


class Forgetful(Replica):
    """Returns nothing from one branch."""

    async def initialize(self):
        return None if self.context.config["role"] == "follower" and self._peers() else True

    def _peers(self):
        return self.context.config.get("peers")


def test_a_branch_is_found_that_two_keys_lead_to():
    message = "[AITBC-L03] plugin 'plugin' in initialize(): expected True, got None."
    fails("LIFE-01", Forgetful, message, examples=1)
    passes("LIFE-01", Replica, examples=1)


def test_defaults_are_filled_in_and_what_is_forbidden_is_left_out():
    class Forbidding(Replica):
        def get_config_schema(self):
            return {**super().get_config_schema(), "dependencies": {"peers": ["role"]}}

    found = Specimen(Replica).covering_configs
    assert len(found) == 12
    assert all("role" in config for config in found)
    assert {"role": "single", "peers": [""]} in found
    allowed = Specimen(Forbidding).covering_configs
    assert [config for config in found if config in allowed] == allowed


def test_there_are_none_where_the_author_has_said_what_there_is():
    assert Specimen(Replica, config={"role": "leader"}).covering_configs == []
    passes("LIFE-01", Forgetful, config={"role": "leader"}, examples=1)
    passes("LIFE-01", Forgetful, config=st.just({"role": "leader"}), examples=1)


def test_a_slow_plugin_is_tried_with_fewer():
    tried = []

    class Slow(Replica):
        async def initialize(self):
            tried.append(self.context.config)
            return True

    specimen = Specimen(Slow)
    specimen._pace = 1000
    CHECKS["LIFE-01"].examine(specimen)
    assert len(tried) == 1 + 5 + 5
