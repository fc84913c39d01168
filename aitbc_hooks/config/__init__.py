"""The host's configuration: files and their layers, checked, with every problem in one pass.

`load_config` reads a file, `HostConfig.from_mapping` a mapping; both give a `HostConfig`. A
plugin's own block is checked later, by `check_plugin_config`, against the plugin's schema. The
readers are imported when they are first used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.config.blocks import check_plugin_config, mark_secrets
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
    "mark_secrets",
    "set_enabled",
    "user_config_file",
]

_HOMES = {
    "ConfigLocation": "aitbc_hooks.config.locating",
    "HostConfig": "aitbc_hooks.config.records",
    "InvalidConfigError": "aitbc_hooks.config.problems",
    "PluginConfig": "aitbc_hooks.config.records",
    "Problem": "aitbc_hooks.config.problems",
    "Redactor": "aitbc_hooks.config.secrets",
    "check_plugin_config": "aitbc_hooks.config.blocks",
    "host_schema": "aitbc_hooks.config.schema",
    "load_config": "aitbc_hooks.config.loading",
    "locate_config": "aitbc_hooks.config.locating",
    "mark_secrets": "aitbc_hooks.config.blocks",
    "set_enabled": "aitbc_hooks.config.editing",
    "user_config_file": "aitbc_hooks.config.locating",
}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    _lazy = lazy_names(__name__, _HOMES)

    def __getattr__(name: str) -> Any:
        if name == "SPEC_SCHEMA":
            from aitbc_hooks.config.schema import spec_schema  # noqa: PLC0415 - lazy too

            return spec_schema()  # anew each time, so that no caller can change another one's
        return _lazy(name)
