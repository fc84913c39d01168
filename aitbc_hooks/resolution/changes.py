"""The single changes that could help, each tried by solving again with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.resolution.facts import Fact, FactKind
from aitbc_hooks.resolution.results import Change, ChangeKind
from aitbc_hooks.resolution.solving import BudgetSpentError, solve
from aitbc_hooks.versions import Requirement, canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from aitbc_hooks.resolution.request import Request
    from aitbc_hooks.resolution.stating import Statement

__all__ = ["try_changes"]


@attrs.frozen
class _Proposal:
    """A change before it was tried.

    Attributes:
        lifts: Whether a fact does not hold any more with it.
        adds: Facts that hold instead.
        text: The clause for the version that is then taken, as text; empty for none.
    """

    kind: ChangeKind
    name: str
    request: Request
    lifts: Callable[[Fact], bool]
    text: Callable[[str], str]
    adds: tuple[Fact, ...] = ()


def try_changes(
    statement: Statement, used: Iterable[Fact], *, budget: int
) -> tuple[tuple[Change, ...], int]:
    """Try every single change that could help.

    Only what changes a fact that the proof uses can help: with all of these facts, the proof holds.

    Args:
        statement: What was refuted.
        used: The facts that the proof uses.
        budget: Steps that all tries together may take.

    Returns:
        The changes that work, and how many were not decided within the budget.
    """
    working: list[Change] = []
    undecided = 0
    for proposal in _proposals(statement, used):
        facts = [fact for fact in statement.facts if not proposal.lifts(fact)]
        try:
            found, steps = solve(
                statement.full,
                [*facts, *proposal.adds],
                preferred=statement.preferred,
                budget=budget,
            )
        except BudgetSpentError:
            undecided += 1
            continue
        budget -= steps
        if isinstance(found, dict):
            working.append(_change(statement, proposal, found))
    return tuple(working), undecided


def _change(statement: Statement, proposal: _Proposal, taken: dict[str, int]) -> Change:
    domain = statement.domains[canonical_name(proposal.name)]
    version = next(domain.masked(taken.get(domain.key, 0)), None)
    text = proposal.text(str(version or ""))
    return Change(proposal.kind, proposal.name, version, text, proposal.request)


def _proposals(statement: Statement, used: Iterable[Fact]) -> Iterator[_Proposal]:
    """Yield the changes that concern a fact in use, in the order in which they are shown."""
    found: dict[tuple[ChangeKind, str], _Proposal] = {}
    for fact in used:
        for proposal in _of_fact(statement, fact):
            found.setdefault((proposal.kind, proposal.text("")), proposal)
    places = list(ChangeKind)
    for _, proposal in sorted(
        found.items(), key=lambda item: (places.index(item[0][0]), item[0][1])
    ):
        yield proposal


def _of_fact(statement: Statement, fact: Fact) -> Iterator[_Proposal]:
    """Yield the changes that lift a fact."""
    if fact.kind is FactKind.DISABLED:
        yield _enable(statement, fact)
    elif fact.kind is FactKind.PRERELEASE:
        yield _allow_prereleases(statement, fact.subject)
    elif fact.kind is FactKind.YANKED:
        yield _allow_yanked(statement, fact)
    if fact.requirement is not None:
        if fact.kind is FactKind.UNASKED:
            yield _allow_prereleases(statement, canonical_name(fact.requirement.name))
        if not fact.subject:
            yield from _relax(statement, fact.requirement)


def _enable(statement: Statement, fact: Fact) -> _Proposal:
    request, key = statement.request, fact.subject
    name = statement.domains[key].name
    return _Proposal(
        ChangeKind.ENABLE,
        name,
        attrs.evolve(request, disabled=request.disabled - {key}),
        lambda other: other.kind is FactKind.DISABLED and other.subject == key,
        lambda version: f"enable {name} {version}".rstrip(),
    )


def _allow_prereleases(statement: Statement, key: str) -> _Proposal:
    request, name = statement.request, statement.domains[key].name
    allowed = frozenset() if isinstance(request.prereleases, bool) else request.prereleases

    def lifts(fact: Fact) -> bool:
        if fact.kind is FactKind.UNASKED and fact.requirement is not None:
            return canonical_name(fact.requirement.name) == key
        return fact.kind is FactKind.PRERELEASE and fact.subject == key

    return _Proposal(
        ChangeKind.PRERELEASES,
        name,
        attrs.evolve(request, prereleases=allowed | {key}),
        lifts,
        lambda version: (
            f"allow pre-releases of {name}" + (f" (takes {version})" if version else "")
        ),
    )


def _allow_yanked(statement: Statement, fact: Fact) -> _Proposal:
    request, release = statement.request, statement.release(fact.subject, fact.mask)
    return _Proposal(
        ChangeKind.YANKED,
        release.name,
        attrs.evolve(request, accepted=request.accepted | {(release.key, str(release.version))}),
        lambda other: (
            other.kind is FactKind.YANKED
            and (other.subject, other.mask) == (fact.subject, fact.mask)
        ),
        lambda _: f"allow {release.name} {release.version} although it was yanked",
    )


def _relax(statement: Statement, root: Requirement) -> Iterator[_Proposal]:
    """Yield what can be done about something that the user asks for."""
    request = statement.request
    others = tuple(each for each in request.roots if str(each) != str(root))

    def lifts(fact: Fact) -> bool:
        return not fact.subject and str(fact.requirement) == str(root)

    yield _Proposal(
        ChangeKind.DROP,
        root.name,
        attrs.evolve(request, roots=others),
        lifts,
        lambda _: f"do without {root}",
    )
    if not root.range.is_any:
        free = Requirement(root.name)
        yield _Proposal(
            ChangeKind.VERSION,
            root.name,
            attrs.evolve(request, roots=(*others, free)),
            lifts,
            lambda version: f"take {root.name} {version} instead of {root.range}",
            tuple(statement.root_facts(free)),
        )
