from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aitbc_hooks import config as config_module
from aitbc_hooks.config import (
    SPEC_SCHEMA,
    HostConfig,
    InvalidConfigError,
    PluginConfig,
    host_schema,
    load_config,
)
from aitbc_hooks.errors import CODES, ConfigError

ROOT = Path(__file__).parents[2]


def problems(mapping, **options):
    with pytest.raises(ConfigError) as caught:
        HostConfig.from_mapping(mapping, **{"environ": {}, **options})
    return {
        problem.where: (problem.code[-3:], problem.message) for problem in caught.value.problems
    }


def test_an_empty_mapping_gives_the_defaults():
    config = HostConfig.from_mapping({}, environ={"HOME": "/home/u"})
    assert config.plugins == {}
    assert (config.auto_load, config.health_check_interval, config.host_version) == (True, 60, None)
    assert config.state_dir == Path("/home/u/.local/share/aitbc-hooks")
    assert config.source is None
    assert config == HostConfig(state_dir=config.state_dir)


def test_a_block_s_defaults_are_those_of_the_record():
    config = HostConfig.from_mapping({"plugins": {"a": {"enabled": True}}}, environ={})
    assert config.plugin("a") == PluginConfig(enabled=True)
    assert config.plugin("a").priority == 50


def test_every_setting_arrives(tmp_path):
    block = {
        "enabled": False,
        "priority": 3,
        "config": {"k": [1, {"x": None}]},
        "dependencies": ["b", "c >=1.2,<2"],
        "timeouts": {"start": 1, "health_check": 0.5},
        "events": {"mailbox": 10, "when_full": "error"},
    }
    mapping = {
        "plugins": {"a": block},
        "plugin_paths": ["p", "/q", Path("r")],
        "auto_load": False,
        "health_check_interval": 5,
        "events": {"retry_after": 1.5, "drain": 0},
        "state_dir": "~/s",
        "host_version": "2.0.0",
    }
    config = HostConfig.from_mapping(mapping, base=tmp_path, environ={"HOME": "/h"})
    assert config.plugin("a") == PluginConfig(
        enabled=False,
        priority=3,
        config={"k": [1, {"x": None}]},
        dependencies=("b", "c >=1.2,<2"),
        timeouts={"start": 1.0, "health_check": 0.5},
        events={"mailbox": 10, "when_full": "error"},
    )
    assert config.events == {"retry_after": 1.5, "drain": 0}
    assert config.plugin_paths == (tmp_path / "p", Path("/q"), tmp_path / "r")
    assert (config.auto_load, config.health_check_interval) == (False, 5)
    assert (config.state_dir, config.host_version) == (Path("/h/s"), "2.0.0")


def test_the_mapping_is_copied_never_kept():
    mapping = {"plugins": {"a": {"enabled": True, "config": {"k": ["${V}"]}}}}
    before = json.dumps(mapping)
    config = HostConfig.from_mapping(mapping, environ={"V": "value"})
    config.plugin("a").config["k"].append("x")
    assert json.dumps(mapping) == before


def test_plugins_are_found_in_any_case():
    config = HostConfig.from_mapping({"plugins": {"Agent": {"enabled": True}}}, environ={})
    assert config.plugin("aGENT").enabled
    assert config.lists("AGENT")
    assert not config.lists("other")
    assert config.plugin("other") == PluginConfig(enabled=False)


