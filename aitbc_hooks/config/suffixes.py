"""The formats of a configuration file; apart, so that finding a file needs no reader."""

from __future__ import annotations

from typing import Final

__all__ = ["SUFFIXES"]

#: Suffix -> the module that reads it, in the order in which files are looked for.
SUFFIXES: Final = {
    ".toml": "aitbc_hooks.config.toml_reader",
    ".yaml": "aitbc_hooks.config.yaml_reader",
    ".yml": "aitbc_hooks.config.yaml_reader",
    ".json": "aitbc_hooks.config.json_reader",
}
