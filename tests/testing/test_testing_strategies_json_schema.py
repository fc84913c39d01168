"""Values from JSON Schema: each keyword in each draft, judged by `jsonschema` itself."""

from __future__ import annotations

import copy
import json
from importlib import resources
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from testing_strategies_examples import examples, simplest
from testing_strategies_schemas import DRAFT_4, DRAFT_6, DRAFT_7, DRAFT_2019, DRAFT_2020, is_plain

from aitbc_hooks.config import host_schema
from aitbc_hooks.testing.strategies import (
    InvalidSchemaError,
    UnsatisfiableSchemaError,
    configs,
    from_schema,
    probe,
)
from aitbc_hooks.testing.strategies.json_schema.generating import Source
from aitbc_hooks.testing.strategies.json_schema.referee import Referee


def judge(schema):
    """Return the validator that anyone would use."""
    cls = jsonschema.validators.validator_for(schema, default=jsonschema.Draft7Validator)
    return cls(schema, format_checker=cls.FORMAT_CHECKER)


TREE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "children": {"type": "array", "items": {"$ref": "#"}},
    },
    "additionalProperties": False,
}
SHAPES = {
    "oneOf": [
        {
            "properties": {"kind": {"const": name}, name: {"type": "integer"}},
            "required": ["kind", name],
        }
        for name in ("round", "flat", "tall")
    ]
}
LISTS = {
    "$schema": DRAFT_2020,
    "$id": "https://example.org/lists",
    "type": "object",
    "required": ["numbers", "names"],
    "properties": {"numbers": {"$ref": "numbers"}, "names": {"$ref": "names"}},
    "$defs": {
        "list": {
            "$id": "list",
            "type": "array",
            "items": {"$dynamicRef": "#item"},
            "minItems": 1,
            "$defs": {"any": {"$dynamicAnchor": "item"}},
        },
        "numbers": {
            "$id": "numbers",
            "$ref": "list",
            "$defs": {"item": {"$dynamicAnchor": "item", "type": "integer"}},
        },
        "names": {
            "$id": "names",
            "$ref": "list",
            "$defs": {"item": {"$dynamicAnchor": "item", "type": "string"}},
        },
    },
}

