"""config validate, show, schema."""

from __future__ import annotations

import json

import yaml

from aitbc_hooks.config import host_schema

BAD = "plugins:\n  agent-cli: {enabled: 1, prioritty: 2}\n"
SECRET = "plugins:\n  agent-cli:\n    enabled: true\n    config: {api_key: hunter2hunter2}\n"


def test_validate_says_which_file_is_valid(cli, tmp_path):
    assert cli("config", "validate").out == "The embedded default is valid.\n"
    (tmp_path / "aitbc.yaml").write_text("plugins: {}\n")
    assert cli("config", "validate").out == "aitbc.yaml is valid.\n"
    record = json.loads(cli("config", "validate", "--json").out)
    assert record == {"schema_version": 1, "valid": True, "source": "aitbc.yaml", "problems": []}


def test_validate_lists_every_problem_with_status_4(cli, tmp_path):
    path = tmp_path / "other.yaml"
    path.write_text(BAD)
    done = cli("config", "validate", "other.yaml")
    assert (done.status, done.out) == (4, "")
    assert done.err.splitlines()[0] == "Error: 2 problems in the configuration:"
    assert done.err.count("other.yaml:2:") == 2
    done = cli("config", "validate", "--json", "other.yaml")
    record = json.loads(done.out)
    assert (done.status, done.err, record["valid"]) == (4, "", False)
    assert {problem["code"] for problem in record["problems"]} == {"AITBC-C05", "AITBC-C06"}
    assert {problem["line"] for problem in record["problems"]} == {2}


def test_a_missing_file_is_status_4(cli):
    done = cli("config", "validate", "nowhere.yaml")
    assert done.status == 4
    assert "[AITBC-C01]" in done.err


def test_show_prints_the_effective_configuration_with_secrets_masked(cli, tmp_path):
    (tmp_path / "aitbc.yaml").write_text(SECRET)
    done = cli("--set", "plugins.agent-cli.priority=9", "config", "show")
    assert "hunter2" not in done.out
    shown = yaml.safe_load(done.out)
    assert shown["plugins"]["agent-cli"]["config"] == {"api_key": "**********"}
    assert shown["plugins"]["agent-cli"]["priority"] == 9
    record = json.loads(cli("config", "show", "--json").out)
    assert record["source"] == "aitbc.yaml"
    assert record["config"]["plugins"]["agent-cli"]["config"] == {"api_key": "**********"}
    assert "origins" not in record


def test_show_origin_says_what_has_set_each_setting(cli, tmp_path, monkeypatch):
    (tmp_path / "aitbc.yaml").write_text(SECRET)
    monkeypatch.setenv("AITBC_HEALTH_CHECK_INTERVAL", "9")
    args = ("--set", "auto_load=false", "config", "show", "--origin")
    lines = cli(*args).out.splitlines()
    assert "plugins.agent-cli.enabled = true  # aitbc.yaml:3:5" in lines
    assert "health_check_interval = 9  # environment AITBC_HEALTH_CHECK_INTERVAL" in lines
    assert "auto_load = false  # --set" in lines
    assert "plugins.agent-cli.priority = 50  # default" in lines
    origins = json.loads(cli(*args, "--json").out)["origins"]
    assert origins["auto_load"] == "--set"


def test_schema_is_the_hosts_json_schema(cli):
    assert json.loads(cli("config", "schema").out) == host_schema()
