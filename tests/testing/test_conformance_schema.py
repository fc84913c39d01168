"""The check of the schema of a plugin's configuration."""

from __future__ import annotations

from types import ModuleType

import pytest
from conformance_trying import passes, tried

from aitbc.plugins import hookimpl
from aitbc_hooks.testing.kit import Outcome
from aitbc_hooks.testing.kit.sound import Sound

PORT = {"type": "object", "properties": {"port": {"type": "integer", "default": 80}}}


def with_schema(get_config_schema):
    return type("Server", (Sound,), {"get_config_schema": get_config_schema})


def fails(plugin, message):
    """Expect a violation that is seen without a program."""
    result = tried("CFG-01", plugin)
    assert (result.outcome, result.detail, result.program) == (Outcome.FAIL, message, "")


@pytest.mark.parametrize("plugin", [Sound, with_schema(lambda self: PORT)])
def test_a_sound_schema_passes(plugin):
    passes("CFG-01", plugin)


def test_a_plugin_may_have_no_schema():
    module = ModuleType("helping")

    @hookimpl
    def get_command_help():
        return "Helps."

    get_command_help.__module__ = module.__name__
    module.get_command_help = get_command_help
    passes("CFG-01", module)


def test_a_schema_is_one_of_json_schema():
    fails(
        with_schema(lambda self: {"type": "object", "properties": {"port": {"type": "integr"}}}),
        "expected a valid JSON Schema: properties.port.type: 'integr' is not valid under any of "
        "the given schemas.",
    )


def test_a_schema_is_a_dict():
    fails(
        with_schema(lambda self: "{}"),
        "[AITBC-C10] plugin 'plugin': get_config_schema(): expected a dict, got '{}'.",
    )


def test_a_schema_is_a_dict_on_every_call():
    class Forgetful(Sound):
        asked = 0

        def get_config_schema(self):
            type(self).asked += 1
            return {"type": "object"} if self.asked == 1 else None

    fails(
        Forgetful,
        "[AITBC-C10] plugin 'plugin': get_config_schema(): expected a dict, got None.",
    )


DIFFERS = "expected the same schema on every call; the second one differed."


def test_a_schema_is_the_same_on_every_call():
    class Counting(Sound):
        asked = 0

        def get_config_schema(self):
            type(self).asked += 1
            return {"type": "object", "title": str(self.asked)}

    fails(Counting, DIFFERS)


def test_the_schema_that_was_returned_stays_as_it_is():
    schema = {"type": "object", "required": []}

    def get_config_schema(self):
        schema["required"] = [*schema["required"], "x"]
        return schema

    fails(with_schema(get_config_schema), DIFFERS)


def test_what_lies_within_the_schema_that_was_returned_stays_as_it_is():
    schema = {"type": "object", "properties": {"mode": {"enum": []}}}

    def get_config_schema(self):
        modes = schema["properties"]["mode"]["enum"]
        modes.append(f"mode-{len(modes)}")
        return schema

    fails(with_schema(get_config_schema), DIFFERS)
