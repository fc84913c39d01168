"""The checks of what a plugin does with its configuration."""

from __future__ import annotations

import attrs
import pytest
from conformance_making import module, plugin
from conformance_trying import (
    fails,
    is_not_applicable,
    passes,
    steps_of,
    tried,
)
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from aitbc_hooks.testing.kit import CHECKS, Examination, Outcome, Specimen
from aitbc_hooks.testing.kit.sound import Sound

RETRIES = {"type": "object", "properties": {"retries": {"type": "integer"}}}


def with_schema(schema, **methods):
    return plugin(get_config_schema=lambda self: schema, **methods)


async def set_default(self):
    self.context.config.setdefault("retries", 3)
    return True


async def use_up(self):
    if self.context.config.get("retries"):
        self.context.config["retries"] = 0
    return True


async def forget(self):
    self.context.config.clear()
    return True


# CFG-02


@pytest.mark.parametrize("method", ["initialize", "start", "stop", "cleanup"])
def test_a_key_that_is_added_in_any_method_is_a_change(method):
    fails(
        "CFG-02",
        plugin(**{method: set_default}),
        "expected that context.config stays {}; it became {'retries': 3}.",
    )


def test_a_change_of_a_value_is_found_among_generated_configurations():
    fails(
        "CFG-02",
        with_schema(RETRIES, stop=use_up),
        "expected that context.config stays {'retries': 1}; it became {'retries': 0}.",
        examples=5,
    )


def test_the_authors_configurations_are_those_that_have_to_stay():
    config = st.fixed_dictionaries({"retries": st.just(7)})
    passes("CFG-02", Sound, config=config)
    fails(
        "CFG-02",
        plugin(cleanup=forget),
        "expected that context.config stays {'retries': 7}; it became {}.",
        config=config,
    )


# CFG-03


async def refuse_what_is_forbidden(self):
    Draft7Validator(self.get_config_schema()).validate(self.context.config)
    return True


async def say_no_to_what_is_forbidden(self):
    return Draft7Validator(self.get_config_schema()).is_valid(self.context.config)


@pytest.mark.parametrize("initialize", [refuse_what_is_forbidden, say_no_to_what_is_forbidden])
def test_a_plugin_may_refuse_by_raising_or_by_its_result(initialize):
    passes("CFG-03", with_schema(RETRIES, initialize=initialize), examples=5)


def test_a_configuration_is_shown_that_is_accepted_and_what_is_wrong_with_it():
    fails(
        "CFG-03",
        with_schema(RETRIES),
        "initialize() accepted {'retries': None}, which the schema forbids: "
        "retries: None is not of type 'integer'.",
    )


def test_without_a_schema_there_is_nothing_to_refuse():
    is_not_applicable("CFG-03", with_schema({}), "its schema forbids nothing.")


def test_a_schema_whose_conditions_everything_meets_leaves_nothing_to_refuse():
    is_not_applicable(
        "CFG-03",
        with_schema({"type": "object", "properties": {"note": {"pattern": ""}}}),
        "its schema forbids nothing that can be generated.",
    )


def test_a_schema_that_visibly_forbids_nothing_leaves_nothing_to_refuse_and_is_told_so():
    is_not_applicable(
        "CFG-03",
        with_schema({"type": "object"}),
        "the schema forbids no configuration. Let it say more of the keys, such as "
        '"additionalProperties": false.',
    )


def test_a_budget_that_ends_while_configurations_are_tried_is_what_is_told():
    async def initialize(self):
        specimen.clock.budget = 0
        return False

    check = attrs.evolve(CHECKS["CFG-03"], needs=())
    specimen = Specimen(with_schema(RETRIES, initialize=initialize))
    result = Examination(specimen, {check.id: check}).result(check.id)
    assert (result.outcome, result.detail) == (
        Outcome.INCONCLUSIVE,
        "slow: the budget of 0 s is spent.",
    )


# CFG-04

PORT = {"type": "object", "properties": {"port": {"type": "integer", "default": 80}}}


class Growing(Sound):
    """Knows its schema only after a while, or no more."""

    known = PORT

    def get_config_schema(self):
        return self.known

    async def grow(self):
        self.known = {**PORT, "required": ["port"]}
        return True

    async def forget(self):
        self.known = None
        return True


LIFE = {"initialize": "load()", "start": "start()", "stop": "stop()"}


@pytest.mark.parametrize("method", LIFE)
def test_a_schema_is_the_same_in_every_status(method):
    plugin = type("Growing", (Growing,), {method: Growing.grow})
    grown = {**PORT, "required": ["port"]}
    message = f"expected that get_config_schema() stays {PORT!r}; it became {grown!r}."
    fails("CFG-04", plugin, message)
    *_, last, look = steps_of(tried("CFG-04", plugin).program)
    assert (last, look) == (LIFE[method], f"expect_schema({PORT!r})")


@pytest.mark.parametrize("method", LIFE)
def test_a_schema_is_told_in_every_status(method):
    plugin = type("Growing", (Growing,), {method: Growing.forget})
    message = "[AITBC-C10] plugin 'plugin': get_config_schema(): expected a dict, got None."
    fails("CFG-04", plugin, message)


async def initialize():
    return True


def test_what_has_no_schema_has_none_that_could_change():
    bare = module(initialize)
    assert not hasattr(bare, "get_config_schema")
    is_not_applicable("CFG-04", bare, "it has no get_config_schema().")


@pytest.mark.parametrize("stays", [Sound, Growing], ids=["none", "one"])
def test_a_schema_that_stays_passes(stays):
    passes("CFG-04", stays)


def test_a_schema_that_is_changed_in_place_does_not_stay():
    class Extending(Sound):
        schema = {"type": "object", "properties": {"mode": {"enum": ["low"]}}}  # noqa: RUF012 - the fault

        def get_config_schema(self):
            return self.schema

        async def start(self):
            self.schema["properties"]["mode"]["enum"].append("high")
            return True

    result = tried("CFG-04", Extending)
    assert result.outcome is Outcome.FAIL
    assert "['low']" in result.detail
