from __future__ import annotations

import copy

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks.config import HostConfig, InvalidConfigError, check_plugin_config, load_config
from aitbc_hooks.config.secrets import MASK
from aitbc_hooks.errors import ConfigError

ENVIRON = {"N": "42", "F": "1.5", "B": "yes", "S": "text", "BIG": "9" * 400}


def host(config, environ=ENVIRON):
    mapping = {"plugins": {"p": {"enabled": True, "config": config}}}
    return HostConfig.from_mapping(mapping, environ=environ)


def check(config, schema, environ=ENVIRON):
    settings = host(config, environ)
    return check_plugin_config("P", settings.plugin("p").config, schema, host=settings)


def problems(config, schema):
    with pytest.raises(ConfigError) as caught:
        check(config, schema)
    assert caught.value.plugin == "P"
    return [(problem.code[-3:], problem.message) for problem in caught.value.problems]


def bad_schema(schema, config=None):
    with pytest.raises(ConfigError) as caught:
        check(config or {}, schema)
    assert caught.value.code == "AITBC-C10"
    assert caught.value.plugin == "P"
    return str(caught.value)


def test_an_empty_schema_takes_everything_and_gives_a_deep_copy():
    config = {"a": [{"b": 1}]}
    settings = host(config)
    given_ = settings.plugin("p").config
    checked = check_plugin_config("p", given_, {}, host=settings)
    assert checked == config
    checked["a"][0]["b"] = 2
    assert given_ == config


def test_defaults_are_filled_in_at_every_depth():
    schema = {
        "properties": {
            "a": {"default": [1]},
            "b": {"properties": {"c": {"default": 2}, "d": {"properties": {"e": {"default": 3}}}}},
            "list": {"items": {"properties": {"f": {"default": 4}}}},
            "made": {"default": {}, "properties": {"g": {"default": 5}}},
            "ref": {"$ref": "#/definitions/r"},
            "none": {"properties": {"h": {"type": "string"}}},
        },
        "allOf": [{"properties": {"i": {"default": 6}}}],
        "patternProperties": {"^x": {"properties": {"j": {"default": 7}}}},
        "additionalProperties": {"properties": {"k": {"default": 8}}},
        "definitions": {"r": {"properties": {"l": {"default": 9}}}},
    }
    config = {"list": [{}, {"f": 0}], "xx": {}, "other": {}}
    assert check(config, schema) == {
        "a": [1],
        "b": {"c": 2, "d": {"e": 3}},
        "list": [{"f": 4}, {"f": 0}],
        "made": {"g": 5},
        "ref": {"l": 9},
        "i": 6,
        "xx": {"j": 7},
        "other": {"k": 8},
    }
    assert schema["properties"]["a"]["default"] == [1]


def test_a_default_serves_a_required_key():
    schema = {"properties": {"a": {"default": 1}}, "required": ["a"]}
    assert check({}, schema) == {"a": 1}


def test_an_optional_mapping_is_not_made_when_its_required_keys_have_no_default():
    inner = {"properties": {"a": {"default": 1}, "b": {}}, "required": ["b"]}
    assert check({}, {"properties": {"x": inner}}) == {}
    assert check({"x": {"b": 0}}, {"properties": {"x": inner}}) == {"x": {"a": 1, "b": 0}}


def test_an_alternative_gives_no_default():
    schema = {"anyOf": [{"properties": {"a": {"default": 1}}}, {}], "if": {}, "then": {
        "properties": {"b": {"default": 1}}}}  # fmt: skip
    assert check({}, schema) == {}


def test_a_schema_that_contains_itself_is_followed_only_as_far_as_the_value_goes():
    node = {"properties": {"next": {"$ref": "#"}, "n": {"default": 0}}}
    assert check({"next": {"next": {}}}, node)["next"]["next"]["n"] == 0
    twins = {"properties": {"l": {"$ref": "#"}, "r": {"$ref": "#"}, "n": {"default": 0}}}
    assert check({}, twins)["n"] == 0


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("${N}", "integer", 42),
        ("${N}", "number", 42),
        ("${N}", "string", "42"),
        ("${N}", ["string", "integer"], "42"),
        ("${N}", ["integer", "null"], 42),
        ("${F}", "number", 1.5),
        ("${B}", "boolean", True),
        ("${NO:-false}", "boolean", False),
        ("${NO:--7}", "integer", -7),
        ("${N}", None, "42"),
        ("${S}", "string", "text"),
    ],
)
def test_one_whole_placeholder_becomes_what_the_schema_wants(text, kind, expected):
    schema = {"properties": {"k": {"type": kind} if kind else {}}}
    result = check({"k": text}, schema)["k"]
    assert (type(result), result) == (type(expected), expected)


