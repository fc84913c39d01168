"""list, info, enable, disable."""

from __future__ import annotations

import json
import tomllib

from aitbc_hooks.config import load_config


def _write(tmp_path, text):
    path = tmp_path / "aitbc.yaml"
    path.write_text(text)
    return path


def test_list_shows_what_is_enabled_and_all_shows_the_rest(cli):
    done = cli("list")
    assert (done.status, done.err) == (0, "")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "NAME",
        "agent-cli",
        "translation-ai",
    ]
    assert "bitcoin-integration" in cli("list", "--all").out


def test_list_all_tells_what_was_passed_over_and_why(cli, tmp_path):
    (tmp_path / "here" / "bad").mkdir(parents=True)
    (tmp_path / "here" / "bad" / "plugin.toml").write_text("[plugin]\nname = 'no good'\n")
    (tmp_path / "here" / "agent-cli").mkdir()
    (tmp_path / "here" / "agent-cli" / "plugin.py").write_text("")
    _write(tmp_path, "plugin_paths: [here, missing]\n")
    done = cli("list", "--all")
    assert "[AITBC-P09]" in done.out
    assert "[AITBC-P07]" in done.out
    assert "missing: the folder does not exist" in done.out
    record = json.loads(cli("list", "--all", "--json").out)
    assert record["schema_version"] == 1
    assert {item["code"] for item in record["rejected"]} == {"AITBC-P07", "AITBC-P09"}
    assert [note["text"] for note in record["notes"]] == ["the folder does not exist"]
    assert "rejected" not in json.loads(cli("list", "--json").out)


def test_list_warns_of_an_enabled_plugin_that_is_not_there(cli, tmp_path):
    _write(tmp_path, "plugins: {ghost: {enabled: true}, absent: {enabled: false}}\n")
    done = cli("list")
    assert (done.status, done.out) == (0, "No plugins.\n")
    assert done.err == "Warning: ghost is enabled, and no such plugin is known.\n"
    assert json.loads(cli("list", "--json").out)["missing"] == ["ghost"]


def test_info_shows_all_that_is_known_with_secrets_masked(cli, tmp_path):
    _write(
        tmp_path,
        "plugins:\n  Bitcoin-Integration:\n    enabled: true\n    priority: 20\n"
        "    dependencies: [agent-cli]\n    config: {rpc_user: me, rpc_password: hunter2hunter2}\n",
    )
    done = cli("info", "bitcoin-integration")
    lines = dict(line.split(":", 1) for line in done.out.splitlines())
    shown = {key: value.strip() for key, value in lines.items()}
    assert shown["name"] == "bitcoin-integration"
    assert shown["version"] == "1.0.0"
    assert shown["source"] == "built-in"
    assert shown["enabled"] == "yes"
    assert shown["priority"] == "20"
    assert shown["dependencies"] == "agent-cli"
    assert shown["configured_in"] == "aitbc.yaml:2:3"
    assert shown["isolation"] == "none: runs in the host's own process"
    assert shown["config"] == "rpc_user = me, rpc_password = **********"
    plugin = json.loads(cli("info", "bitcoin-integration", "--json").out)["plugin"]
    assert plugin["config"]["rpc_password"] == "**********"
    assert plugin["isolation"] == "none"
    assert json.loads(cli("info", "AGENT-CLI", "--json").out)["plugin"]["commands"] == {
        "agent": "Agent management commands."
    }


def test_info_of_an_unknown_plugin_is_status_3_with_the_nearest_name(cli):
    done = cli("info", "agent-cly")
    assert (done.status, done.out) == (3, "")
    assert "[AITBC-P01]" in done.err
    assert "Did you mean 'agent-cli'?" in done.err


def test_without_a_file_enable_begins_the_users_own_with_the_default(cli, tmp_path):
    path = tmp_path / "config" / "aitbc-hooks" / "aitbc.toml"
    done = cli("enable", "bitcoin-integration")
    assert done.status == 0
    assert done.out == (
        f"bitcoin-integration is enabled in {path}, which was begun with the embedded default.\n"
    )
    written = tomllib.loads(path.read_text())["plugins"]
    assert {name: block["enabled"] for name, block in written.items()} == {
        "agent-cli": True,
        "translation-ai": True,
        "bitcoin-integration": True,
    }
    assert cli("disable", "Agent-CLI").out == f"agent-cli is disabled in {path}.\n"
    assert not load_config().plugin("agent-cli").enabled


def test_disable_and_enable_leave_the_rest_of_the_file_alone(cli, tmp_path):
    text = "# mine\nplugins:\n  agent-cli:  # this\n    enabled: true\n    priority: 7\n"
    path = _write(tmp_path, text)
    assert cli("disable", "agent-cli").status == 0
    assert path.read_text() == text.replace("true", "false")
    assert cli("enable", "agent-cli").out == "agent-cli is enabled in aitbc.yaml.\n"
    assert path.read_text() == text


def test_enabling_an_unknown_plugin_is_status_3_and_writes_nothing(cli, tmp_path):
    done = cli("enable", "agent-clo")
    assert done.status == 3
    assert "Did you mean 'agent-cli'?" in done.err
    assert not (tmp_path / "config").exists()


def test_a_plugin_that_is_listed_and_gone_can_be_disabled(cli, tmp_path):
    path = _write(tmp_path, "plugins:\n  ghost:\n    enabled: true\n")
    assert cli("disable", "ghost").status == 0
    assert "false" in path.read_text()


def test_a_plugin_that_makes_the_configuration_invalid_can_be_disabled(cli, tmp_path, monkeypatch):
    monkeypatch.delenv("UNSET_ONE", raising=False)
    text = "plugins:\n  ghost:\n    enabled: true\n    config: {x: '${UNSET_ONE}'}\n"
    path = _write(tmp_path, text)
    assert cli("list").status == 4
    assert cli("enable", "other").status == 4
    done = cli("disable", "ghost")
    assert (done.status, done.err) == (0, "")
    assert cli("list").status == 0
    assert path.read_text() == text.replace("true", "false")


def test_enable_says_when_the_configuration_is_invalid_afterwards(cli, tmp_path, monkeypatch):
    monkeypatch.delenv("UNSET_ONE", raising=False)
    _write(tmp_path, "plugins:\n  ghost:\n    enabled: false\n    config: {x: '${UNSET_ONE}'}\n")
    done = cli("enable", "ghost")
    assert done.status == 0
    assert done.err.startswith("Warning: the configuration is invalid:\naitbc.yaml:4:")
    assert "[AITBC-C07]" in done.err


def test_enable_says_what_overrides_the_file(cli, tmp_path, monkeypatch):
    _write(tmp_path, "plugins:\n  agent-cli:\n    enabled: false\n")
    monkeypatch.setenv("AITBC_PLUGINS__AGENT_CLI__ENABLED", "false")
    done = cli("enable", "agent-cli")
    assert done.status == 0
    assert done.err == (
        "Warning: environment AITBC_PLUGINS__AGENT_CLI__ENABLED says otherwise, and comes before "
        "the file.\n"
    )
