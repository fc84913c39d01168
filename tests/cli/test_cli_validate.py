"""config validate: plugins' own settings, and files that cannot be read."""

from __future__ import annotations

import json
import os

import pytest

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "n": {"type": "integer"},
        "pin": {"type": "string", "writeOnly": True, "maxLength": 3},
    },
}
CONFIG = "plugin_paths: [here]\nplugins:\n  counter:\n    enabled: true\n    config:\n      n: 7\n"


@pytest.fixture
def counter(tmp_path):
    folder = tmp_path / "here" / "counter"
    folder.mkdir(parents=True)
    (folder / "plugin.py").write_text("raise SystemExit('imported')\n")
    (folder / "config_schema.json").write_text(json.dumps(SCHEMA))
    return folder


def _problems(cli, tmp_path, text, *args):
    (tmp_path / "aitbc.yaml").write_text(text)
    done = cli(*args, "config", "validate", "--json")
    record = json.loads(done.out)
    assert record["valid"] is (done.status == 0)
    assert done.status == (4 if record["problems"] else 0)
    return record["problems"]


def test_settings_that_satisfy_the_static_schema_are_valid(cli, tmp_path, counter):
    assert _problems(cli, tmp_path, CONFIG) == []
    assert _problems(cli, tmp_path, CONFIG, "--set", "plugins.counter.config.n=8") == []


def test_settings_are_held_against_the_static_schema_with_their_places(cli, tmp_path, counter):
    text = CONFIG.replace("n: 7", "n: seven\n      nn: 2\n      pin: secret-pin")
    problems = _problems(cli, tmp_path, text)
    assert [(p["code"], p["file"], p["line"], p["column"]) for p in problems] == [
        ("AITBC-C08", "aitbc.yaml", 6, 7),
        ("AITBC-C08", "aitbc.yaml", 7, 7),
        ("AITBC-C08", "aitbc.yaml", 8, 7),
    ]
    assert problems[0]["path"] == ["plugins", "counter", "config", "n"]
    assert "must be an integer" in problems[0]["message"]
    assert "secret-pin" not in problems[2]["message"]
    done = cli("config", "validate")
    assert (done.status, done.out) == (4, "")
    assert "aitbc.yaml:6:7: plugins.counter.config.n must be an integer" in done.err


def test_settings_from_the_command_line_are_held_against_it_too(cli, tmp_path, counter):
    (problem,) = _problems(cli, tmp_path, CONFIG, "--set", "plugins.counter.config.n=x")
    assert (problem["code"], problem["file"], problem["line"]) == ("AITBC-C08", "--set", None)


def test_built_in_plugins_have_static_schemas(cli, tmp_path):
    text = "plugins:\n  agent-cli:\n    enabled: true\n    config: {nonsense: 1}\n"
    (problem,) = _problems(cli, tmp_path, text)
    assert (problem["code"], problem["line"]) == ("AITBC-C08", 4)


def test_a_disabled_plugins_settings_are_not_checked(cli, tmp_path, counter):
    text = CONFIG.replace("true", "false").replace("n: 7", "n: seven")
    assert _problems(cli, tmp_path, text) == []


def test_a_static_schema_that_cannot_be_used_is_a_problem_of_its_own(cli, tmp_path, counter):
    (counter / "config_schema.json").write_text("{")
    (problem,) = _problems(cli, tmp_path, CONFIG)
    assert (problem["code"], problem["line"]) == ("AITBC-C10", None)
    assert problem["file"] == str(counter / "config_schema.json")


def test_whether_a_file_can_be_read_is_found_by_reading_it(cli, tmp_path, monkeypatch):
    (tmp_path / "folder.yaml").mkdir()
    monkeypatch.setattr(os, "access", lambda *_args, **_named: False)
    done = cli("config", "validate", "folder.yaml")
    assert done.status == 4
    assert "[AITBC-C01]" in done.err