@pytest.mark.parametrize(
    ("text", "kind"),
    [("${S}", "integer"), ("${F}", "integer"), ("${N}0", "integer"), ("42", "integer"),
     ("${N}", "boolean"), ("${S}", "boolean"), ("${BIG}", "integer"), ("${S}", "array")],
)  # fmt: skip
def test_what_does_not_fit_stays_text_and_is_reported_without_it(text, kind):
    ((code, message),) = problems({"k": text}, {"properties": {"k": {"type": kind}}})
    assert code == "C08"
    assert "got a string" in message
    assert ("42" in message) == (text == "42")


def test_every_problem_is_placed_at_its_key_in_the_file(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        "plugins:\n  P:\n    enabled: true\n    config:\n"
        "      max_agents: many\n      type: chta\n      password: too-long-by-far\n"
        "      version: 1.10\n      unknwon: 1\n      list: [1, x]\n",
        encoding="utf-8",
    )
    settings = load_config(path, environ={})
    schema = {
        "additionalProperties": False,
        "required": ["name"],
        "properties": {
            "max_agents": {"type": "integer"},
            "type": {"enum": ["chat", "code"]},
            "password": {"maxLength": 3},
            "version": {"type": "string"},
            "unknown": {},
            "list": {"items": {"type": "integer"}},
            "name": {},
        },
    }
    with pytest.raises(InvalidConfigError) as caught:
        check_plugin_config("p", settings.plugin("p").config, schema, host=settings)
    assert str(caught.value).replace(str(path), "f").splitlines() == [
        "f:4:5: plugins.P.config lacks the required key 'name' [AITBC-C08]",
        "f:5:7: plugins.P.config.max_agents must be an integer, got a string, 'many' [AITBC-C08]",
        (
            "f:6:7: plugins.P.config.type must be one of 'chat', 'code', got a string, 'chta',"
            " did you mean 'chat'? [AITBC-C08]"
        ),
        "f:7:7: plugins.P.config.password must have at most 3 characters, got a string [AITBC-C08]",
        (
            "f:8:7: plugins.P.config.version must be a string, got a number, 1.1;"
            ' put it in quotes to make it a string: "1.10" [AITBC-C08]'
        ),
        "f:9:7: unknown key 'unknwon', did you mean 'unknown'? [AITBC-C08]",
        "f:10:17: plugins.P.config.list[1] must be an integer, got a string, 'x' [AITBC-C08]",
    ]
    assert {problem.code for problem in caught.value.problems} == {"AITBC-C08"}


