"""Hypothesis strategies for tests of plugins.

===================================  ===============================================================
`configs`, `near_misses`             configurations that a JSON Schema allows, and that it forbids
`from_schema`, `probe`               any JSON values that a schema allows; one configuration, or why not
`json_values`, `payloads`            JSON values, and payloads of events
`event_types`, `payload_keys`        types and keys that a plugin's ``handle_event`` names
`command_lines`                      arguments for a click command
`drawn`                              the order of task steps on a `DetLoop`
===================================  ===============================================================

Whatever they draw shrinks, and replays from Hypothesis' database. ``docs/strategies.md`` has examples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.lazy import lazy_names

if TYPE_CHECKING:
    from aitbc_hooks.testing.strategies.commands import command_lines, furnish
    from aitbc_hooks.testing.strategies.events import event_types, payload_keys
    from aitbc_hooks.testing.strategies.json_schema import (
        InvalidSchemaError,
        NearMiss,
        UnsatisfiableSchemaError,
        configs,
        from_schema,
        near_misses,
        probe,
    )
    from aitbc_hooks.testing.strategies.plain_json import json_values, payloads
    from aitbc_hooks.testing.strategies.schedules import drawn

__all__ = [
    "InvalidSchemaError",
    "NearMiss",
    "UnsatisfiableSchemaError",
    "command_lines",
    "configs",
    "drawn",
    "event_types",
    "from_schema",
    "furnish",
    "json_values",
    "near_misses",
    "payload_keys",
    "payloads",
    "probe",
]

_MODULES = {
    "commands": ("command_lines", "furnish"),
    "events": ("event_types", "payload_keys"),
    "json_schema": (
        "InvalidSchemaError",
        "NearMiss",
        "UnsatisfiableSchemaError",
        "configs",
        "from_schema",
        "near_misses",
        "probe",
    ),
    "plain_json": ("json_values", "payloads"),
    "schedules": ("drawn",),
}

_HOMES = {name: f"{__name__}.{module}" for module, names in _MODULES.items() for name in names}

if not TYPE_CHECKING:  # else every misspelt name would type-check
    __getattr__ = lazy_names(__name__, _HOMES)


def __dir__() -> list[str]:
    return sorted(__all__)
