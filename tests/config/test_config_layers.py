from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aitbc_hooks.config import InvalidConfigError, check_plugin_config, load_config

TEXT = """\
plugins:
  agent-cli:
    enabled: true
    priority: 10
    config:
      Max_Agents: 1
      nested: {deep: 1}
      list: [1]
  a--b: {enabled: true}
health_check_interval: 60
"""


@pytest.fixture
def load(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text(TEXT, encoding="utf-8")

    def loader(*overrides, **environ):
        return load_config(path, overrides=overrides, environ={"HOME": "/h", **environ})

    return loader


def refused(load, *overrides, **environ):
    with pytest.raises(InvalidConfigError) as caught:
        load(*overrides, **environ)
    (problem,) = caught.value.problems
    return problem.code, str(problem)


def test_set_is_over_the_environment_which_is_over_the_file(load):
    assert load().plugin("agent-cli").priority == 10
    environ = {"AITBC_PLUGINS__AGENT_CLI__PRIORITY": "11"}
    assert load(**environ).plugin("agent-cli").priority == 11
    pair = ["plugins.agent-cli.priority=12", "plugins.agent-cli.priority=13"]
    assert load(*pair, **environ).plugin("agent-cli").priority == 13


def test_variables_set_the_host_s_own_values(load):
    config = load(
        AITBC_AUTO_LOAD="off", AITBC_HEALTH_CHECK_INTERVAL="5", AITBC_STATE_DIR=" 2024-01-01 "
    )
    assert (config.auto_load, config.health_check_interval) == (False, 5)
    assert config.state_dir == Path.cwd() / "2024-01-01"


def test_relative_paths_start_at_the_file_or_where_the_command_was_given(load, tmp_path):
    assert load("plugin_paths=[x]").plugin_paths == (Path.cwd() / "x",)
    (tmp_path / "aitbc.yaml").write_text("plugin_paths: [x]", encoding="utf-8")
    assert load().plugin_paths == (tmp_path / "x",)


def test_keys_of_a_variable_match_what_is_there_and_are_lower_case_where_nothing_is(load):
    config = load(
        AITBC_PLUGINS__AGENT_CLI__CONFIG__MAX_AGENTS="5",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__NESTED__DEEP="2",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__NESTED__NEW_KEY="x",
        AITBC_PLUGINS__A__B__PRIORITY="3",
        AITBC_PLUGINS__NEW_ONE__ENABLED="true",
        AITBC_PLUGINS__NEW_ONE__DEPENDENCIES="[agent-cli]",
        AITBC_PLUGINS__NEW_ONE__TIMEOUTS__START="1.5",
    )
    assert config.plugin("agent-cli").config == {
        "Max_Agents": 5,
        "nested": {"deep": 2, "new_key": "x"},
        "list": [1],
    }
    assert config.plugin("a--b").priority == 3
    assert config.plugin("new-one").enabled
    assert config.plugin("new-one").dependencies == ("agent-cli",)
    assert config.plugin("new-one").timeouts == {"start": 1.5}


@pytest.mark.parametrize(
    ("variable", "message"),
    [
        ("AITBC_PLUGINS__AGENT_CLI__PRIORITTY", "no setting 'prioritty', did you mean 'priority'?"),
        ("AITBC_PLUGINS__AGENT_CLI", "expected AITBC_PLUGINS__<NAME>__<KEY>"),
        ("AITBC_PLUGINS__", "expected AITBC_PLUGINS__<NAME>__<KEY>"),
        ("AITBC_PLUGINS__AGENT_CLI__CONFIG____X", "expected AITBC_PLUGINS__<NAME>__<KEY>"),
        ("AITBC_PLUGINS__AGENT_CLI__ENABLED__X", "'enabled' has no keys inside"),
        (
            "AITBC_PLUGINS__AGENT_CLI__CONFIG__LIST__X",
            "plugins.agent-cli.config.list is not a mapping",
        ),
    ],
)
def test_a_variable_that_names_no_setting_is_refused(load, variable, message):
    code, text = refused(load, **{variable: "1"})
    assert code == "AITBC-C09"
    assert text.startswith(f"environment {variable}: ")
    assert message in text


def test_a_variable_without_a_value_is_refused(load):
    assert refused(load, AITBC_AUTO_LOAD=" ")[0] == "AITBC-C09"


def test_other_variables_of_the_same_prefix_are_not_settings(load):
    others = {"AITBC_CONFIG": "x", "AITBC_DISABLE_PLUGINS": "1", "AITBC_WHATEVER": "x"}
    assert load(**others, AITBC_PLUGINS="x").to_mapping() == load().to_mapping()


def test_a_wrong_value_names_the_variable(load):
    code, text = refused(load, AITBC_PLUGINS__AGENT_CLI__PRIORITY="high")
    assert code == "AITBC-C06"
    assert text.startswith(
        "environment AITBC_PLUGINS__AGENT_CLI__PRIORITY: plugins.agent-cli.priority"
    )


def test_a_new_plugin_from_a_variable_needs_to_be_enabled_or_disabled(load):
    code, text = refused(load, AITBC_PLUGINS__NEW__PRIORITY="5")
    assert code == "AITBC-C06"
    assert "lacks the required key 'enabled'" in text


@pytest.mark.parametrize(
    ("overrides", "environ"),
    [
        ((), {"AITBC_PLUGINS__AGENT_CLY__CONFIG__MAX_AGENTS": "5"}),
        (("plugins.agent-cly.config.max_agents=5",), {}),
    ],
)
def test_a_layer_that_misspells_a_plugin_s_name_is_told_the_near_one(load, overrides, environ):
    _, text = refused(load, *overrides, **environ)
    assert "lists no such plugin, did you mean 'agent-cli'?" in text


def test_a_block_of_the_file_that_lacks_enabled_is_not_called_unlisted(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text("plugins: {agent-cli: {enabled: true}, agent-cly: {}}", encoding="utf-8")
    with pytest.raises(InvalidConfigError, match="lacks the required key") as caught:
        load_config(path, environ={})
    assert "lists no such" not in str(caught.value)


def test_values_of_variables_are_taken_as_they_are(load):
    config = load(
        AITBC_PLUGINS__AGENT_CLI__CONFIG__A="${HOME} $$",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__B="[not yaml",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__C='"quoted"',
        AITBC_PLUGINS__AGENT_CLI__CONFIG__D="a: b # c",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__E="[1, x]",
        AITBC_PLUGINS__AGENT_CLI__CONFIG__F="12:30:45",
    ).plugin("agent-cli")
    assert {key: config.config[key] for key in "abcdef"} == {
        "a": "${HOME} $$",
        "b": "[not yaml",
        "c": '"quoted"',
        "d": "a: b # c",
        "e": [1, "x"],
        "f": "12:30:45",
    }


def test_set_takes_yaml_scalars_and_flows(load):
    config = load(
        "plugins.agent-cli.config.n=5",
        "plugins.agent-cli.config.s='5'",
        "plugins.agent-cli.config.l=[1, {a: b}]",
        'plugins.agent-cli.config."dotted.key"=1.5',
        "plugins.agent-cli.config.e=''",
        "plugins.agent-cli.config.v=${HOME}/x=y",
        "plugins.AGENT-CLI.config.nested.deep=null",
        "plugins.other={enabled: false, priority: 2}",
        " auto_load = false",
        "host_version=1.0.0",
        "state_dir=010",
    )
    assert config.plugin("agent-cli").config == {
        "Max_Agents": 1,
        "nested": {"deep": None},
        "list": [1],
        "n": 5,
        "s": "5",
        "l": [1, {"a": "b"}],
        "dotted.key": 1.5,
        "e": "",
        "v": "/h/x=y",
    }
    assert config.plugin("other").priority == 2
    assert config.auto_load is False
    assert config.state_dir == Path.cwd() / "010"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("plugin_path=[]", "there is no setting 'plugin_path', did you mean 'plugin_paths'?"),
        (
            "plugins.agent-cli.priorty=1",
            "a plugin has no setting 'priorty', did you mean 'priority'?",
        ),
        ("nonsense", "expected KEY=VALUE"),
        ("plugins.agent-cli.enabled", "expected KEY=VALUE"),
        ("auto_load=", "there is no value"),
        ("=1", "expected a dotted key"),
        ("plugins..enabled=1", "expected a dotted key"),
        ('plugins."a.enabled=1', "expected a dotted key"),
        ("auto_load.x=1", "'auto_load' has no keys inside"),
        ("plugins.agent-cli.enabled.x=1", "'enabled' has no keys inside"),
        ("plugins.agent-cli.config.list.x=1", "config.list is not a mapping"),
        ("plugin_paths=[a", "not well-formed YAML"),
        ("plugin_paths=[*a]", "not well-formed YAML"),
    ],
)
def test_an_override_that_cannot_be_applied_is_refused(load, override, message):
    code, text = refused(load, override)
    assert code == "AITBC-C09"
    assert text.startswith("--set ")
    assert message in text