@pytest.mark.parametrize(
    ("value", "schema", "message"),
    [
        (1.0, {"type": "integer"}, "must be an integer, got a number, 1.0"),
        (True, {"type": "integer"}, "must be an integer, got a boolean, true"),
        (True, {"type": "number"}, "must be a number, got a boolean, true"),
        (None, {"type": ["string", "array"]}, "must be a string or a list, got no value"),
        (5, {"anyOf": [{"type": "string"}, {"type": "null"}]}, "must be a string or null, got an integer, 5"),
        ({}, {"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}, "has none of the forms that the schema allows"),
        ("ab", {"pattern": "^x"}, "must match the pattern '^x', got a string, 'ab'"),
        ("ab", {"format": "ipv4"}, "must have the format 'ipv4', got a string, 'ab'"),
        ([1, 1], {"uniqueItems": True}, "must not have an item twice, got a list"),
        (3, {"multipleOf": 2}, "must be a multiple of 2, got an integer, 3"),
        (3, {"const": 2}, "must be 2, got an integer, 3"),
        (3, {"not": {}}, "does not satisfy the schema's 'not', got an integer, 3"),
        (3, {"exclusiveMaximum": 3}, "must be less than 3, got an integer, 3"),
        ("x" * 50, {"type": "integer"}, "must be an integer, got a string"),
    ],
)  # fmt: skip
def test_each_keyword_is_put_into_words(value, schema, message):
    assert problems({"k": value}, {"properties": {"k": schema}}) == [
        ("C08", f"plugins.p.config.k {message}")
    ]


def test_what_the_schema_declares_secret_is_masked_from_then_on():
    settings = host(
        {"pin": "sesame-1", "deep": {"x": ["sesame-2"]}, "open": "o", "alt": "sesame-3"}
    )
    schema = {
        "properties": {
            "pin": {"writeOnly": True, "maxLength": 2},
            "deep": {"properties": {"x": {"items": {"format": "password"}}}},
        },
        "anyOf": [{"properties": {"alt": {"writeOnly": True}}}],
    }
    with pytest.raises(InvalidConfigError) as caught:
        check_plugin_config("p", settings.plugin("p").config, schema, host=settings)
    assert "sesame" not in str(caught.value)
    assert settings.to_mapping()["plugins"]["p"]["config"] == {
        "pin": MASK,
        "deep": {"x": [MASK]},
        "open": "o",
        "alt": MASK,
    }
    assert settings.redactor.redact("sesame-1 sesame-2 sesame-3") == f"{MASK} {MASK} {MASK}"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "intger"},
        {"properties": []},
        {"properties": {"k": {"minimum": "1"}}},
        {"$schema": "http://example.invalid/dialect"},
        {"$ref": "#/nowhere"},
        {"$ref": "http://localhost:1/schema.json"},
        {"$ref": "#"},
        {"allOf": [{"$ref": "#"}]},
        {"properties": {"k": {"pattern": "("}}},
        {"patternProperties": {"(": {}}},
        {"properties": {"k": {"enum": object()}}},
        True,
        None,
        [],
        "x",
    ],
)
def test_a_schema_that_cannot_be_used_is_the_plugin_s_fault(schema):
    assert "schema" in bad_schema(schema, {"k": "v"})


def test_a_default_that_its_own_schema_refuses_is_the_plugin_s_fault():
    text = bad_schema({"properties": {"k": {"type": "integer", "default": "x"}}})
    assert "default" in text
    nested = {"properties": {"k": {"default": {"a": "x"}, "properties": {"a": {"type": "null"}}}}}
    bad_schema(nested)


@pytest.mark.parametrize(
    "dialect",
    ["http://json-schema.org/draft-07/schema#", "http://json-schema.org/draft-04/schema",
     "https://json-schema.org/draft/2020-12/schema"],
)  # fmt: skip
def test_the_schema_s_own_dialect_is_honoured(dialect):
    schema = {"$schema": dialect, "properties": {"k": {"type": "integer"}}}
    assert check({"k": 1}, schema) == {"k": 1}
    assert problems({"k": 1.0}, schema)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner),
    max_leaves=5,
)
simple = st.sampled_from(["object", "array", "string", "integer", "boolean", "null"]).map(
    lambda kind: {"type": kind}
)
schemas = st.recursive(
    simple | st.just({}) | st.fixed_dictionaries({"default": values}),
    lambda inner: (
        st.fixed_dictionaries(
            {"properties": st.dictionaries(st.sampled_from("abc"), inner)},
            optional={
                "required": st.lists(st.sampled_from("abc"), unique=True),
                "allOf": st.lists(inner, min_size=1, max_size=2),
                "additionalProperties": st.booleans() | inner,
            },
        )
        | st.fixed_dictionaries({"items": inner, "type": st.just("array")})
    ),
    max_leaves=8,
)


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from("abc"), values), schemas)
def test_a_checked_block_satisfies_the_schema_keeps_what_was_given_and_is_stable(config, schema):
    untouched = copy.deepcopy((config, schema))
    try:
        checked = check(config, schema)
    except ConfigError as error:
        assert error.code in {"AITBC-C08", "AITBC-C10"}
        return
    finally:
        assert (config, schema) == untouched
    jsonschema.Draft7Validator(schema).validate(checked)
    assert contains(checked, config)
    assert check(checked, schema) == checked


def contains(filled, given_):
    if isinstance(given_, dict):
        return all(key in filled and contains(filled[key], given_[key]) for key in given_)
    if isinstance(given_, list):
        return len(filled) == len(given_) and all(map(contains, filled, given_))
    return filled == given_ and type(filled) is type(given_)
