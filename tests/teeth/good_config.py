"""Configurations: every value that a schema allows is one that initialize uses."""

from __future__ import annotations

import json
from datetime import timedelta

import attrs
from corpus import good

from aitbc.plugins import BasePlugin, PluginMetadata


class Configured(BasePlugin):
    """Reads its settings in initialize, in `read`."""

    async def initialize(self):
        self.read(self.context.config)
        return True

    def read(self, config):
        raise NotImplementedError

    async def start(self):
        return True

    async def stop(self):
        return True

    async def cleanup(self):
        return True


@good(example={"level": "high", "region": "eu-west-1", "quota": 12})
class StrictSettings(Configured):
    """Required keys, an enumeration, a pattern, bounds, and nothing else."""

    def get_metadata(self):
        return PluginMetadata("strict-settings", "1.0.0", "Is strict", "Config Author", "MIT")

    def get_config_schema(self):
        return {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "type": "object",
            "required": ["level", "region"],
            "additionalProperties": False,
            "properties": {
                "level": {"enum": ["low", "high", 3, None]},
                "region": {"type": "string", "pattern": r"^[a-z]{2}-[a-z]+-[0-9]$"},
                "quota": {"type": "integer", "exclusiveMinimum": 0, "multipleOf": 4},
                "ratio": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.5},
            },
        }

    def read(self, config):
        self.level = {"low": 1, "high": 2, 3: 3, None: 0}[config["level"]]
        self.country, self.city, self.number = config["region"].split("-")
        self.quarters = int(config.get("quota", 4)) // 4
        self.inverse = 1 - config.get("ratio", 0.5)


class BadSettingsError(Exception):
    pass


@good(example={"window": {"from": 1, "to": 5}})
class RefusesNonsense(Configured):
    """Checks once more, and raises what its schema forbids anyway."""

    def get_metadata(self):
        return PluginMetadata("refuses-nonsense", "1.0.0", "Refuses", "Config Author", "MIT")

    def get_config_schema(self):
        bound = {"type": "integer", "minimum": 0, "maximum": 23}
        return {
            "type": "object",
            "properties": {
                "window": {
                    "type": "object",
                    "properties": {"from": bound, "to": bound},
                    "required": ["from", "to"],
                }
            },
            "required": ["window"],
        }

    def read(self, config):
        try:
            begin, end = config["window"]["from"], config["window"]["to"]
        except (KeyError, TypeError) as error:
            raise BadSettingsError(f"window: {error!r}") from error
        if isinstance(begin, bool) or isinstance(end, bool) or not {begin, end} <= {*range(24)}:
            raise BadSettingsError("window: expected two hours")
        self.length = timedelta(hours=(end - begin) % 24)


@good(example={"storage": {"kind": "memory", "entries": 10}})
class NestedChoice(Configured):
    """One of several forms, told apart by a constant."""

    def get_metadata(self):
        return PluginMetadata("nested-choice", "1.0.0", "Chooses", "Config Author", "MIT")

    def get_config_schema(self):
        return {
            "type": "object",
            "required": ["storage"],
            "properties": {
                "storage": {
                    "oneOf": [
                        {
                            "type": "object",
                            "properties": {
                                "kind": {"const": "memory"},
                                "entries": {"type": "integer", "minimum": 1, "maximum": 1000},
                            },
                            "required": ["kind", "entries"],
                            "additionalProperties": False,
                        },
                        {
                            "type": "object",
                            "properties": {
                                "kind": {"const": "file"},
                                "name": {"type": "string", "pattern": "^[a-z]{1,8}$"},
                                "compressed": {"type": "boolean"},
                            },
                            "required": ["kind", "name"],
                            "additionalProperties": False,
                        },
                    ]
                }
            },
        }

    def read(self, config):
        match config["storage"]:
            case {"kind": "memory", "entries": entries}:
                self.table = [None] * int(entries)
            case {"kind": "file", "name": str(name), **rest}:
                self.name = name.strip() + (".gz" if rest.get("compressed") else "")


@good(example={"root": {"name": "a", "children": [{"name": "b"}]}})
class TreeSettings(Configured):
    """A schema that refers to itself."""

    def get_metadata(self):
        return PluginMetadata("tree-settings", "1.0.0", "Has a tree", "Config Author", "MIT")

    def get_config_schema(self):
        return {
            "definitions": {
                "node": {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        "name": {"type": "string", "minLength": 1, "maxLength": 20},
                        "children": {
                            "type": "array",
                            "items": {"$ref": "#/definitions/node"},
                            "maxItems": 3,
                        },
                    },
                }
            },
            "type": "object",
            "properties": {"root": {"$ref": "#/definitions/node"}},
            "required": ["root"],
        }

    def read(self, config):
        self.names = list(self._names(config["root"]))

    def _names(self, node):
        yield node["name"]
        for child in node.get("children", ()):
            yield from self._names(child)


@attrs.frozen
class Limits:
    """A record made of the settings."""

    per_minute: int
    burst: int = 10
    labels: dict[str, str] = attrs.field(factory=dict)


@good()
class ManyDefaults(Configured):
    """Defaults at every level; the block may be empty. Reads them from its own schema."""

    def get_metadata(self):
        return PluginMetadata("many-defaults", "1.0.0", "Has defaults", "Config Author", "MIT")

    def get_config_schema(self):
        return json.loads(
            """{
              "type": "object",
              "properties": {
                "limits": {
                  "type": "object",
                  "default": {"per_minute": 60},
                  "required": ["per_minute"],
                  "additionalProperties": false,
                  "properties": {
                    "per_minute": {"type": "integer", "minimum": 1},
                    "burst": {"type": "integer", "minimum": 0, "default": 10},
                    "labels": {
                      "type": "object",
                      "patternProperties": {"^[a-z_]+$": {"type": "string"}},
                      "additionalProperties": false
                    }
                  }
                },
                "tags": {"type": "array", "items": {"type": "string"}, "default": ["plain"]}
              }
            }"""
        )

    def read(self, config):
        properties = self.get_config_schema()["properties"]
        self.limits = Limits(**config.get("limits", properties["limits"]["default"]))
        # A copy of its own: what it was given stays as it is.
        self.tags = sorted({*config.get("tags", properties["tags"]["default"]), self.metadata.name})
