"""Laws of the generator, over generated schemas. `jsonschema` is the referee."""

from __future__ import annotations

import jsonschema
import pytest
from hypothesis import HealthCheck, event, given, reject, settings
from hypothesis import strategies as st
from testing_strategies_examples import examples
from testing_strategies_schemas import DRAFT_2020, VALUES, is_plain, satisfied, schemas

from aitbc_hooks.testing.strategies import (
    InvalidSchemaError,
    UnsatisfiableSchemaError,
    configs,
    from_schema,
    near_misses,
    probe,
)


def validator(schema):
    cls = jsonschema.validators.validator_for(schema)
    return cls(schema, format_checker=cls.FORMAT_CHECKER)


def usable(make, schema):
    """Return a strategy of the schema, if there is one."""
    try:
        return make(schema)
    except (InvalidSchemaError, UnsatisfiableSchemaError) as error:
        event(type(error).__name__)
        reject()


patient = settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])


@patient
@given(schema=schemas(), data=st.data())
def test_every_value_of_every_schema_is_valid(schema, data):
    value = data.draw(usable(from_schema, schema))
    validator(schema).validate(value)
    assert is_plain(value)


@patient
@given(schema=schemas(), data=st.data())
def test_every_near_miss_of_every_schema_is_invalid(schema, data):
    miss = data.draw(usable(near_misses, schema))
    assert isinstance(miss.config, dict)
    assert not validator(schema).is_valid(miss.config)
    assert miss.fault


@settings(suppress_health_check=list(HealthCheck))
@given(value=VALUES, data=st.data())
def test_a_value_is_found_for_every_schema_that_some_value_satisfies(value, data):
    schema = {"$schema": DRAFT_2020, **data.draw(satisfied(value))}
    validator(schema).validate(value)
    find = probe if isinstance(value, dict) else (lambda s: examples(from_schema(s), 3)[0])
    validator(schema).validate(find(schema))


@pytest.fixture(scope="module")
def pool():
    return examples(VALUES, 300)


def satisfies_for_a_host(schema, value):
    strict = validator(schema)
    integer = strict.TYPE_CHECKER.redefine("integer", lambda _, v: type(v) is int)
    cls = jsonschema.validators.extend(type(strict), type_checker=integer)
    other = cls(schema, format_checker=strict.format_checker)
    return strict.is_valid(value) and other.is_valid(value)


@patient
@given(schema=schemas())
def test_a_schema_is_called_unsatisfiable_only_if_no_value_satisfies_it(pool, schema):
    try:
        from_schema(schema)
    except InvalidSchemaError:
        event("invalid")
    except UnsatisfiableSchemaError:
        event("unsatisfiable")
        assert not any(satisfies_for_a_host(schema, value) for value in pool)


@patient
@given(schema=schemas(), data=st.data())
def test_a_configuration_is_a_value_that_is_a_dict(schema, data):
    config = data.draw(usable(configs, schema))
    assert isinstance(config, dict)
    validator(schema).validate(config)