def test_an_override_s_wrong_value_is_an_error_of_set(load):
    code, text = refused(load, "plugins.agent-cli.priority=1.0")
    assert code == "AITBC-C06"
    assert text.startswith("--set: plugins.agent-cli.priority must be an integer")


def test_an_override_replaces_a_whole_block_and_its_provenance(load):
    config = load("plugins.agent-cli={enabled: true}")
    assert config.plugin("agent-cli").config == {}
    assert config.origin("plugins", "agent-cli", "enabled") == "--set"
    assert config.origin("plugins", "agent-cli", "priority") == "default"


@given(st.text(min_size=1).filter(lambda t: t.strip() == t and "\0" not in t))
def test_a_string_setting_gets_a_variable_s_very_text(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "text.yaml"
    path.write_text("plugins: {p: {enabled: true}}", encoding="utf-8")
    host = load_config(path, environ={"AITBC_PLUGINS__P__CONFIG__WORD": text})
    schema = {"properties": {"word": {"type": "string"}}}
    assert check_plugin_config("p", host.plugin("p").config, schema, host=host) == {"word": text}


def test_a_setting_of_events_is_overridden_like_any_other(tmp_path):
    path = tmp_path / "aitbc.yaml"
    path.write_text("events: {drain: 9}\nplugins: {a: {enabled: true}}\n", encoding="utf-8")
    config = load_config(
        path,
        overrides=["events.drain=1", "plugins.a.events.mailbox=7"],
        environ={"AITBC_PLUGINS__A__EVENTS__WHEN_FULL": "error"},
    )
    assert config.events == {"drain": 1}
    assert config.plugin("a").events == {"mailbox": 7, "when_full": "error"}
    assert config.origin("events", "drain") == "--set"
