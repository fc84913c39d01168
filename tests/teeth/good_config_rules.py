"""Configurations with secrets, with conditions between keys, and with open sets of keys."""

from __future__ import annotations

import re
import string
from urllib.parse import urlsplit

from corpus import good
from good_config import Configured

from aitbc.plugins import PluginMetadata


@good(example={"endpoint": "https://api.example/v1", "api_key": "k-0123456789abcdef"})
class SecretKeeper(Configured):
    """Has a secret, and shows everything but that: in its log, its health and its repr."""

    def get_metadata(self):
        return PluginMetadata("secret-keeper", "1.0.0", "Keeps a secret", "Config Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "properties": {
                "endpoint": {
                    "type": "string",
                    "format": "uri",
                    "pattern": "^https?://[a-z0-9.-]+(/[a-z0-9/]*)?$",
                },
                "api_key": {"type": "string", "minLength": 8, "writeOnly": True},
                "timeout": {"type": ["number", "null"], "minimum": 0.1, "maximum": 60},
            },
            "required": ["endpoint", "api_key"],
        }

    def __repr__(self):
        shown = {key: value for key, value in self.context.config.items() if key != "api_key"}
        return f"<SecretKeeper {shown}>"

    def read(self, config):
        self.host = urlsplit(config["endpoint"].strip()).hostname
        self._headers = {"Authorization": f"Bearer {config['api_key']}"}
        self.context.logger.info("uses %s", self.host)

    async def health_check(self):
        endpoint = self.context.config.get("endpoint")
        return await super().health_check() | {"endpoint": endpoint}


@good(example={"rules": [{"match": "error", "action": "count"}]})
class RuleTable(Configured):
    """Conditions between keys: what stands in one decides which others there must be."""

    def get_metadata(self):
        return PluginMetadata("rule-table", "1.0.0", "Follows rules", "Config Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "required": ["rules"],
            "properties": {
                "rules": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 5,
                    "items": {
                        "type": "object",
                        "required": ["match", "action"],
                        "properties": {
                            "match": {"type": "string"},
                            "action": {"enum": ["count", "forward"]},
                            "target": {"type": "string", "pattern": "^[a-z]+[.][a-z]+$"},
                        },
                        "if": {"properties": {"action": {"const": "forward"}}},
                        "then": {"required": ["target"]},
                    },
                }
            },
        }

    def read(self, config):
        self._rules = []
        for rule in config["rules"]:
            # Text, not an expression: anything that the schema lets in can be looked for.
            wanted = re.compile(re.escape(rule["match"]))
            target = rule["target"].split(".") if rule["action"] == "forward" else None
            self._rules.append((wanted, target))
        self.counts = [0] * len(self._rules)

    async def handle_event(self, event_type, data):
        for number, (wanted, _) in enumerate(self._rules):
            self.counts[number] += bool(wanted.search(event_type))


@good(example={"names": {"first": "ada", "second": "bob"}})
class ConstantSchema(Configured):
    """The schema is a constant of the class, the same object on every call, for all instances."""

    SCHEMA = {  # noqa: RUF012 - read only
        "type": "object",
        "properties": {
            "names": {
                "type": "object",
                "propertyNames": {"enum": ["first", "second", "third"]},
                "additionalProperties": {"type": "string"},
                "minProperties": 1,
            }
        },
        "anyOf": [{"required": ["names"]}, {"properties": {"names": False}}],
    }

    def get_metadata(self):
        return PluginMetadata("constant-schema", "1.0.0", "Is constant", "Config Author", "MIT")

    def get_config_schema(self):
        return self.SCHEMA

    def read(self, config):
        ascii_only = string.ascii_letters
        self.initials = {
            key: "".join(letter for letter in name if letter in ascii_only)[:1]
            for key, name in config.get("names", {}).items()
        }
