"""``aitbc-hooks bisect``: which plugin breaks a command, found by halves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from aitbc_hooks.cli.bisecting import Outcome, Search, Trial, conclusion, ending_on_signals
from aitbc_hooks.cli.exits import Status
from aitbc_hooks.cli.known import look
from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json
from aitbc_hooks.cli.table import printable
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aitbc_hooks.cli.bisecting import Finding, Run
    from aitbc_hooks.cli.known import Known
    from aitbc_hooks.cli.session import Session

__all__ = ["bisect"]

#: So many names of a set are shown.
_SHOWN: Final = 8


@with_global_options
@click.command("bisect")
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@click.option("--run", "shell", metavar="TEXT", help="Run this in a shell instead of COMMAND.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0, min_open=True),
    metavar="SECONDS",
    help="A run that takes longer is broken too.",
)
@click.option("--keep", metavar="NAME", multiple=True, help="A plugin that is never left out.")
@as_json
@pass_session
@click.pass_context
def bisect(
    ctx: click.Context,
    session: Session,
    *,
    command: tuple[str, ...],
    shell: str | None,
    timeout: float | None,
    keep: tuple[str, ...],
    as_json: bool,
) -> None:
    """Find the plugin with which a command breaks: `aitbc-hooks bisect -- COMMAND ARGS...`.

    The command is run again and again with other parts of the enabled plugins, the rest of them
    disabled by environment variables; it breaks if its exit status is not 0. Nothing is changed.
    A plugin that the command cannot do without is named with --keep.
    What it prints is shown with -v. The exit status is 0 if a smallest set of plugins was found,
    8 if not: the command works with all plugins, or breaks without any, or not each time.
    """
    if bool(command) is (shell is not None):
        raise click.UsageError("expected a command after --, or --run 'a shell command'.")
    known = look(session)
    kept = known.relations.needed(canonical_name(known.listing(name).name) for name in keep)
    enabled = [row.name for row in known.overview.listings if row.enabled]
    names = [name for name in enabled if canonical_name(name) not in kept]
    shown = session.verbosity > 0 and not as_json
    trial = Trial(command or shell or "", names, session.config_path, timeout, shown)
    tell = _silent if as_json else _teller(len(names))
    with ending_on_signals():
        found = Search(names, _needs(known, names), _runner(trial), tell).search()
    if as_json:
        echo_json(_record(found))
    else:
        for line in conclusion(found):
            click.echo(printable(line))
    ctx.exit(Status.OK if found.outcome is Outcome.FOUND else Status.INCONCLUSIVE)


def _needs(known: Known, names: list[str]) -> Mapping[str, frozenset[str]]:
    """Return what each plugin needs, directly or not, among those that can be left out."""
    relations = known.relations
    keys = {canonical_name(name): name for name in names}
    return {
        name: frozenset(keys[each] for each in relations.needed([key]) if each in keys)
        for key, name in keys.items()
    }


def _runner(trial: Trial) -> Callable[[frozenset[str]], Run]:
    def run(plugins: frozenset[str]) -> Run:
        try:
            return trial.run(plugins)
        except OSError as error:
            raise click.UsageError(f"the command cannot be run: {error}.") from error

    return run


def _teller(total: int) -> Callable[[int, Run], None]:
    def tell(number: int, run: Run) -> None:
        shown = ", ".join(run.plugins[:_SHOWN])
        more = f" and {len(run.plugins) - _SHOWN} more" if len(run.plugins) > _SHOWN else ""
        which = f" ({shown}{more})" if shown else ""
        click.echo(f"{number}. With {len(run.plugins)} of {total} plugins{which}: {run}.")

    return tell


def _silent(_number: int, _run: Run) -> None:
    pass


def _record(found: Finding) -> dict[str, Any]:
    return {
        "outcome": found.outcome.name.lower(),
        "plugins": list(found.culprits),
        "needed": list(found.along),
        "runs": [{"plugins": list(run.plugins), "status": run.status} for run in found.runs],
    }
