"""What a plugin's static schema declares secret stays hidden before the plugin was ever loaded."""

from __future__ import annotations

import json
import sys

import pytest

PIN = "correct-horse-pin"
SCHEMA = {
    "type": "object",
    "properties": {
        "pin": {"type": "string", "format": "password"},
        "inner": {"properties": {"seed": {"writeOnly": True}}},
        "size": {"type": "integer"},
    },
}
CONFIG = f"""
plugin_paths: [here]
plugins:
  Vault:
    enabled: true
    config:
      pin: {PIN}
      inner: {{seed: {PIN}-seed}}
      size: 3
      url: https://bob:{PIN}-url@example.org/a
"""


@pytest.fixture
def vault(tmp_path):
    folder = tmp_path / "here" / "vault"
    folder.mkdir(parents=True)
    trap = tmp_path / "imported"
    (folder / "plugin.py").write_text(f"open({str(trap)!r}, 'w').close()\n")
    (folder / "plugin.toml").write_text('[plugin]\nname = "vault"\n')  # else its code is asked
    (folder / "config_schema.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "aitbc.yaml").write_text(CONFIG)
    yield folder
    assert not trap.exists()


COMMANDS = [
    ("info", "vault"),
    ("info", "vault", "--json"),
    ("config", "show"),
    ("config", "show", "--json"),
    ("config", "show", "--origin"),
    ("list", "--all"),
    ("list", "--all", "--json"),
    ("config", "validate", "--json"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_output_shows_what_the_static_schema_declares_secret(cli, vault, command):
    done = cli(*command)
    assert (done.status, done.err) == (0, "")
    assert PIN not in done.out


def test_everything_else_is_shown(cli, vault):
    record = json.loads(cli("info", "vault", "--json").out)["plugin"]
    mask = "**********"
    assert record["config"] == {
        "pin": mask,
        "inner": {"seed": mask},
        "size": 3,
        "url": f"https://{mask}@example.org/a",
    }


@pytest.mark.parametrize("content", ["{", "[]", '{"type": 7}', '{"patternProperties": {"[": {}}}'])
@pytest.mark.parametrize("command", COMMANDS[:5], ids=" ".join)
def test_a_schema_that_cannot_be_used_hides_all_settings(cli, vault, command, content):
    (vault / "config_schema.json").write_text(content)
    done = cli(*command)
    assert (done.status, done.err) == (0, "")
    assert PIN not in done.out
    assert "example.org" not in done.out


def test_an_installed_plugins_schema_is_known_too(cli, tmp_path, monkeypatch):
    package = tmp_path / "site" / "installed_vault"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("raise SystemExit('imported')\n")
    (package / "config_schema.json").write_text(json.dumps(SCHEMA))
    info = tmp_path / "site" / "dist-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: dist\nVersion: 2.0\n")
    (info / "entry_points.txt").write_text("[aitbc.plugins]\nvault = installed_vault.core:V\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))
    (tmp_path / "aitbc.yaml").write_text(CONFIG.replace("[here]", "[]"))
    assert PIN not in cli("config", "show").out
    assert PIN not in cli("info", "vault").out
    assert "installed_vault" not in sys.modules


def test_a_value_that_yaml_reads_otherwise_is_not_printed_from_a_plugins_settings(cli, vault):
    path = vault.parent.parent / "aitbc.yaml"
    path.write_text(CONFIG.replace(f"pin: {PIN}", "pin: 0123456"))
    done = cli("config", "validate")
    assert done.status == 4
    assert "octal" in done.err
    assert "0123456" not in done.err
