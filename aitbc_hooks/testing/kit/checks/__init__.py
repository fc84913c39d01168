"""The checks, a module for each family. Importing this package registers them all, in order."""

from __future__ import annotations

# The order is that of the reports; a check comes after those that it needs.
# ruff: isort: off
from aitbc_hooks.testing.kit.checks import importing
from aitbc_hooks.testing.kit.checks import metadata
from aitbc_hooks.testing.kit.checks import hookimpls
from aitbc_hooks.testing.kit.checks import schema
from aitbc_hooks.testing.kit.checks import lifecycle
from aitbc_hooks.testing.kit.checks import identity
from aitbc_hooks.testing.kit.checks import config
from aitbc_hooks.testing.kit.checks import health
from aitbc_hooks.testing.kit.checks import events
from aitbc_hooks.testing.kit.checks import resources
from aitbc_hooks.testing.kit.checks import loops
from aitbc_hooks.testing.kit.checks import isolation
from aitbc_hooks.testing.kit.checks import secrets
from aitbc_hooks.testing.kit.checks import wrappers
from aitbc_hooks.testing.kit.checks import legacy
from aitbc_hooks.testing.kit.checks import cli
from aitbc_hooks.testing.kit.checks import blockchain
from aitbc_hooks.testing.kit.checks import ai

# ruff: isort: on
from aitbc_hooks.testing.kit.checking import REGISTRY

__all__ = [
    "CHECKS",
    "ai",
    "blockchain",
    "cli",
    "config",
    "events",
    "health",
    "hookimpls",
    "identity",
    "importing",
    "isolation",
    "legacy",
    "lifecycle",
    "loops",
    "metadata",
    "resources",
    "schema",
    "secrets",
    "wrappers",
]

#: Identifier -> check, in the order of the reports.
CHECKS = REGISTRY.as_mapping()
