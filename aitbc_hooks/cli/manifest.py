"""``aitbc-hooks manifest``: write a plugin's manifest from its code, or hold the two together."""

from __future__ import annotations

import difflib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.names import did_you_mean
from aitbc_hooks.cli.options import as_json, with_global_options
from aitbc_hooks.cli.output import echo_json, warn
from aitbc_hooks.cli.table import printable
from aitbc_hooks.discovery import (
    MANIFEST,
    Manifest,
    manifest_schema,
    read_manifest,
    to_toml,
)
from aitbc_hooks.discovery.manifest.structuring import structure
from aitbc_hooks.errors import PluginError, PluginLoadError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.hosting.describing.comparing import Difference

__all__ = ["manifest"]

_FOLDER = click.argument(
    "folder", metavar="PATH", type=click.Path(path_type=Path, exists=True, file_okay=False)
)


@click.group("manifest")
def manifest() -> None:
    """Write a plugin's plugin.toml from its code, or compare the two."""


@with_global_options
@manifest.command("build")
@_FOLDER
@click.option("--update", is_flag=True, help="Bring an existing manifest up to date.")
@click.option("--print", "to_stdout", is_flag=True, help="Print it; write nothing.")
def build(folder: Path, *, update: bool, to_stdout: bool) -> None:
    """Write PATH/plugin.toml from the plugin's code.

    The plugin is loaded in a process of its own, which is thrown away. What only a manifest can
    say (activation, permissions, limits, the range of hosts) is kept by --update; comments are not.
    """
    before = read_manifest(folder)
    written = _built(folder, before)
    text = to_toml(written)
    if to_stdout:
        click.echo(text, nl=False)
        return
    path = folder / MANIFEST
    if before is not None and not update:
        raise PluginError(
            f"{path} exists.",
            plugin=before.name,
            hint="Pass --update to bring it up to date, or --print to see what it would say.",
            code="AITBC-P09",
        )
    old = path.read_text("utf-8") if before is not None else ""
    if old == text:
        click.echo(f"{printable(str(path))} is up to date.")
        return
    _write(path, text)
    if before is not None:
        for line in difflib.unified_diff(
            old.splitlines(), text.splitlines(), "before", "after", lineterm=""
        ):
            click.echo(printable(line))
    click.echo(f"Wrote {printable(str(path))}.")


def _write(path: Path, text: str) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, "utf-8")
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


@with_global_options
@manifest.command("check")
@_FOLDER
@click.option("--strict", is_flag=True, help="What the manifest leaves out is wrong too.")
@as_json
@click.pass_context
def check(ctx: click.Context, folder: Path, *, strict: bool, as_json: bool) -> None:
    """Compare PATH/plugin.toml with the plugin's code.

    The exit status is 1 if they disagree. The plugin is loaded in a process of its own.
    """
    from aitbc_hooks.hosting.describing.comparing import compare  # noqa: PLC0415 - with the host

    said = read_manifest(folder)
    if said is None:
        raise PluginError(
            f"{folder} has no {MANIFEST}.",
            hint=f"Write one: aitbc-hooks manifest build {folder}",
            code="AITBC-P09",
        )
    differences = compare(said, _described(folder, said.name, said.entry))
    wrong = [each for each in differences if strict or not each.is_gap]
    unknown = list(_unknown(said))
    if as_json:
        echo_json(
            {
                "plugin": said.name,
                "agrees": not wrong,
                "differences": [
                    {"key": each.key, "manifest": each.manifest, "code": each.code}
                    for each in differences
                ],
                "unknown": list(said.unknown),
            }
        )
    else:
        _tell(said.name, differences, unknown, agrees=not wrong)
    ctx.exit(Status.FAILED if wrong else Status.OK)


@with_global_options
@manifest.command("schema")
def schema() -> None:
    """Print the JSON Schema of plugin.toml."""
    click.echo(json.dumps(manifest_schema(), indent=2))


def _tell(name: str, differences: list[Difference], unknown: list[str], *, agrees: bool) -> None:
    for difference in differences:
        click.echo(printable(str(difference)))
    for line in unknown:
        warn(line)
    verdict = "agree" if agrees else "disagree"
    click.echo(f"{name}: manifest and code {verdict}.")


def _unknown(said: Manifest) -> Iterator[str]:
    known = manifest_schema()["$defs"]["plugin"]["properties"]
    for key in said.unknown:
        yield f"{key}: this host does not know that key.{did_you_mean(key, known)}"


def _built(folder: Path, before: Manifest | None) -> Manifest:
    from aitbc_hooks.hosting.describing.comparing import merge  # noqa: PLC0415 - with the host

    name = before.name if before else folder.resolve().name.replace("_", "-")
    code = _described(folder, name, before.entry if before else "plugin")
    return merge(before, code) if before else code


def _described(folder: Path, name: str, entry: str) -> Manifest:
    from aitbc_hooks.hosting.describing import describe  # noqa: PLC0415 - the host

    question = {"name": name, "folder": str(folder.resolve()), "entry": entry}
    description = describe(question)
    if description.table is None:
        raise PluginLoadError(f"it cannot be described: {description.problem}", plugin=name)
    return structure(description.table)
