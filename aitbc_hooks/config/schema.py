"""The two schemas of a configuration file: SPEC.md's, and the host's stricter one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["host_schema", "spec_schema"]

_FOLDER = Path(__file__).parent


def spec_schema() -> dict[str, Any]:
    """Return the schema as SPEC.md prints it; every accepted file satisfies it."""
    return _load("spec.schema.json")


def host_schema() -> dict[str, Any]:
    """Return the published schema: SPEC.md's, closed to unknown keys, with the host's additions.

    It is JSON Schema draft-07, for editors and for ``aitbc-hooks config schema``.
    """
    return _load("aitbc-hooks.schema.json")


def _load(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((_FOLDER / name).read_text(encoding="utf-8"))
    return schema
