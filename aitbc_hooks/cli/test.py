"""``aitbc-hooks test``: the conformance kit, pointed at one plugin."""

from __future__ import annotations

import importlib.util
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import click

from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.errors import ConfigError, PluginNotFoundError

if TYPE_CHECKING:
    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.testing.kit import Report, Result

__all__ = ["test"]

_NARROWEST: Final = 60
_WIDEST: Final = 120
_SUFFIXES: Final = (".json", ".xml", ".svg", ".txt")


def _known_suffix(
    _ctx: click.Context, _param: click.Parameter, paths: tuple[Path, ...]
) -> tuple[Path, ...]:
    """Refuse a report of a form that there is not, before anything is run."""
    for path in paths:
        if path.suffix not in _SUFFIXES:
            raise click.BadParameter(f"{path}: expected one of {', '.join(_SUFFIXES)}.")
    return paths


@with_global_options
@click.command("test")
@click.argument("plugin")
@click.option(
    "--level",
    type=click.Choice(["MUST", "SHOULD", "MAY"], case_sensitive=False),
    default="MUST",
    show_default=True,
    help="The lowest level whose failures make the plugin non-conformant.",
)
@click.option("--seed", default=0, show_default=True, help="Of what is generated.")
@click.option("--examples", default=25, show_default=True, help="Cases that a check tries.")
@click.option("--budget", default=60.0, show_default=True, help="Seconds for all checks.")
@click.option("--provides", multiple=True, metavar="NAME", help="What is there: network.")
@click.option(
    "--sample",
    "samples",
    multiple=True,
    metavar="NAME=VALUE",
    help="What only the author knows: address=… or tx_data={…}.",
)
@click.option(
    "--settings",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The plugin's configuration (YAML, TOML, JSON), in place of generated ones.",
)
@click.option(
    "--report",
    "reports",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_known_suffix,
    help="Write a report: .json, .xml (JUnit), .svg (badge) or .txt.",
)
@click.option("--in-process", is_flag=True, help="Run the checks in this process.")
@as_json
@pass_session
def test(
    session: Session,
    /,
    plugin: str,
    *,
    reports: tuple[Path, ...],
    settings: Path | None,
    as_json: bool,
    in_process: bool,
    **options: Any,
) -> None:
    """Test whether a host can trust PLUGIN, and which sentence of the contract it breaks.

    PLUGIN is a path, package.module:Class, or the name of an installed plugin. It runs in a
    process of its own. The exit status is 0 for a conformant plugin, 1 for one that is not, and
    8 where that could not be found out.
    """
    _require_the_extra()
    report = _examine(session, plugin, settings, in_process=in_process, options=options)
    for path in reports:
        report.write(path)
    if as_json:
        click.echo(report.json(), nl=False)
    else:
        table = report.table(color=True, width=_columns())
        click.echo(table, nl=False)  # click drops colours where none are wanted
    click.get_current_context().exit(report.exit_status)


def _require_the_extra() -> None:
    """Say what to install where the kit has nothing to generate with."""
    if importlib.util.find_spec("hypothesis") is None:
        raise click.ClickException(
            "the conformance kit needs Hypothesis. Install the extra: "
            'python -m pip install "aitbc-hooks[test]"'
        )


def _columns() -> int:
    """Return how wide a table may be."""
    return max(_NARROWEST, min(shutil.get_terminal_size().columns, _WIDEST))


def _examine(
    session: Session,
    plugin: str,
    settings: Path | None,
    *,
    in_process: bool,
    options: dict[str, Any],
) -> Report:
    """Run the checks; say on stderr, on a terminal, how far they are."""
    from aitbc_hooks.testing.kit import conformance  # noqa: PLC0415 - hypothesis
    from aitbc_hooks.testing.kit.finding import find_plugin  # noqa: PLC0415 - as above
    from aitbc_hooks.testing.kit.processes.child import examine_in_child  # noqa: PLC0415 - as above
    from aitbc_hooks.testing.kit.samples import read_samples, strategies_of  # noqa: PLC0415 - as above

    try:
        samples = read_samples(options.pop("samples"))
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--sample") from None

    options["config"] = None if settings is None else _read(settings)
    named = _resolved(session, plugin)
    if in_process:
        known = strategies_of(samples)
        return conformance(find_plugin(named), where=named, samples=known, **options)
    with _Progress() as progress:
        return examine_in_child(named, on_result=progress.show, samples=samples, **options)


def _read(path: Path) -> dict[str, Any]:
    from aitbc_hooks.config import InvalidConfigError  # noqa: PLC0415 - rarely asked for
    from aitbc_hooks.config.reading import read_document  # noqa: PLC0415 - as above

    document = read_document(path)
    document.normalise()
    if document.problems:
        raise InvalidConfigError(document.problems)
    return document.data


def _resolved(session: Session, plugin: str) -> str:
    """Return the path for the name of a plugin that only the configuration's folders hold."""
    from aitbc_hooks.testing.kit.finding import place_named  # noqa: PLC0415 - hypothesis

    try:
        place_named(plugin)
    except PluginNotFoundError:
        try:
            candidate = session.manager().catalogue.get(plugin)
        except ConfigError:
            candidate = None
        if candidate is None or candidate.source != "directory":
            raise
        return candidate.location
    return plugin


class _Progress:
    """One line on stderr that says what was found out last; nothing where that is no terminal."""

    def __init__(self) -> None:
        self._stream = sys.stderr
        self._shown = bool(self._stream) and self._stream.isatty()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def show(self, result: Result) -> None:
        """Show one result."""
        self._count += 1
        if self._shown:
            self._stream.write(f"\r\x1b[K{self._count} {result.label} {result.outcome.value}")
            self._stream.flush()

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
