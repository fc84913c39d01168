from __future__ import annotations

import json
import traceback
from pathlib import Path

import attrs
import jsonschema
import pytest

import aitbc_builtin_plugins.bitcoin.settings as settings_module
from aitbc_builtin_plugins.bitcoin.errors import MalformedError
from aitbc_builtin_plugins.bitcoin.settings import Settings

CANARY = "canary-5up3r-53cr3t"
SCHEMA = json.loads(
    Path(settings_module.__file__).with_name("config_schema.json").read_text(encoding="utf-8")
)
DOCUMENTATION = (Path(settings_module.__file__).parent / "docs/configuration.md").read_text(
    encoding="utf-8"
)
FIELDS = {field.name: field.default for field in attrs.fields(Settings)}

REFUSED_BY_BOTH = [
    {"unknown": 1},
    {"rpc_url": 5},
    {"rpc_url": ""},
    {"rpc_user": "a"},
    {"rpc_password": "a"},
    {"rpc_user": "", "rpc_password": ""},
    {"rpc_user": 1, "rpc_password": "a"},
    {"rpc_cookie_file": ""},
    {"wallet": 5},
    {"timeout": 0},
    {"timeout": True},
    {"timeout": "10"},
    {"timeout": 3601},
    {"scan_timeout": -1},
    {"poll_interval": 0},
    {"confirmations": 0},
    {"confirmations": 1.5},
    {"max_scan_blocks": True},
    {"max_scan_blocks": 1_000_001},
    {"rpc_url": "localhost:8332"},
    {"rpc_url": "ftp://localhost"},
    {"rpc_url": "http://"},
    {"rpc_url": "http://host:0"},
    {"rpc_url": "http://host:65536"},
    {"rpc_url": "http://host:99999"},
    {"rpc_url": "http://host:"},
    {"rpc_url": "http://ho st"},
    {"rpc_url": "http://[::1"},
    {"rpc_url": "http://host/?a=1"},
    {"rpc_url": "http://host/\r\nX: y"},
    {"rpc_url": "http://host\n"},
    {"rpc_user": "a:b", "rpc_password": "c"},
    {"rpc_user": "a", "rpc_password": "b\x9f"},
    {"rpc_user": "a", "rpc_password": "b", "rpc_cookie_file": "c"},
    {"rpc_cookie_file": "c\n"},
    {"wallet": "a\nb"},
]
ACCEPTED_BY_BOTH = [
    {},
    {"rpc_url": "http://localhost:8332", "rpc_user": "bitcoin", "rpc_password": "password"},
    {"rpc_url": "https://node.example/path", "timeout": 0.5, "poll_interval": 3600},
    {"rpc_cookie_file": "~/.bitcoin/.cookie", "wallet": "w", "confirmations": 6},
    {"rpc_url": "http://[::1]:65535/"},
    {"rpc_user": "ü", "rpc_password": "пароль 1", "wallet": "\u2028"},
    {"rpc_user": "u", "rpc_password": "", "max_scan_blocks": 1, "scan_timeout": 1},
]
TOO_SUBTLE_FOR_THE_SCHEMA = [
    {"timeout": float("nan")},
    {"wallet": "half a character: \ud800"},
]


def is_valid(config):
    return jsonschema.Draft7Validator(SCHEMA).is_valid(config)


def test_schema_record_and_documentation_have_the_same_settings():
    properties = SCHEMA["properties"]
    assert properties.keys() == FIELDS.keys()
    for key, field in properties.items():
        assert field.get("default") == FIELDS[key]
        assert f"`{key}`" in DOCUMENTATION
        if "default" in field:
            row = next(line for line in DOCUMENTATION.splitlines() if line.startswith(f"| `{key}`"))
            assert str(field["default"]) in row


def test_the_schema_is_a_schema_and_hides_the_password():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    assert SCHEMA["properties"]["rpc_password"]["writeOnly"] is True


@pytest.mark.parametrize("config", ACCEPTED_BY_BOTH)
def test_what_the_schema_accepts_the_plugin_accepts(config):
    assert is_valid(config)
    settings = Settings.from_config(config)
    assert attrs.asdict(settings) == FIELDS | config


@pytest.mark.parametrize("config", REFUSED_BY_BOTH)
def test_what_the_schema_refuses_the_plugin_refuses(config):
    assert not is_valid(config)
    with pytest.raises(MalformedError):
        Settings.from_config(config)


@pytest.mark.parametrize("config", TOO_SUBTLE_FOR_THE_SCHEMA)
def test_the_plugin_refuses_what_a_schema_cannot_say(config):
    with pytest.raises(MalformedError):
        Settings.from_config(config)


def test_settings_are_a_mapping():
    with pytest.raises(MalformedError, match="expected a mapping, got list"):
        Settings.from_config([])


@pytest.mark.parametrize(
    "config",
    [
        {"rpc_password": CANARY},
        {"rpc_user": "u", "rpc_password": CANARY + "\n"},
        {"rpc_user": "u", "rpc_password": [CANARY]},
        {"rpc_user": f"u:{CANARY}", "rpc_password": "p"},
        {"rpc_url": f"http://user:{CANARY}@localhost:8332"},
        {"rpc_url": f"http://{CANARY}:x@localhost:8332"},
        {"rpc_url": f"http://user:{CANARY}@localhost:notaport"},
        {"rpc_url": f"http://user:{CANARY}"},
        {"rpc_url": CANARY},
        {"timeout": CANARY},
        {"confirmations": CANARY},
        {"wallet": [CANARY]},
    ],
)
def test_no_message_repeats_a_value(config):
    with pytest.raises(MalformedError) as caught:
        Settings.from_config(config)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_the_record_does_not_show_who_logs_in():
    settings = Settings.from_config({"rpc_user": "canary-user", "rpc_password": CANARY})
    assert CANARY not in repr(settings)
    assert "canary-user" not in repr(settings)
