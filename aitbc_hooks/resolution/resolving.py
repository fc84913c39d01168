"""From a request to its resolution."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aitbc_hooks.resolution.changes import try_changes
from aitbc_hooks.resolution.explaining import Explainer
from aitbc_hooks.resolution.facts import Fact
from aitbc_hooks.resolution.order import Node, start_order
from aitbc_hooks.resolution.proving import shorten, steps_of
from aitbc_hooks.resolution.results import GaveUp, Refutation, Solution
from aitbc_hooks.resolution.solving import BudgetSpentError, solve
from aitbc_hooks.resolution.stating import Statement
from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aitbc_hooks.resolution.facts import Incompatibility
    from aitbc_hooks.resolution.request import Release, Request
    from aitbc_hooks.resolution.results import Resolution

__all__ = ["resolve"]


def resolve(request: Request) -> Resolution:
    """Find a set of versions in which everything that is asked for is there and fits.

    The same request, in whatever order its parts are given, has the same answer. Cycles do not
    matter to the versions; they are problems of the start order.

    Returns:
        A `Solution`; a `Refutation` if there is none; `GaveUp` if the budget did not suffice to
        find out.

    Raises:
        PluginNameError: One release is given twice.
    """
    statement = Statement(request)
    try:
        found, steps = solve(
            statement.full, statement.facts, preferred=statement.preferred, budget=request.budget
        )
    except BudgetSpentError as spent:
        names = [statement.domains[key].name for key in spent.busiest[:3]]
        return GaveUp(request.budget, tuple(names))
    if isinstance(found, dict):
        return _solution(statement, found)
    return _refute(statement, found, budget=request.budget - steps)


def _solution(statement: Statement, taken: Mapping[str, int]) -> Solution:
    releases = {
        key: statement.release(key, taken[key])
        for key in sorted(taken)
        if key in statement.releases
    }
    order = start_order(
        Node(key, _starts_after(release), release.priority) for key, release in releases.items()
    )
    return Solution(releases, order)


def _starts_after(release: Release) -> frozenset[str]:
    return frozenset(
        canonical_name(each.name)
        for each in release.requirements
        if each.kind is not RequirementKind.CONFLICT
    )


def _refute(statement: Statement, contradiction: Incompatibility, *, budget: int) -> Refutation:
    steps = steps_of(shorten(contradiction, statement.full))
    used = [each for step in steps for each in step.premises if isinstance(each, Fact)]
    changes, untried = try_changes(statement, used, budget=budget)
    concerned = {key for fact in used for key in (*fact.terms, fact.subject) if key}
    return Refutation(
        steps,
        Explainer(statement, used).sentences(steps),
        changes,
        untried,
        {key: statement.domains[key] for key in sorted(concerned)},
    )
