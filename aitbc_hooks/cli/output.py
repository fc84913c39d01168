"""Printing: JSON in one documented shape, plugins as records, warnings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from aitbc_hooks.manager import PluginReport

__all__ = [
    "SCHEMA_VERSION",
    "STATUS_COLORS",
    "brief",
    "echo_json",
    "json_line",
    "report_record",
    "warn",
]

#: The shape of everything that ``--json`` prints; it grows when a consumer could stumble.
SCHEMA_VERSION: Final = 1

#: Status or word of health -> colour.
STATUS_COLORS: Final = {
    "active": "green",
    "degraded": "yellow",
    "loading": "cyan",
    "unloading": "cyan",
    "error": "red",
}


def echo_json(record: dict[str, Any]) -> None:
    """Print one JSON document on stdout."""
    document = {"schema_version": SCHEMA_VERSION, **record}
    click.echo(json.dumps(document, indent=2, ensure_ascii=False, default=str))


def json_line(record: dict[str, Any]) -> str:
    """Return a JSON document as one line."""
    document = {"schema_version": SCHEMA_VERSION, **record}
    return json.dumps(document, ensure_ascii=False, default=str)


def brief(code: str, message: str) -> str:
    """Return a failure's message on one line: its first; of a configuration's problems, all."""
    lines = message.strip().splitlines() or [""]
    if not code.startswith("AITBC-C"):
        return lines[0]
    return "; ".join(line.removesuffix(f" [{code}]") for line in lines)


def warn(text: str) -> None:
    """Print a warning on stderr."""
    click.echo(click.style("Warning: ", fg="yellow") + text, err=True)


def report_record(report: PluginReport) -> dict[str, Any]:
    """Return what is known of a plugin without running it, as JSON values."""
    return {
        "name": report.name,
        "version": report.version,
        "enabled": report.enabled,
        "priority": report.priority,
        "source": report.source,
        "location": report.location,
        "description": report.description,
        "dependencies": list(report.dependencies),
        "isolation": report.isolation,
    }
