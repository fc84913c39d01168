"""A derivation of the contradiction as few numbered steps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.resolution.facts import Fact, Incompatibility, facts_beneath
from aitbc_hooks.resolution.solving import BudgetSpentError, solve

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Step", "shorten", "steps_of"]

#: Steps that the search for a shorter proof may take in all.
_EFFORT: Final = 100_000

#: A chain of steps about one plugin is told as one step if it has more than this many.
_CHAIN: Final = 3


@attrs.frozen(eq=False)
class Step:
    """One step of a proof.

    Attributes:
        number: Its place, from 1.
        premises: The facts, and the numbers of the earlier steps, that it follows from.
        terms: What it concludes, as in `Incompatibility`; nothing in the last step.
    """

    number: int
    premises: tuple[Fact | int, ...]
    terms: Mapping[str, int]


def shorten(contradiction: Incompatibility, full: Mapping[str, int]) -> Incompatibility:
    """Return a derivation from as few of the facts as effort allows.

    With enough effort no fact of it can be left out.
    """
    effort = _EFFORT
    facts = _sorted_facts(contradiction)
    for fact in facts:
        kept = _sorted_facts(contradiction)
        if fact not in kept:
            continue
        kept.remove(fact)
        try:
            found, steps = solve(_within(full, kept), kept, budget=effort)
        except BudgetSpentError:
            break
        effort -= steps + len(kept)
        if isinstance(found, Incompatibility):
            contradiction = found
    return contradiction


def _within(full: Mapping[str, int], facts: Iterable[Fact]) -> dict[str, int]:
    return {key: full[key] for fact in facts for key in fact.terms}


def _sorted_facts(contradiction: Incompatibility) -> list[Fact]:
    return sorted(facts_beneath(contradiction), key=_place)


def _place(fact: Fact) -> tuple[str, str, str, int]:
    return (fact.kind.value, fact.subject, str(fact.requirement or ""), fact.mask)


def steps_of(contradiction: Incompatibility) -> tuple[Step, ...]:
    """Return the steps of a derivation, each after those that it follows from."""
    if isinstance(contradiction, Fact):
        return (Step(1, (contradiction,), {}),)
    uses = _uses(contradiction)
    numbers: dict[int, int] = {}
    steps: list[Step] = []
    waiting = [contradiction]
    while waiting:
        rule = waiting[-1]
        premises = _premises(rule, uses)
        missing = [each for each in premises if each.parents and id(each) not in numbers]
        if missing:
            waiting += reversed(missing)
            continue
        waiting.pop()
        if id(rule) not in numbers:
            numbers[id(rule)] = len(steps) + 1
            shown = tuple(p if isinstance(p, Fact) else numbers[id(p)] for p in premises)
            steps.append(Step(len(steps) + 1, shown, rule.terms))
    return tuple(steps)


def _uses(contradiction: Incompatibility) -> dict[int, int]:
    """Return how many derivations each derived rule is a parent of."""
    uses: dict[int, int] = {}
    waiting = [contradiction]
    while waiting:
        for parent in waiting.pop().parents:
            if id(parent) not in uses and parent.parents:
                waiting.append(parent)
            uses[id(parent)] = uses.get(id(parent), 0) + 1
    return uses


def _premises(rule: Incompatibility, uses: Mapping[int, int]) -> tuple[Incompatibility, ...]:
    """Return what a rule is told to follow from: its parents, or all premises of its chain."""
    chain = list(_chain(rule, uses))
    if len(chain) <= _CHAIN:
        return rule.parents
    inside = {id(each) for each in chain}
    outside = [parent for each in reversed(chain) for parent in each.parents]
    return tuple(dict.fromkeys(parent for parent in outside if id(parent) not in inside))


def _chain(rule: Incompatibility, uses: Mapping[int, int]) -> Iterator[Incompatibility]:
    """Yield a rule and those beneath it that serve it alone and are about the same plugin."""
    link: Incompatibility | None = rule
    while link is not None:
        yield link
        link = next(
            (
                parent
                for parent in link.parents
                if parent.parents and parent.pivot == rule.pivot and uses[id(parent)] == 1
            ),
            None,
        )
