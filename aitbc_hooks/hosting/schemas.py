"""What plugins' static schemas say of the configuration before any plugin is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.config import InvalidConfigError, Problem, check_plugin_config, mark_secrets
from aitbc_hooks.discovery import read_schema_file
from aitbc_hooks.errors import AitbcError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aitbc_hooks.config import HostConfig
    from aitbc_hooks.discovery import Catalogue

__all__ = ["check_settings", "mark_known_secrets"]


def mark_known_secrets(config: HostConfig, catalogue: Catalogue) -> None:
    """Mask in the outputs of `config` what static schemas declare secret.

    Where a schema cannot be used, all of its plugin's settings are masked.
    """
    for name, path in _schemas(config, catalogue):
        if settings := config.plugins[name].config:
            try:
                mark_secrets(name, settings, read_schema_file(path), host=config)
            except AitbcError:
                config.provenance.secrets.add(("plugins", name, "config"))


def check_settings(config: HostConfig, catalogue: Catalogue) -> None:
    """Check the enabled plugins' own settings, as far as static schemas are known.

    Raises:
        InvalidConfigError: With every problem (``AITBC-C08``); a schema that cannot be used is one
            of them (``AITBC-C10``).
    """
    problems: list[Problem] = []
    for name, path in _schemas(config, catalogue):
        block = config.plugins[name]
        if not block.enabled:
            continue
        try:
            check_plugin_config(name, block.config, read_schema_file(path), host=config)
        except InvalidConfigError as error:
            problems += error.problems
        except AitbcError as error:
            place = ("plugins", name, "config")
            problems.append(Problem(error.code, str(path), 0, 0, place, error.message))
    if problems:
        raise InvalidConfigError(problems)


def _schemas(config: HostConfig, catalogue: Catalogue) -> Iterator[tuple[str, Path]]:
    """Yield name and schema file of each listed plugin that has one."""
    for name in config.plugins:
        candidate = catalogue.get(name)
        if candidate is not None and candidate.schema is not None:
            yield name, candidate.schema
