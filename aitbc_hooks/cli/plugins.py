"""``aitbc-hooks list`` and ``info``: what is known of the plugins, none of which is imported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from aitbc_hooks.cli.options import as_json, pass_session, with_global_options
from aitbc_hooks.cli.output import echo_json, warn
from aitbc_hooks.cli.overview import STATES, overview
from aitbc_hooks.cli.table import printable, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.cli.overview import Listing, Overview
    from aitbc_hooks.cli.session import Session
    from aitbc_hooks.discovery import Catalogue, Note

__all__ = ["info", "list_"]

_ISOLATIONS: Final = {"none": "none: runs in the host's own process"}
_LABEL: Final = 22


@with_global_options
@click.command("list")
@click.option("--all", "everything", is_flag=True, help="Disabled plugins too, and what is none.")
@click.option("--hook", metavar="NAME", help="Plugins that implement a hook.")
@click.option("--source", metavar="KIND", help="Plugins of a kind of place, such as built-in.")
@click.option("--state", type=click.Choice(STATES), help="Plugins in a state; implies --all.")
@as_json
@pass_session
def list_(
    session: Session,
    *,
    everything: bool,
    hook: str | None,
    source: str | None,
    state: str | None,
    as_json: bool,
) -> None:
    """List the plugins that the host runs.

    With --all also those that are disabled, what looked like a plugin and was passed over, and
    why. No plugin is imported; one without a manifest is described once, in a process of its own.
    """
    from aitbc_hooks.cli.described import with_descriptions  # noqa: PLC0415 - rarely needed

    reserved = _host_commands()
    remade = list(_remade()) if everything and session.cache else []  # before it is made anew
    seen, undescribed = with_descriptions(session, overview(session, reserved), reserved)
    rows = [
        row
        for row in seen.listings
        if (everything or state or row.enabled)
        and (state is None or state == ("enabled" if row.enabled else "disabled"))
        and (hook is None or row.implements(hook))
        and (source is None or row.candidate.source == source)
    ]
    seen.catalogue.notes.extend(remade)
    passed_over = seen.catalogue if everything or state == "rejected" else None
    if as_json:
        echo_json(
            {
                "plugins": [row.record() for row in rows],
                "missing": list(seen.missing),
                **(_passed_over(passed_over) if passed_over else {}),
            }
        )
        return
    _print_table(rows)
    if passed_over:
        _print_passed_over(passed_over)
    for name, problem in undescribed.items() if everything else ():
        warn(f"{name} cannot be described: {printable(problem)}")
    for name, wrong in _disagreeing(seen) if everything else ():
        warn(f"{name}: manifest and code disagree: {printable(wrong)}")
    for name in seen.missing:
        warn(f"{name} is enabled, and no such plugin is known.")
    for refusal in seen.offers.refusals():
        warn(str(refusal))


def _disagreeing(seen: Overview) -> Iterator[tuple[str, str]]:
    """Yield names and differences, as far as `doctor` has found any."""
    from aitbc_hooks.hosting.describing.comparing import (  # noqa: PLC0415 - for --all alone
        disagreements_before,
    )

    for row in seen.listings:
        folder = row.candidate.folder
        wrong = None if folder is None else disagreements_before(folder, seen.index)
        if wrong:
            yield row.name, " ".join(wrong)


def _host_commands() -> list[str]:
    from aitbc_hooks.cli.root import COMMANDS  # noqa: PLC0415 - it is there already

    return list(COMMANDS)


def _remade() -> Iterator[Note]:
    """Yield what of the cache cannot be trusted, and is made anew for that."""
    from aitbc_hooks.cli.unsound import unsound_indexes  # noqa: PLC0415 - for --all alone
    from aitbc_hooks.discovery import Note  # noqa: PLC0415 - as above

    for path, reason in unsound_indexes():
        yield Note(str(path), f"the cache is not used: {reason}")


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


def _print_table(listings: list[Listing]) -> None:
    if not listings:
        click.echo("No plugins.")
        return
    rows = [
        (
            listing.name,
            listing.candidate.version or "-",
            "yes" if listing.enabled else "no",
            listing.candidate.source,
            listing.candidate.location,
            listing.candidate.description or "",
        )
        for listing in listings
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

    Secrets in its settings are masked. One without a manifest is described first, in a process of
    its own.
    """
    from aitbc_hooks.cli.about import declared, placed, related  # noqa: PLC0415 - for this alone
    from aitbc_hooks.cli.known import look  # noqa: PLC0415 - as above
    from aitbc_hooks.hosting.schemas import mark_known_secrets  # noqa: PLC0415 - as above

    seen = look(session)
    listing = seen.listing(name)
    config = session.config()
    mark_known_secrets(config, seen.overview.catalogue)
    listed = config.listed_name(name)
    blocks = config.to_mapping()["plugins"]
    block = blocks[listed] if listed else {"config": {}, "timeouts": {}}
    record = listing.record() | {
        "commands": dict(listing.candidate.commands or {}),
        "configured_in": config.origin("plugins", listed) if listed else None,
        "timeouts": block["timeouts"],
        "config": block["config"],
        **placed(listing, seen.overview.catalogue),
        **related(listing, seen.relations),
        **declared(listing),
    }
    if problem := seen.undescribed.get(listing.name):
        record["problem"] = f"it cannot be described: {problem}"
    if as_json:
        echo_json({"plugin": record})
        return
    for field, value in record.items():
        text = _WORDED.get(field, _text)(value)
        click.echo(f"{field + ':':<{_LABEL}}{printable(text)}")


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{key} = {item}" for key, item in value.items()) or "-"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "-"
    return "-" if value is None or value == "" else str(value)


def _orders(hooks: dict[str, list[str]]) -> str:
    return "; ".join(f"{hook}: {', '.join(names) or '-'}" for hook, names in hooks.items()) or "-"


def _places(places: list[dict[str, str]]) -> str:
    return "; ".join(f"{p['source']} {p['location']} {p['message']}" for p in places) or "-"


def _scopes(permissions: dict[str, list[str]]) -> str:
    shown = (f"{name} {', '.join(scopes)}".rstrip() for name, scopes in permissions.items())
    return "; ".join(shown) or "-"


_WORDED: Final[dict[str, Callable[[Any], str]]] = {
    "isolation": lambda value: _ISOLATIONS.get(value, value),
    "call_order": _orders,
    "shadows": _places,
    "permissions": _scopes,
    "optional_permissions": _scopes,
}
