"""``aitbc-hooks list`` and ``info``: what is known of the plugins, none of which is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from aitbc_hooks.cli.absent import find_absent
from aitbc_hooks.cli.offers import find_offers
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json, report_record, warn
from aitbc_hooks.cli.table import printable, table

if TYPE_CHECKING:
    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.discovery import Catalogue
    from aitbc_hooks.manager import PluginReport

__all__ = ["info", "list_"]

_ISOLATIONS: Final = {"none": "none: runs in the host's own process"}


@with_global_options
@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Disabled plugins too, and what is none.")
@as_json
@pass_session
def list_(session: Session, *, everything: bool, as_json: bool) -> None:
    """List the plugins that the host runs.

    With --all also those that are disabled, what looked like a plugin and was passed over, and
    why. No plugin is imported.
    """
    manager = session.manager()
    reports = [report for report in manager.reports() if everything or report.enabled]
    missing = [absent.name for absent in find_absent(manager, session.blocked())]
    if as_json:
        echo_json(
            {
                "plugins": [report_record(report) for report in reports],
                "missing": missing,
                **(_passed_over(manager.catalogue) if everything else {}),
            }
        )
        return
    _print_table(reports)
    if everything:
        _print_passed_over(manager.catalogue)
    for name in missing:
        warn(f"{name} is enabled, and no such plugin is known.")
    for refusal in find_offers(session, _host_commands()).refusals():
        warn(str(refusal))


def _host_commands() -> list[str]:
    from aitbc_hooks.cli.root import COMMANDS  # noqa: PLC0415 - it is there already

    return list(COMMANDS)


def _passed_over(catalogue: Catalogue) -> dict[str, Any]:
    return {
        "rejected": [
            {
                "name": rejected.name,
                "source": rejected.source,
                "location": rejected.location,
                "code": rejected.error.code,
                "message": rejected.error.message,
            }
            for rejected in catalogue.rejected
        ],
        "notes": [{"location": note.location, "text": note.text} for note in catalogue.notes],
    }


def _print_table(reports: list[PluginReport]) -> None:
    if not reports:
        click.echo("No plugins.")
        return
    rows = [
        (
            report.name,
            report.version or "-",
            "yes" if report.enabled else "no",
            report.source,
            report.location,
            report.description or "",
        )
        for report in reports
    ]
    headings = ("NAME", "VERSION", "ENABLED", "SOURCE", "LOCATION", "DESCRIPTION")
    for line in table(headings, rows):
        click.echo(line)


def _print_passed_over(catalogue: Catalogue) -> None:
    if catalogue.rejected:
        click.echo("\nPassed over:")
    for rejected in catalogue.rejected:
        click.echo(f"  {printable(rejected.location)}: {printable(str(rejected.error))}")
    if catalogue.notes:
        click.echo("\nNotes:")
    for note in catalogue.notes:
        click.echo(f"  {printable(note.location)}: {printable(note.text)}")


@with_global_options
@click.command("info")
@click.argument("name")
@as_json
@pass_session
def info(session: Session, name: str, *, as_json: bool) -> None:
    """Show what is known of the plugin NAME without running it.

    Secrets in its settings are masked.
    """
    from aitbc_hooks.hosting.schemas import mark_known_secrets  # noqa: PLC0415 - for this alone

    manager = session.manager()
    report = manager.report(name)
    config = session.config()
    mark_known_secrets(config, manager.catalogue)
    candidate = manager.catalogue.get(name)
    listed = config.listed_name(name)
    blocks = config.to_mapping()["plugins"]
    block = blocks[listed] if listed else {"config": {}, "timeouts": {}}
    record = report_record(report) | {
        "commands": dict(candidate.commands or {}) if candidate else {},
        "configured_in": config.origin("plugins", listed) if listed else None,
        "timeouts": block["timeouts"],
        "config": block["config"],
    }
    if as_json:
        echo_json({"plugin": record})
        return
    for field, value in record.items():
        text = _ISOLATIONS.get(value, value) if field == "isolation" else _text(value)
        click.echo(f"{field + ':':<15}{printable(text)}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {item}" for key, item in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None else str(value)