@pytest.mark.parametrize(
    ("mapping", "where", "code", "message"),
    [
        ({"plugin_path": []}, "/plugin_path", "C05", "unknown key 'plugin_path', did you mean 'plugin_paths'?"),
        ({"zzz": 1}, "/zzz", "C05", "unknown key 'zzz'"),
        ({"plugins": {"a": {"enabled": True, "prioritty": 1}}}, "/plugins/a/prioritty", "C05",
         "unknown key 'prioritty', did you mean 'priority'?"),
        ({"plugins": {"a": {"enabled": True, "rpc": 1}}}, "/plugins/a/rpc", "C05",
         "unknown key 'rpc'; a plugin's own settings belong under 'config'"),
        ({"plugins": {"a": {"enabled": True, "timeouts": {"strat": 1}}}}, "/plugins/a/timeouts/strat", "C05",
         "unknown key 'strat', did you mean 'start'?"),
        ({"plugins": {"my_plugin": {"enabled": True}}}, "/plugins/my_plugin", "C05",
         "'my_plugin' is not a plugin's name (a letter, then letters, digits and hyphens), did you mean 'my-plugin'?"),
        ({"plugins": {"2bad": {"enabled": True}}}, "/plugins/2bad", "C05",
         "'2bad' is not a plugin's name (a letter, then letters, digits and hyphens), did you mean 'bad'?"),
        ({"plugins": {"evil\n": {"enabled": True}}}, "/plugins/evil\n", "C05",
         "'evil\\n' is not a plugin's name (a letter, then letters, digits and hyphens), did you mean 'evil'?"),
        ({"plugins": {"a": {"enabled": True}, "A": {"enabled": True}}}, "/plugins/A", "C04",
         "plugin 'A' is listed before as 'a'"),
        ({"plugins": {"a": {}}}, "/plugins/a/enabled", "C06", "plugins.a lacks the required key 'enabled'"),
        ({"plugins": {"a": {"enabled": 1}}}, "/plugins/a/enabled", "C06",
         "plugins.a.enabled must be true or false, got an integer, 1"),
        ({"plugins": {"a": {"enabled": "no"}}}, "/plugins/a/enabled", "C06",
         "plugins.a.enabled must be true or false, got a string, 'no'"),
        ({"plugins": {"a": {"enabled": True, "priority": True}}}, "/plugins/a/priority", "C06",
         "plugins.a.priority must be an integer, got a boolean, true"),
        ({"plugins": {"a": {"enabled": True, "priority": 1.0}}}, "/plugins/a/priority", "C06",
         "plugins.a.priority must be an integer, got a number, 1.0"),
        ({"plugins": {"a": {"enabled": True, "priority": "7"}}}, "/plugins/a/priority", "C06",
         "plugins.a.priority must be an integer, got a string, '7'"),
        ({"plugins": {"a": {"enabled": True, "priority": 101}}}, "/plugins/a/priority", "C06",
         "plugins.a.priority must be at most 100, got an integer, 101"),
        ({"plugins": {"a": {"enabled": True, "timeouts": {"stop": 0}}}}, "/plugins/a/timeouts/stop", "C06",
         "plugins.a.timeouts.stop must be more than 0, got an integer, 0"),
        ({"events": {"mailbox": 0}}, "/events/mailbox", "C06",
         "events.mailbox must be at least 1, got an integer, 0"),
        ({"plugins": {"a": {"enabled": True, "events": {"drain": 1}}}}, "/plugins/a/events/drain", "C05",
         "unknown key 'drain'"),
        ({"plugins": {"a": {"enabled": True, "events": {"when_full": "block"}}}}, "/plugins/a/events/when_full", "C06",
         "plugins.a.events.when_full must be one of 'wait', 'drop_oldest', 'error', got a string, 'block'"),
        ({"plugins": {"a": {"enabled": True, "dependencies": "b"}}}, "/plugins/a/dependencies", "C06",
         "plugins.a.dependencies must be a list, got a string, 'b'"),
        ({"plugins": {"a": {"enabled": True, "dependencies": ["b >="]}}}, "/plugins/a/dependencies/0", "C06",
         "plugins.a.dependencies[0]: expected a comparison such as '>=1.2' or '^1.4', got '>=' in '>='"),
        ({"plugins": {"a": None}}, "/plugins/a", "C06", "plugins.a must be a mapping, got no value"),
        ({"plugins": []}, "/plugins", "C06", "plugins must be a mapping, got a list"),
        ({"plugin_paths": "./x"}, "/plugin_paths", "C06", "plugin_paths must be a list, got a string, './x'"),
        ({"plugin_paths": [""]}, "/plugin_paths/0", "C06",
         "plugin_paths[0] must have at least 1 characters, got a string, ''"),
        ({"health_check_interval": 0}, "/health_check_interval", "C06",
         "health_check_interval must be at least 1, got an integer, 0"),
        ({"host_version": "1.0"}, "/host_version", "C06",
         "host_version: expected a SemVer 2.0 version such as '1.4.0' or '2.0.0-rc.1', got '1.0'"),
        ({1: 2}, "/an integer, 1", "C06", "keys must be strings, got an integer, 1 in the configuration"),
        ({"state_dir": b"x"}, "/state_dir", "C06", "state_dir must be a JSON value, got a Python bytes"),
        ({"state_dir": dt.date(2024, 1, 1)}, "/state_dir", "C06",
         "state_dir is a date or a time; put it in quotes to make it a string"),
        ({"auto_load": float("nan")}, "/auto_load", "C06", "auto_load must be a finite number"),
        ({"health_check_interval": 10**5000}, "/health_check_interval", "C06",
         "health_check_interval is too large a number"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_where_it_stands(mapping, where, code, message):
    found = problems(mapping)
    assert found[where] == (code, message)
    assert f"AITBC-{code}" in CODES


def test_what_is_no_mapping_at_all_is_refused():
    for value in (None, [], "plugins", 7):
        assert problems(value)["/"][0] == "C06"


def test_a_mapping_that_holds_itself_or_grows_without_limit_is_refused():
    circle: dict = {}
    circle["plugins"] = circle
    assert problems(circle).popitem()[1][0] == "C02"
    wide = ["x"] * 10
    for _ in range(9):
        wide = [wide] * 10
    assert problems({"plugins": wide}).popitem()[1][0] == "C02"


def test_every_problem_is_reported_in_one_pass_and_by_position(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        "auto_lod: true\n"
        "plugins:\n"
        "  a:\n"
        "    enabled: true\n"
        "    enabled: true\n"
        "    priority: 101\n"
        "    config:\n"
        "      k: ${UNSET}\n"
        "      t: 2024-01-01\n"
        "  A: {enabled: true}\n"
        "  b_c: {enabled: true}\n",
        encoding="utf-8",
    )
    environ = {"AITBC_HEALTH_CHECK_INTERVAL": "x", "AITBC_PLUGINS__A__NO": "1"}
    with pytest.raises(InvalidConfigError) as caught:
        load_config(path, overrides=["plugin=1"], environ=environ)
    found = caught.value.problems
    assert [(p.code[-3:], p.line, p.column) for p in found] == [
        ("C05", 1, 1),
        ("C04", 5, 5),
        ("C06", 6, 5),
        ("C07", 8, 7),
        ("C06", 9, 7),
        ("C04", 10, 3),
        ("C05", 11, 3),
        ("C09", 0, 0),
        ("C09", 0, 0),
        ("C06", 0, 0),
    ]
    lines = str(caught.value).splitlines()
    assert lines[0] == f"{path}:1:1: unknown key 'auto_lod', did you mean 'auto_load'? [AITBC-C05]"
    assert len(lines) == len(found)
    assert caught.value.code == "AITBC-C05"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats() | st.text(max_size=4) | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=3) | st.integers(0, 3), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
blocks = json_values | st.fixed_dictionaries(
    {},
    optional={
        "enabled": st.booleans() | json_values,
        "priority": st.integers(-1, 102) | json_values,
        "config": st.dictionaries(st.text(max_size=4), json_values, max_size=3) | json_values,
        "dependencies": st.lists(st.sampled_from(["a", "b >=1", "c >", "", "${A}"]) | json_values),
        "timeouts": st.dictionaries(st.sampled_from(["start", "stop", "x"]), json_values),
        "events": st.dictionaries(st.sampled_from(["mailbox", "when_full", "x"]), json_values),
        "other": json_values,
    },
)
anything = st.fixed_dictionaries(
    {},
    optional={
        "plugins": st.dictionaries(
            st.sampled_from(["a", "A", "b", "b\n", "_", "1", "no-x"]), blocks
        ),
        "plugin_paths": st.lists(st.sampled_from(["a", "~", "${A}", "~nobody-here/x"]))
        | json_values,
        "auto_load": st.booleans() | json_values,
        "health_check_interval": st.integers(0, 3) | json_values,
        "state_dir": json_values,
        "host_version": st.sampled_from(["1.0.0", "1"]) | json_values,
        "$schema": st.text() | json_values,
        "x": json_values,
    },
)


@given(anything | json_values)
def test_any_mapping_gives_a_configuration_or_a_configuration_error(mapping):
    try:
        config = HostConfig.from_mapping(mapping, environ={"A": "value"})
    except InvalidConfigError as error:
        assert error.problems
        assert all(problem.code in CODES for problem in error.problems)
        return
    # What the host accepts, the printed schema accepts.
    raw = json.loads(json.dumps(mapping, default=str))
    jsonschema.Draft7Validator(SPEC_SCHEMA).validate(raw)
    shown = config.to_mapping(masked=False)
    assert json.loads(json.dumps(shown)) == shown


valid_names = st.from_regex(r"[a-z][a-z0-9-]{0,5}", fullmatch=True)
valid = st.fixed_dictionaries(
    {
        "plugins": st.dictionaries(
            valid_names,
            st.fixed_dictionaries(
                {"enabled": st.booleans()},
                optional={
                    "priority": st.integers(1, 100),
                    "config": st.dictionaries(st.text("abc", max_size=3), st.integers() | st.text("xyz")),
                    "dependencies": st.lists(valid_names),
                    "timeouts": st.dictionaries(st.just("start"), st.floats(0.1, 9)),
                    "events": st.dictionaries(st.just("retry_after"), st.floats(0.1, 9)),
                },
            ),
            max_size=4,
        ),
    },
    optional={"auto_load": st.booleans(), "health_check_interval": st.integers(1, 99)},
)  # fmt: skip


@settings(max_examples=50)
@given(valid)
def test_the_effective_configuration_reads_back_as_itself(mapping):
    config = HostConfig.from_mapping(mapping, environ={})
    assert HostConfig.from_mapping(config.to_mapping(masked=False), environ={}) == config


def test_origins_name_the_layer_of_each_value(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text(
        "plugins:\n  A:\n    enabled: true\n    config: {l: [1, 2], d: {e: 1}}\n", encoding="utf-8"
    )
    config = load_config(
        path,
        overrides=["plugins.a.config.d.f=2"],
        environ={"AITBC_PLUGINS__A__PRIORITY": "9", "AITBC_STATE_DIR": "/s"},
    )
    assert config.origin("plugins", "a", "enabled") == f"{path}:3:5"
    assert config.origin("plugins", "A", "config", "l", 1) == f"{path}:4:21"
    assert config.origin("plugins", "a", "config", "d", "f") == "--set"
    assert config.origin("plugins", "a", "priority") == "environment AITBC_PLUGINS__A__PRIORITY"
    assert config.origin("state_dir") == "environment AITBC_STATE_DIR"
    assert config.origin("auto_load") == "default"
    assert config.origin("plugins", "a", "dependencies") == "default"
    assert config.origin("plugins", "b") is None
    assert config.origin("plugins", "a", "config", "l", 2) is None
    mapping = HostConfig.from_mapping({"plugins": {"a": {"enabled": True}}}, environ={})
    assert mapping.origin("plugins", "a", "enabled") == "mapping"
    assert mapping.origin("health_check_interval") == "default"


def test_the_printed_schema_is_the_specification_s():
    example = load_config(ROOT / "examples" / "aitbc.yaml", environ={})
    jsonschema.Draft7Validator.check_schema(SPEC_SCHEMA)
    jsonschema.Draft7Validator(SPEC_SCHEMA).validate(example.to_mapping())
    assert SPEC_SCHEMA["properties"]["plugins"]["patternProperties"].keys() == {
        "^[a-zA-Z][a-zA-Z0-9-]*$"
    }
    config_module.SPEC_SCHEMA.clear()
    assert config_module.SPEC_SCHEMA == SPEC_SCHEMA


def test_the_published_schema_describes_every_setting_and_gives_the_true_defaults():
    schema = host_schema()
    jsonschema.Draft7Validator.check_schema(schema)
    defaults = HostConfig.from_mapping(
        {"plugins": {"a": {"enabled": True}}}, environ={}
    ).to_mapping()
    block = schema["definitions"]["plugin"]["properties"]
    assert block.keys() == defaults["plugins"]["a"].keys()
    for name, setting in [*schema["properties"].items(), *block.items()]:
        assert setting["title"]
        assert setting["description"].endswith(".")
        shown = {**defaults, **defaults["plugins"]["a"]}
        if name in shown and name not in {"plugins", "enabled", "state_dir"}:
            assert setting["default"] == shown[name]
    assert schema["properties"].keys() >= SPEC_SCHEMA["properties"].keys()


def test_the_embedded_default_enables_what_needs_nothing_outside(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    config = load_config(environ={"HOME": str(tmp_path)})
    assert {name: plugin.enabled for name, plugin in config.plugins.items()} == {
        "agent-cli": True,
        "translation-ai": True,
    }
    assert config.plugin("translation-ai").config == {"provider": "local"}
    assert config.source is None
    assert config.origin("plugins", "agent-cli", "enabled") == "default"