#: What is tested -> the schema, and what some of its values must be.
CASES = {
    "anything": ({}, [lambda v: v is None, lambda v: isinstance(v, dict) and v]),
    "true": (True, [lambda v: isinstance(v, str)]),
    "several types": (
        {"type": ["null", "integer", "string"]},
        [lambda v: v is None, lambda v: isinstance(v, int), lambda v: isinstance(v, str)],
    ),
    "number": ({"type": "number"}, [lambda v: isinstance(v, int), lambda v: v != int(v)]),
    "enum": ({"enum": [1, "a", [], {"b": None}]}, [lambda v: v == {"b": None}, lambda v: v == 1]),
    "enum and type": ({"enum": [1, "a", None, True], "type": "string"}, [lambda v: v == "a"]),
    "const": ({"const": {"a": [1]}}, [lambda v: v == {"a": [1]}]),
    "draft 4: exclusive bounds are flags": (
        {
            "$schema": DRAFT_4,
            "type": "integer",
            "minimum": 1,
            "exclusiveMinimum": True,
            "maximum": 3,
            "exclusiveMaximum": False,
        },
        [lambda v: v == 2, lambda v: v == 3],
    ),
    "draft 6: exclusive bounds are numbers": (
        {"$schema": DRAFT_6, "type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        [lambda v: v > 0.5, lambda v: v < 0.5],
    ),
    "a bound that no float is": (
        {"type": "number", "minimum": 2**53 + 1, "maximum": 2**53 + 3},
        [lambda v: v == 2**53 + 1, lambda v: isinstance(v, float)],
    ),
    "bounds far out": ({"type": "integer", "minimum": 10**30}, [lambda v: v > 10**30]),
    "multipleOf": ({"type": "integer", "multipleOf": 7, "minimum": 10}, [lambda v: v == 14]),
    "multipleOf a decimal": (
        {"type": "number", "multipleOf": 0.01, "minimum": 0, "maximum": 1},
        [lambda v: 0 < v < 1],
    ),
    "two factors": (
        {"type": "integer", "allOf": [{"multipleOf": 4}, {"multipleOf": 6}]},
        [lambda v: v == 12 or v > 12],
    ),
    "lengths": (
        {"type": "string", "minLength": 3, "maxLength": 4},
        [lambda v: len(v) == 3, lambda v: len(v) == 4],
    ),
    "a pattern matches anywhere": (
        {"type": "string", "pattern": "ab+"},
        [lambda v: v.startswith("ab"), lambda v: not v.startswith("ab")],
    ),
    "a pattern and a long minLength": (
        {"type": "string", "pattern": "^[0-9a-f]+$", "minLength": 64, "maxLength": 64},
        [lambda v: len(set(v)) > 2],
    ),
    "an open pattern and a minLength": (
        {"type": "string", "pattern": "(cat|dog)s?", "minLength": 40},
        [lambda v: "dog" in v, lambda v: "cat" in v],
    ),
    "a pattern of parts and lengths": (
        {
            "type": "string",
            "pattern": "^[a-z]{1,9}(-[a-z0-9]{1,9})*$",
            "minLength": 20,
            "maxLength": 24,
        },
        [lambda v: "-" in v],
    ),
    "a password's pattern": (
        {"type": "string", "pattern": r"^(?=.*\d)(?=.*[a-z]).{8,}$"},
        [lambda v: len(v) > 8],
    ),
    "two patterns": (
        {"type": "string", "allOf": [{"pattern": "[0-9]{3}"}, {"pattern": "[A-Z]{3}"}]},
        [lambda v: len(v) > 6],
    ),
    "formats": (
        {
            "type": "object",
            "properties": {
                name: {"type": "string", "format": name}
                for name in ("date", "date-time", "email", "ipv6", "uri", "uuid", "regex", "mine")
            },
            "additionalProperties": False,
        },
        [lambda v: "ipv6" in v, lambda v: "uuid" in v, lambda v: v.get("mine")],
    ),
    "a format and a length": (
        {"type": "string", "format": "email", "maxLength": 12},
        [lambda v: "@" in v],
    ),
    "a format and a pattern": (
        {"type": "string", "format": "ipv4", "pattern": r"\.[1-4]"},
        [lambda v: v.count(".") == 3],
    ),
    "properties": (
        {"type": "object", "properties": {"a": {"type": "integer"}, "b": False}, "required": ["a"]},
        [lambda v: "b" not in v, lambda v: len(v) > 1],
    ),
    "many optional properties": (
        {
            "type": "object",
            "properties": {f"option_{i}": {"type": "boolean"} for i in range(30)},
            "additionalProperties": False,
        },
        [lambda v: "option_29" in v, lambda v: len(v) > 3],
    ),
    "patternProperties": (
        {"patternProperties": {"^x-": {"type": "integer"}}, "additionalProperties": False},
        [lambda v: isinstance(v, dict) and v and all(key.startswith("x-") for key in v)],
    ),
    "two patterns for one key": (
        {
            "type": "object",
            "patternProperties": {"^a": {"minimum": 3}, "b$": {"type": "integer"}},
            "required": ["ab"],
        },
        [lambda v: v["ab"] >= 3],
    ),
    "additionalProperties": (
        {"type": "object", "additionalProperties": {"type": "boolean"}, "minProperties": 2},
        [lambda v: len(v) > 2],
    ),
    "propertyNames": (
        {"type": "object", "propertyNames": {"enum": ["u", "v"]}, "minProperties": 1},
        [lambda v: set(v) == {"u", "v"}, lambda v: set(v) == {"v"}],
    ),
    "maxProperties": (
        {"type": "object", "maxProperties": 1, "properties": {"a": True, "b": True}},
        [lambda v: "a" in v, lambda v: "b" in v],
    ),
    "dependencies": (
        {
            "type": "object",
            "properties": {"a": {}, "b": {}, "c": {}},
            "dependencies": {"a": ["b"], "c": {"required": ["d"]}},
        },
        [lambda v: "a" in v, lambda v: "d" in v, lambda v: "c" not in v],
    ),
    "dependentRequired": (
        {
            "$schema": DRAFT_2019,
            "type": "object",
            "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
            "dependentRequired": {"user": ["password"], "password": ["user"]},
            "additionalProperties": False,
        },
        [lambda v: len(v) == 2, lambda v: not v],
    ),
    "dependentSchemas": (
        {
            "$schema": DRAFT_2020,
            "type": "object",
            "properties": {"tls": {"type": "boolean"}, "port": {"type": "integer"}},
            "dependentSchemas": {"tls": {"properties": {"port": {"const": 443}}}},
        },
        [lambda v: "tls" in v and v.get("port") == 443, lambda v: v.get("port", 443) != 443],
    ),
    "unevaluatedProperties": (
        {
            "$schema": DRAFT_2020,
            "type": "object",
            "allOf": [{"$ref": "#/$defs/base"}],
            "anyOf": [{"properties": {"x": {}}}, {"properties": {"y": {}}, "required": ["y"]}],
            "unevaluatedProperties": False,
            "$defs": {"base": {"properties": {"id": {"type": "integer"}}}},
        },
        [lambda v: "id" in v and "y" in v, lambda v: "x" in v],
    ),
    "items": ({"type": "array", "items": {"enum": [1, 2]}, "minItems": 2}, [lambda v: len(v) > 2]),
    "items that may not be": (
        {"type": "array", "items": [{"const": 1}, False]},
        [lambda v: v == [], lambda v: v == [1]],
    ),
    "additionalItems": (
        {"type": "array", "items": [{"type": "null"}], "additionalItems": {"type": "integer"}},
        [lambda v: len(v) > 1 and isinstance(v[1], int)],
    ),
    "prefixItems": (
        {"$schema": DRAFT_2020, "type": "array", "prefixItems": [{"const": "a"}], "items": False},
        [lambda v: v == ["a"]],
    ),
    "unevaluatedItems": (
        {
            "$schema": DRAFT_2020,
            "type": "array",
            "allOf": [{"prefixItems": [{"const": 1}, {"const": 2}]}],
            "unevaluatedItems": {"type": "null"},
            "minItems": 3,
        },
        [lambda v: v[:2] == [1, 2], lambda v: len(v) > 3],
    ),
    "contains": (
        {"type": "array", "contains": {"const": "x"}, "items": {"type": "string"}},
        [lambda v: v[0] != "x", lambda v: len(v) > 1],
    ),
    "minContains and maxContains": (
        {
            "$schema": DRAFT_2020,
            "type": "array",
            "contains": {"type": "integer"},
            "minContains": 2,
            "maxContains": 2,
        },
        [lambda v: len(v) == 2, lambda v: len(v) > 2],
    ),
    "draft 7 has no minContains": (
        {"$schema": DRAFT_7, "type": "array", "contains": {"const": 1}, "minContains": 5},
        [lambda v: len(v) < 5],
    ),
    "uniqueItems": (
        {
            "type": "array",
            "items": {"enum": [0, False, 1, 1.5]},
            "uniqueItems": True,
            "minItems": 3,
        },
        [lambda v: len(v) == 4],
    ),
    "allOf": (
        {
            "type": "object",
            "allOf": [
                {"properties": {"a": {"minimum": 3}}, "required": ["a"]},
                {"properties": {"a": {"type": "integer", "maximum": 3}}},
            ],
        },
        [lambda v: v["a"] == 3],
    ),
    "anyOf": (
        {"anyOf": [{"type": "integer", "minimum": 5}, {"type": "string", "maxLength": 2}]},
        [lambda v: isinstance(v, int), lambda v: isinstance(v, str)],
    ),
    "oneOf with a mark": (
        {"type": "object", **SHAPES},
        [lambda v: v["kind"] == "round", lambda v: v["kind"] == "tall"],
    ),
    "oneOf that overlaps": (
        {"oneOf": [{"type": "integer", "minimum": 0}, {"type": "integer", "multipleOf": 5}]},
        [lambda v: v > 0, lambda v: v < 0],
    ),
    "oneOf of required keys": (
        {
            "type": "object",
            "properties": {"path": {"type": "string"}, "url": {"type": "string"}},
            "oneOf": [{"required": ["path"]}, {"required": ["url"]}],
        },
        [lambda v: "path" in v, lambda v: "url" in v],
    ),
    "not": (
        {"type": ["integer", "string"], "not": {"enum": [0, ""]}},
        [lambda v: isinstance(v, int), lambda v: isinstance(v, str)],
    ),
    "not a length": (
        {"type": "string", "not": {"maxLength": 20}},
        [lambda v: len(v) == 21, lambda v: len(v) > 21],
    ),
    "not a key": (
        {"type": "object", "properties": {"old": {}, "new": {}}, "not": {"required": ["old"]}},
        [lambda v: "new" in v],
    ),
    "not a narrow thing": (
        {
            "type": "object",
            "required": ["n"],
            "properties": {"n": {"type": "integer", "minimum": 0, "maximum": 3}},
            "not": {"properties": {"n": {"maximum": 2}}},
        },
        [lambda v: v["n"] == 3],
    ),
    "if, then and else": (
        {
            "type": "object",
            "properties": {"mode": {"enum": ["local", "remote"]}, "url": {"type": "string"}},
            "required": ["mode"],
            "additionalProperties": False,
            "if": {"properties": {"mode": {"const": "remote"}}},
            "then": {"required": ["url"]},
            "else": {"properties": {"url": False}},
        },
        [lambda v: v["mode"] == "remote", lambda v: v["mode"] == "local"],
    ),
    "many conditions": (
        {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"enum": [f"k{i}" for i in range(12)]}},
            "allOf": [
                {
                    "if": {"properties": {"kind": {"const": f"k{i}"}}},
                    "then": {"required": [f"of_k{i}"]},
                }
                for i in range(12)
            ],
        },
        [lambda v: "of_k0" in v, lambda v: "of_k11" in v],
    ),
    "a recursive reference": (TREE, [lambda v: v.get("children"), lambda v: "children" not in v]),
    "unknown keys with values of the same schema": (
        {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"anyOf": [{"$ref": "#"}, {"type": "integer"}]},
        },
        [
            lambda v: any(isinstance(item, dict) for item in v.values()),
            lambda v: all(isinstance(item, int) for item in v.values()),
        ],
    ),
    "references between definitions": (
        {
            "definitions": {
                "node": {"anyOf": [{"type": "integer"}, {"$ref": "#/definitions/pair"}]},
                "pair": {
                    "type": "array",
                    "items": [{"$ref": "#/definitions/node"}, {"$ref": "#/definitions/node"}],
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            "$ref": "#/definitions/node",
        },
        [lambda v: isinstance(v, int), lambda v: isinstance(v, list)],
    ),
    "an anchor": (
        {
            "$schema": DRAFT_2020,
            "$ref": "#port",
            "$defs": {"p": {"$anchor": "port", "type": "integer", "minimum": 1}},
        },
        [lambda v: v > 1],
    ),
    "an escaped pointer": (
        {"$ref": "#/definitions/a~1b%25", "definitions": {"a/b%": {"const": 4}}},
        [lambda v: v == 4],
    ),
    "before 2019 a reference stands alone": (
        {"definitions": {"a": {"type": "null"}}, "$ref": "#/definitions/a", "type": "string"},
        [lambda v: v is None],
    ),
    "since 2019 it does not": (
        {
            "$schema": DRAFT_2019,
            "$defs": {"a": {"minimum": 3}},
            "$ref": "#/$defs/a",
            "type": "integer",
        },
        [lambda v: v > 3],
    ),
    "a recursive reference of 2019": (
        {
            "$schema": DRAFT_2019,
            "$id": "https://example.org/tree",
            "$recursiveAnchor": True,
            "type": "object",
            "properties": {"sub": {"$recursiveRef": "#"}},
            "additionalProperties": False,
        },
        [lambda v: "sub" in v],
    ),
    "dynamic references": (LISTS, [lambda v: len(v["numbers"]) > 1, lambda v: v["names"][0]]),
    "the metaschema of draft 4": (jsonschema.Draft4Validator.META_SCHEMA, [lambda v: "items" in v]),
    "the metaschema of draft 7": (
        jsonschema.Draft7Validator.META_SCHEMA,
        [lambda v: v is False, lambda v: isinstance(v, dict) and "allOf" in v],
    ),
    "the metaschema of 2019-09": (
        jsonschema.Draft201909Validator.META_SCHEMA,
        [lambda v: v is True, lambda v: isinstance(v, dict) and "items" in v],
    ),
    "the metaschema of 2020-12": (
        jsonschema.Draft202012Validator.META_SCHEMA,
        [lambda v: v is True, lambda v: isinstance(v, dict) and "prefixItems" in v],
    ),
    "a host's configuration": (host_schema(), [lambda v: v.get("plugins"), lambda v: not v]),
}


@pytest.mark.parametrize(("schema", "wanted"), CASES.values(), ids=CASES)
def test_every_value_is_valid_and_the_schemas_variety_is_reached(schema, wanted):
    validator = judge(schema)
    missing = list(wanted)
    # What Hypothesis draws depends on constants in whatever modules are loaded: luck may be out.
    for count in (100, 400, 1600):
        values = examples(from_schema(schema), count)
        for value in values:
            validator.validate(value)
            assert is_plain(value)
        missing = [condition for condition in missing if not any(map(condition, values))]
        if not missing:
            return
    assert [wanted.index(condition) for condition in missing] == []


BUILT_IN = ["agent_cli", "bitcoin", "translation"]


@pytest.mark.parametrize("name", BUILT_IN)
def test_the_built_in_plugins_have_configurations_with_and_without_every_key(name):
    path = Path(str(resources.files("aitbc_builtin_plugins"))) / name / "config_schema.json"
    schema = json.loads(path.read_text("utf-8"))
    values = examples(configs(schema))
    for value in values:
        judge(schema).validate(value)
    for key in schema["properties"]:
        assert any(key in value for value in values)
        assert any(key not in value for value in values)


# What is simple


def test_a_configuration_shrinks_to_the_simplest_that_is_allowed():
    schema = {
        "type": "object",
        "required": ["port", "name"],
        "properties": {
            "port": {"type": "integer", "minimum": 1024, "default": 8080},
            "name": {"type": "string", "minLength": 1, "default": "main"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
    }
    assert simplest(configs(schema)) == {"port": 1024, "name": "0"}
    long = simplest(configs(schema), lambda config: len(config.get("tags", ())) > 1)
    assert long == {"port": 1024, "name": "0", "tags": ["", ""]}


def test_a_recursive_value_shrinks_to_one_without_recursion():
    assert simplest(from_schema(TREE)) == {"name": ""}


def test_defaults_and_examples_are_likely():
    text = {"type": "string"}
    schema = {
        "type": "object",
        "required": ["a", "b"],
        "properties": {"a": {**text, "default": "the default"}, "b": {**text, "examples": ["one"]}},
    }
    values = examples(configs(schema))
    assert sum(value["a"] == "the default" for value in values) > 5
    assert sum(value["b"] == "one" for value in values) > 5
    assert any(value["a"] != "the default" for value in values)


def test_a_default_that_the_schema_itself_forbids_is_not_used():
    schema = {"type": "integer", "default": "auto", "examples": [-1, 3], "minimum": 0}
    values = examples(from_schema(schema))
    assert 3 in values
    assert all(isinstance(value, int) and value >= 0 for value in values)


def test_a_default_next_to_a_reference_is_likely():
    schema = {
        "definitions": {"s": {"type": "number", "exclusiveMinimum": 0}},
        "properties": {"wait": {"$ref": "#/definitions/s", "default": 2.5}},
    }
    assert any(value.get("wait") == 2.5 for value in examples(configs(schema)))


# What a host sees


def test_a_host_that_takes_no_whole_float_for_an_integer_accepts_every_value():
    schema = {"type": "integer", "enum": [1.0, 2, 3.0]}
    assert set(map(repr, examples(from_schema(schema)))) == {"1", "2", "3"}
    inside = {"properties": {"n": {"type": "integer"}}, "examples": [{"n": 1.0}, {"n": 7}]}
    values = examples(from_schema({"type": "object", "properties": {"o": inside}}))
    assert {"o": {"n": 7}} in values
    assert '"n": 1.0' not in json.dumps(values)


def test_what_only_some_take_for_an_integer_is_neither_allowed_nor_forbidden():
    referee = Referee({"type": "integer"})
    assert [referee.is_valid(value) for value in (1, 1.0, 1.5)] == [True, False, False]
    assert [referee.is_invalid(value) for value in (1, 1.0, 1.5)] == [False, False, True]


def test_numbers_stay_where_every_json_reader_is_exact():
    for value in examples(from_schema({"type": "integer"})):
        assert abs(value) <= 2**53


def test_text_has_odd_characters_but_no_surrogates():
    texts = "".join(examples(from_schema({"type": "string"})))
    texts.encode("utf-8")
    assert any(ord(char) > 0xFFFF for char in texts)
    assert any(ord(char) < 0x20 for char in texts)


def test_the_end_of_a_pattern_is_the_end_of_the_text():
    # Python's $ also matches before a newline; that of JSON Schema does not.
    for value in examples(from_schema({"type": "string", "pattern": "^[a-z]+$"})):
        assert value.isascii()
        assert value.isalpha()


def test_digits_of_a_pattern_are_those_of_ascii():
    for value in examples(from_schema({"type": "string", "pattern": r"^\d+$"})):
        assert value.isascii()


def test_a_configuration_is_always_a_dict():
    assert all(isinstance(value, dict) for value in examples(configs({})))
    assert all(value == {"a": 1} for value in examples(configs({"enum": [3, {"a": 1}, []]})))


# The schema is the author's


def test_the_schema_is_not_changed_and_may_be_changed_afterwards():
    shared = {"type": "integer", "minimum": 1, "maximum": 2}
    schema = {"type": "object", "properties": {"a": shared, "b": shared}, "required": ["a", "b"]}
    before = copy.deepcopy(schema)
    strategy = configs(schema)
    values = examples(strategy)
    assert schema == before
    assert schema["properties"]["a"] is schema["properties"]["b"]
    shared["type"] = "string"
    assert examples(strategy) == values


def test_what_a_test_does_to_a_value_does_not_reach_the_next_one():
    schema = {
        "type": "object",
        "required": ["n", "listed", "usual"],
        "properties": {
            "n": {"type": "integer"},
            "listed": {"enum": [[1]]},
            "usual": {"type": "array", "items": {"type": "boolean"}, "default": [True, False]},
        },
    }
    usual = 0

    @settings(max_examples=50, database=None, derandomize=True)
    @given(from_schema(schema))
    def spoil(value):
        nonlocal usual
        assert value["listed"] == [1]
        usual += value["usual"] == [True, False]
        value["listed"].append(2)
        value["usual"].append(None)

    spoil()
    assert usual > 3


def test_a_schema_may_be_of_other_mappings_and_sequences():
    class Frozen(dict):
        """A mapping of the author's own."""

    schema = Frozen(type="object", properties=Frozen(a=Frozen(enum=(1, 2))), required=("a",))
    assert {value["a"] for value in examples(configs(schema))} == {1, 2}


# Formats of one's own


def test_a_format_of_the_authors_own_has_the_authors_strategy():
    schema = {"type": "object", "required": ["id"], "properties": {"id": {"format": "job-id"}}}
    schema["properties"]["id"]["type"] = "string"
    formats = {"job-id": st.from_regex(r"job-[0-9]{4}", fullmatch=True)}
    for value in examples(configs(schema, formats=formats)):
        assert value["id"].startswith("job-")
        assert len(value["id"]) == 8


def test_a_known_format_can_be_narrowed_and_is_still_judged():
    formats = {"ipv4": st.sampled_from(["10.0.0.1", "no address"])}
    values = examples(from_schema({"type": "string", "format": "ipv4"}, formats=formats))
    assert set(values) == {"10.0.0.1"}


# What cannot be used


@pytest.mark.parametrize(
    "schema",
    [
        False,
        {"type": "integer", "minimum": 3, "maximum": 2},
        {"type": "integer", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
        {"type": "integer", "multipleOf": 10, "minimum": 1, "maximum": 9},
        {"enum": [1, 2], "type": "string"},
        {"type": "string", "minLength": 3, "maxLength": 2},
        {"type": "object", "required": ["a"], "properties": {"a": False}},
        {"type": "object", "required": ["a"], "propertyNames": {"maxLength": 0}},
        {"type": "object", "minProperties": 2, "maxProperties": 1},
        {"type": "object", "minProperties": 1, "additionalProperties": False},
        {"type": "array", "items": {"enum": [1, 2]}, "uniqueItems": True, "minItems": 3},
        {"type": "array", "minItems": 1, "items": False},
        {"type": "object", "required": ["next"], "properties": {"next": {"$ref": "#"}}},
        {"type": "object", "minProperties": 1, "additionalProperties": {"$ref": "#"}},
        {"allOf": [{"type": "string"}, {"type": "integer"}]},
        {"not": {}},
        {"oneOf": [{"type": "null"}, {"type": "null"}]},
        {
            "$schema": DRAFT_2020,
            "type": "object",
            "required": ["a"],
            "allOf": [{"properties": {"a": {}}}, {"unevaluatedProperties": False}],
        },
        {
            "$schema": DRAFT_2020,
            "type": "array",
            "minItems": 1,
            "allOf": [{"prefixItems": [{}]}, {"unevaluatedItems": False}],
        },
    ],
)
def test_what_nothing_can_satisfy_is_told_at_once(schema):
    with pytest.raises(UnsatisfiableSchemaError, match=r"formats=\{name: strategy\}"):
        from_schema(schema)


def test_a_schema_that_allows_no_object_allows_no_configuration():
    with pytest.raises(UnsatisfiableSchemaError):
        configs({"type": "array"})


IMPROBABLE = {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}
IMPROBABLE["properties"]["a"]["pattern"] = r"^(?=a)b$"


def test_a_probe_tells_what_only_a_search_can_tell():
    configs(IMPROBABLE)
    with pytest.raises(UnsatisfiableSchemaError, match=r"was found.*config="):
        probe(IMPROBABLE)


def test_a_probe_returns_a_simple_configuration():
    assert probe({"required": ["a"], "properties": {"a": {"enum": [7]}}}) == {"a": 7}


@pytest.mark.parametrize(
    ("schema", "message"),
    [
        ({"type": "text"}, "type: 'text' is not valid"),
        ({"minimum": "1"}, "minimum: '1' is not of type 'number'"),
        ([], "a schema is a mapping, true or false"),
        (3, "a schema is a mapping, true or false"),
        (None, "a schema is a mapping, true or false"),
        ({"pattern": "("}, "pattern"),
        ({"properties": {"a": {1, 2}}}, "properties/a"),
        ({"$ref": "https://example.org/other.json"}, r"'\$ref' leads nowhere.*other\.json.*\$defs"),
        ({"properties": {"a": {"$ref": "#/definitions/b"}}}, "leads nowhere: '#/definitions/b'"),
        ({"$ref": "#nowhere"}, "leads nowhere"),
        ({"$ref": "#/allOf/x", "allOf": [{}]}, "leads nowhere"),
        ({"$ref": "#/default", "default": 3}, "leads to what is no schema: 3"),
        ({"$ref": "#/default", "default": {"required": 3}}, "cannot be read"),
        ({"$schema": "http://json-schema.org/draft-03/schema#"}, "draft 3.*not supported"),
    ],
)
def test_what_is_no_schema_is_told_with_its_place(schema, message):
    with pytest.raises(InvalidSchemaError, match=message):
        from_schema(schema)


def test_a_reference_that_leads_nowhere_is_told_wherever_it_stands():
    schema = {"properties": {"a": {"items": {"anyOf": [{}, {"not": {"$ref": "#/nowhere"}}]}}}}
    with pytest.raises(InvalidSchemaError, match="#/nowhere"):
        configs(schema)


def test_a_python_object_that_contains_itself_is_no_schema():
    schema = {"properties": {}}
    schema["properties"]["self"] = schema
    with pytest.raises(InvalidSchemaError, match=r"contains itself.*\$ref"):
        from_schema(schema)


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#"},
        {"not": {"$ref": "#"}},
        {"anyOf": [{"type": "string"}, {"allOf": [{"$ref": "#"}]}]},
        {
            "properties": {"a": {"$ref": "#/definitions/b"}},
            "definitions": {"b": {"$ref": "#/definitions/b"}},
        },
    ],
)
def test_a_schema_that_refers_to_itself_without_end_is_told(schema):
    with pytest.raises(InvalidSchemaError, match="without end"):
        from_schema(schema)


def test_both_errors_are_value_errors():
    assert issubclass(InvalidSchemaError, ValueError)
    assert issubclass(UnsatisfiableSchemaError, ValueError)


# What large schemas cost


def nodes(schema):
    """Return how many combinations of alternatives were looked at for a hundred values."""
    source = Source(schema, None)
    assert examples(source.values())
    return len(source.graph._nodes)


def conditional(count):
    return {
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(range(count))}},
        "allOf": [
            {"if": {"properties": {"kind": {"const": i}}}, "then": {"required": [f"of_{i}"]}}
            for i in range(count)
        ],
    }


def marked(count):
    return {
        "type": "object",
        "oneOf": [
            {
                "properties": {"kind": {"const": i}, "a": {"type": "string"}, "b": {"minimum": i}},
                "required": ["kind"],
            }
            for i in range(count)
        ],
    }


@pytest.mark.parametrize("make", [conditional, marked])
def test_alternatives_that_exclude_one_another_do_not_multiply(make):
    assert nodes(make(16)) < 1000


def test_more_alternatives_than_can_be_followed_are_left_to_the_referee():
    many = {"allOf": [{"anyOf": [{"minimum": i}, {"type": "null"}]} for i in range(200)]}
    values = examples(from_schema(many), 10)
    assert values
    for value in values:
        judge(many).validate(value)
