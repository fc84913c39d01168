"""``aitbc-hooks config``: validate, show, schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.config import Problem
    from aitbc_hooks.discovery import Catalogue

__all__ = ["config"]


@click.group("config")
def config() -> None:
    """Check or show the configuration."""


@with_global_options
@config.command("validate")
@click.argument("path", required=False, type=click.Path(path_type=Path, readable=False))
@as_json
@pass_session
def _validate(session: Session, path: Path | None, *, as_json: bool) -> None:
    """Check the configuration (PATH, or what is found), and list every problem.

    The settings of an enabled plugin are checked too where its config_schema.json is known;
    others when the plugin is loaded. No plugin is imported.
    """
    from aitbc_hooks.config import InvalidConfigError  # noqa: PLC0415 - where it is used
    from aitbc_hooks.hosting.schemas import check_settings  # noqa: PLC0415 - as above

    if path is not None:
        session.config_path = path
    source = session.location().path
    try:
        check_settings(session.config(), _catalogue(session))
    except InvalidConfigError as error:
        if not as_json:
            raise
        problems = [_record(problem) for problem in error.problems]
        echo_json({"valid": False, "source": source, "problems": problems})
        click.get_current_context().exit(Status.CONFIG)
    if as_json:
        echo_json({"valid": True, "source": source, "problems": []})
    else:
        click.echo(f"{source or 'The embedded default'} is valid.")


def _catalogue(session: Session) -> Catalogue:
    """Return what the host would find, without making one: nothing is imported, not even -p."""
    from aitbc_hooks.discovery import (  # noqa: PLC0415 - for these commands alone
        Catalogue,
        add,
        discover,
        find_named,
    )

    catalogue = Catalogue()
    for candidate in find_named(name for name in session.plugins if not name.startswith("no:")):
        add(catalogue, candidate)
    return discover(session.config().plugin_paths, into=catalogue)


def _record(problem: Problem) -> dict[str, Any]:
    return {
        "code": problem.code,
        "file": problem.file,
        "line": problem.line or None,
        "column": problem.column or None,
        "path": list(problem.path),
        "message": problem.message,
    }


@with_global_options
@config.command("show")
@click.option("--origin", is_flag=True, help="Say of each setting what has set it.")
@as_json
@pass_session
def _show(session: Session, *, origin: bool, as_json: bool) -> None:
    """Show the effective configuration, with secrets masked."""
    from aitbc_hooks.hosting.schemas import mark_known_secrets  # noqa: PLC0415 - for this alone

    location = session.location()
    settings = session.config()
    mark_known_secrets(settings, _catalogue(session))
    mapping = settings.to_mapping()
    origins = {path: settings.origin(*path) for path in _leaves(mapping)} if origin else {}
    if as_json:
        named = {"origins": {_dotted(path): text for path, text in origins.items()}}
        echo_json(
            {
                "source": location.path,
                "why": location.why,
                "config": mapping,
                **(named if origin else {}),
            }
        )
        return
    click.echo(f"# {location.path or 'The embedded default'}")
    click.echo(f"# {location.why}")
    if not origin:
        import yaml  # noqa: PLC0415 - for this alone

        text = yaml.safe_dump(mapping, sort_keys=False, allow_unicode=True)
        click.echo(text, nl=False)
        return
    for path, setter in origins.items():
        value = json.dumps(_at(mapping, path), ensure_ascii=False)
        click.echo(f"{_dotted(path)} = {value}  # {setter}")


def _leaves(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """Yield the paths of all values that hold no others; lists are taken whole."""
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, key))
    else:
        yield path


def _dotted(path: tuple[str | int, ...]) -> str:
    return ".".join(f'"{key}"' if "." in str(key) else str(key) for key in path)


def _at(value: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        value = value[key]
    return value


@with_global_options
@config.command("schema")
def _schema() -> None:
    """Print the JSON Schema of a configuration file, for editors."""
    from aitbc_hooks.config import host_schema  # noqa: PLC0415 - for this alone

    click.echo(json.dumps(host_schema(), indent=2))
