"""Configurations that a schema forbids, and what is said of them."""

from __future__ import annotations

import copy

import jsonschema
import pytest
from hypothesis import strategies as st
from testing_strategies_examples import examples, simplest

from aitbc_hooks.config import host_schema
from aitbc_hooks.testing.strategies import (
    InvalidSchemaError,
    NearMiss,
    UnsatisfiableSchemaError,
    near_misses,
)

SCHEMA = {
    "type": "object",
    "required": ["port"],
    "additionalProperties": False,
    "properties": {
        "port": {"type": "integer", "minimum": 1, "maximum": 65535},
        "mode": {"enum": ["fast", "safe"]},
        "name": {"type": "string", "pattern": "^[a-z]+$"},
        "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 3},
        "proxy": {
            "type": "object",
            "properties": {"user": {"type": "string"}, "password": {"type": "string"}},
            "dependencies": {"user": ["password"]},
        },
    },
}
FAULTS = [
    "'port' is a required property",
    "is less than the minimum of 1",
    "is greater than the maximum of 65535",
    "is not of type 'integer'",
    "is not one of ['fast', 'safe']",
    "does not match '^[a-z]+$'",
    "tags[0]: ",
    "('another' was unexpected)",
    "proxy.user: ",
    "proxy: 'password' is a dependency of 'user'",
]


@pytest.mark.parametrize("fault", FAULTS)
def test_each_kind_of_fault_occurs_and_is_told_with_its_place(fault):
    found = simplest(near_misses(SCHEMA), lambda miss: fault in miss.fault)
    assert not jsonschema.Draft7Validator(SCHEMA).is_valid(found.config)


def test_a_near_miss_is_wrong_in_one_place():
    validator = jsonschema.Draft7Validator(SCHEMA)
    misses = examples(near_misses(SCHEMA))
    single = sum(len(list(validator.iter_errors(miss.config))) == 1 for miss in misses)
    assert single > 0.8 * len(misses)


def test_a_near_miss_shrinks_to_its_fault():
    assert simplest(near_misses(SCHEMA)) == NearMiss({}, "'port' is a required property")


@pytest.mark.parametrize("name", ["mode", "name", "tags", "proxy"])
def test_a_near_miss_shrinks_to_little_more_than_its_fault(name):
    found = simplest(near_misses(SCHEMA), lambda miss: miss.fault.startswith(f"{name}: None"))
    assert found.config == {"port": 1, name: None}


def test_a_schema_with_alternatives_has_near_misses_of_all():
    schema = {
        "type": "object",
        "anyOf": [{"required": ["path"]}, {"required": ["url"]}],
        "properties": {"path": {"type": "string"}, "url": {"type": "string"}},
    }
    assert any(not {"path", "url"} & set(miss.config) for miss in examples(near_misses(schema)))


def test_whatever_takes_one_point_nought_for_an_integer_refuses_it_too():
    schema = {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
    for miss in examples(near_misses(schema), 300):
        assert not jsonschema.Draft7Validator(schema).is_valid(miss.config)


def test_formats_of_the_authors_own_hold_for_the_rest_of_the_configuration():
    schema = copy.deepcopy(SCHEMA)
    schema["required"] = ["port", "job"]
    schema["properties"]["job"] = {"type": "string", "format": "job-id"}
    formats = {"job-id": st.just("job-1")}
    jobs = [miss.config.get("job") for miss in examples(near_misses(schema, formats=formats))]
    assert {job for job in jobs if isinstance(job, str)} == {"job-1"}


def test_a_long_fault_is_cut():
    schema = {"properties": {"a": {"type": "array", "items": {"type": "integer"}, "maxItems": 2}}}
    assert all(len(miss.fault) < 220 for miss in examples(near_misses(schema), 200))


def test_a_hosts_configuration_has_near_misses():
    schema = host_schema()
    for miss in examples(near_misses(schema)):
        assert not jsonschema.Draft7Validator(schema).is_valid(miss.config)


@pytest.mark.parametrize("schema", [{}, True, {"type": "object"}, {"type": ["object", "null"]}])
def test_a_schema_that_forbids_nothing_is_told(schema):
    with pytest.raises(UnsatisfiableSchemaError, match=r"forbids no configuration.*additional"):
        near_misses(schema)


def test_a_schema_that_allows_nothing_has_misses_only():
    for schema in (False, {"type": "string"}):
        assert all(miss.fault for miss in examples(near_misses(schema), 10))


def test_what_is_no_schema_is_told():
    with pytest.raises(InvalidSchemaError):
        near_misses({"type": "text"})
