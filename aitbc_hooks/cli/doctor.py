"""``aitbc-hooks doctor``: what is wrong with this installation, each thing with its fix."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

import click

from aitbc_hooks import __version__
from aitbc_hooks.cli.doctoring import Scene, examine
from aitbc_hooks.cli.doctoring.environment import own_requirements
from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json
from aitbc_hooks.cli.table import printable
from aitbc_hooks.discovery import index_folder

if TYPE_CHECKING:
    from aitbc_hooks.cli.session import Session

__all__ = ["doctor"]


@with_global_options
@click.command("doctor")
@click.option("--deep", is_flag=True, help="Load plugins too, each in a process of its own.")
@as_json
@pass_session
@click.pass_context
def doctor(ctx: click.Context, session: Session, *, deep: bool, as_json: bool) -> None:
    """Look for what is wrong: one line for each thing, with its fix.

    The exit status is 7 if something is wrong. With --deep the plugins' manifests are held against
    their code.
    """
    scene = Scene(session)
    found = list(examine(scene, deep=deep))
    wrong = [trouble for _, trouble in found if trouble.is_wrong]
    facts = _environment(session)
    if as_json:
        troubles = [trouble.record(check.name) for check, trouble in found]
        echo_json({"healthy": not wrong, "environment": facts, "troubles": troubles})
    else:
        for key, value in facts.items():
            if key != "import_path":  # too long for people
                click.echo(printable(f"{key + ':':<15}{_text(value)}"))
        for _, trouble in found:
            click.echo(session.redact(trouble.line()))
        click.echo(_verdict(len(wrong)))
    ctx.exit(Status.UNHEALTHY if wrong else Status.OK)


def _text(value: str | dict[str, str | None]) -> str:
    if isinstance(value, str):
        return value
    return ", ".join(f"{name} {version or '-'}" for name, version in value.items())


def _verdict(count: int) -> str:
    if not count:
        return "Nothing is wrong."
    return "1 thing is wrong." if count == 1 else f"{count} things are wrong."


def _environment(session: Session) -> dict[str, Any]:
    """Return what whoever helps from afar asks first."""
    location = session.location()
    return {
        "host": __version__,
        "python": f"{platform.python_version()}, {sys.executable}",
        "platform": platform.platform(),
        "configuration": str(location.path or "the embedded default"),
        "cache": str(index_folder()),
        "packages": {name: version for name, _, version in own_requirements()},
        "import_path": list(sys.path),
    }
