"""SPEC.md's JSON and YAML: the configuration schema, its example, the registry."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml
from blocks import blocks

from aitbc_hooks import PluginRegistry, load_config
from aitbc_hooks.config import SPEC_SCHEMA
from aitbc_hooks.registry import Compatibility

EXAMPLE = Path(__file__).parents[2] / "examples" / "aitbc.yaml"


def test_the_baseline_schema_is_the_printed_one():
    (printed, _) = map(json.loads, blocks("json"))
    assert printed == SPEC_SCHEMA


def test_the_example_configuration_satisfies_the_printed_schema():
    (example,) = map(yaml.safe_load, blocks("yaml"))
    assert jsonschema.Draft7Validator(json.loads(blocks("json")[0])).is_valid(example)


def test_the_shipped_example_is_the_printed_one_but_for_comments():
    (example,) = map(yaml.safe_load, blocks("yaml"))
    assert yaml.safe_load(EXAMPLE.read_text("utf-8")) == example


def test_the_example_configuration_is_read_with_its_very_values(tmp_path):
    (text,) = blocks("yaml")
    path = tmp_path / "aitbc.yaml"
    path.write_text(text)
    config = load_config(path, environ={"HOME": str(tmp_path)})
    assert [(name, p.enabled, p.priority) for name, p in config.plugins.items()] == [
        ("agent-cli", True, 10),
        ("bitcoin-integration", True, 20),
        ("translation-ai", False, 30),
    ]
    assert config.plugin("agent-cli").config == {"default_agent_type": "chat", "max_agents": 100}
    assert config.plugin_paths == (
        Path("/opt/aitbc/plugins"),
        tmp_path / ".aitbc/plugins",
        tmp_path / "plugins",
    )
    assert config.auto_load is True
    assert config.health_check_interval == 60


def test_the_registry_document_is_parsed_into_records():
    registry = PluginRegistry.parse(blocks("json")[1])
    (entry,) = registry.find("Agent-CLI")
    assert entry is registry.entries[0]
    assert (entry.name, entry.version, entry.license) == ("agent-cli", "1.0.0", "MIT")
    assert entry.checksum == "sha256:..."
    assert entry.tags == ("cli", "agent", "management")
    assert entry.compatibility == Compatibility("1.0.0", "2.0.0")


@pytest.mark.parametrize("field", ["name", "version", "description", "author", "license"])
def test_a_registry_entry_without_a_required_field_is_refused_with_its_place(field):
    document = json.loads(blocks("json")[1])
    del document["plugins"][0][field]
    with pytest.raises(ValueError, match=rf"AITBC-R01.*plugins\[0\]\.{field}: is missing"):
        PluginRegistry.parse(json.dumps(document))
