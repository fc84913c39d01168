"""``aitbc-hooks migrate``: what an old plugin or configuration needs, and the mechanical part."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.options import as_json, with_global_options
from aitbc_hooks.cli.output import echo_json

if TYPE_CHECKING:
    from aitbc_hooks.migration import FileReport, Finding

__all__ = ["migrate"]


@with_global_options
@click.command("migrate")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@click.option("--write", "do_write", is_flag=True, help="Do the mechanical part; keep backups.")
@as_json
def migrate(path: Path, *, do_write: bool, as_json: bool) -> None:
    """Say what PATH needs: a plugin's folder, a module of it, or a configuration file.

    Nothing of it is run. With --write the mechanical part is shown as a diff and then done; what
    stood there before is kept in FILE.bak, and what cannot be understood is left alone. The exit
    status is 0 if nothing is left to do, and 1 otherwise.
    """
    from aitbc_hooks.migration import diff, scan  # noqa: PLC0415 - for this command alone

    reports = scan(path)
    findings = [finding for report in reports for finding in report.findings]
    backups: dict[str, str] = {}
    if not as_json:
        _tell(findings)
    if do_write:
        if not as_json:
            click.echo("".join(map(diff, reports)), nl=False)
        backups = _write(reports, quiet=as_json)
        findings = [finding for report in scan(path) for finding in report.findings]
    if as_json:
        records = [_record(finding) for finding in findings]
        echo_json({"path": str(path), "findings": records, "backups": backups})
    elif do_write and findings:
        click.echo(f"{_count(findings)} left to do by hand.")
    click.get_current_context().exit(Status.FAILED if findings else Status.OK)


def _tell(findings: list[Finding]) -> None:
    for finding in findings:
        click.echo(f"{finding}\n    {finding.why}")
    if not findings:
        click.echo("Nothing needs to be done.")
    else:
        mechanical = sum(finding.mechanical for finding in findings)
        click.echo(f"{_count(findings)}, {mechanical} of them mechanical.")


def _count(findings: list[Finding]) -> str:
    return "1 finding" if len(findings) == 1 else f"{len(findings)} findings"


def _write(reports: list[FileReport], *, quiet: bool) -> dict[str, str]:
    """Do what is mechanical; return file -> backup."""
    from aitbc_hooks.migration import write  # noqa: PLC0415 - for this command alone

    backups = {}
    for report in reports:
        backup = write(report)
        if backup is not None:
            backups[str(report.path)] = str(backup)
            if not quiet:
                click.echo(f"{report.path} is written; {backup} has what stood there before.")
    return backups


def _record(finding: Finding) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "file": finding.file,
        "line": finding.line or None,
        "what": finding.what,
        "why": finding.why,
        "mechanical": finding.mechanical,
    }
