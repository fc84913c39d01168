"""The host's configuration: files and their layers, checked, with every problem in one pass.

`load_config` reads a file, `HostConfig.from_mapping` a mapping; both give a `HostConfig`. A
plugin's own block is checked later, by `check_plugin_config`, against the plugin's schema. The
readers are imported when they are first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aitbc_hooks.config.blocks import check_plugin_config
    from aitbc_hooks.config.editing import set_enabled
    from aitbc_hooks.config.loading import load_config
    from aitbc_hooks.config.locating import ConfigLocation, locate_config, user_config_file
    from aitbc_hooks.config.problems import InvalidConfigError, Problem
    from aitbc_hooks.config.records import HostConfig, PluginConfig
    from aitbc_hooks.config.schema import host_schema
    from aitbc_hooks.config.secrets import Redactor

    SPEC_SCHEMA: dict[str, Any]

__all__ = [
    "SPEC_SCHEMA",
    "ConfigLocation",
    "HostConfig",
    "InvalidConfigError",
    "PluginConfig",
    "Problem",
    "Redactor",
    "check_plugin_config",
    "host_schema",
    "load_config",
    "locate_config",
    "set_enabled",
    "user_config_file",
]

_HOMES = {
    "ConfigLocation": "locating",
    "HostConfig": "records",
    "InvalidConfigError": "problems",
    "PluginConfig": "records",
    "Problem": "problems",
    "Redactor": "secrets",
    "check_plugin_config": "blocks",
    "host_schema": "schema",
    "load_config": "loading",
    "locate_config": "locating",
    "set_enabled": "editing",
    "user_config_file": "locating",
}


def __getattr__(name: str) -> Any:
    """Import a public name where it lives, once (PEP 562)."""
    if name == "SPEC_SCHEMA":
        # Read anew each time, so that no caller can change another one's.
        return importlib.import_module("aitbc_hooks.config.schema").spec_schema()
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(importlib.import_module(f"{__name__}.{home}"), name)
    return value
