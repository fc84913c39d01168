"""The search: unit propagation, decisions, and learning from each conflict."""

from __future__ import annotations

import itertools
from collections import deque
from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.resolution.domains import ABSENT
from aitbc_hooks.resolution.facts import Incompatibility, resolve_on

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["BudgetSpentError", "Search", "solve"]


class BudgetSpentError(Exception):
    """The search took more steps than it may.

    Attributes:
        busiest: The plugins that its conflicts were about, those with the most first.
    """

    def __init__(self, busiest: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.busiest = busiest


def solve(
    full: Mapping[str, int],
    facts: Iterable[Incompatibility],
    *,
    preferred: Mapping[str, int] | None = None,
    budget: int,
) -> tuple[dict[str, int] | Incompatibility, int]:
    """Search for values that violate no fact.

    Args:
        full: Key of a plugin -> the mask of all of its values.
        facts: What must hold.
        preferred: Key of a plugin -> the bit to try first; otherwise the newest version.
        budget: How many rules may be looked at.

    Returns:
        The bit of each plugin that is taken, or the derivation of the contradiction; and the
        number of steps that this took.

    Raises:
        BudgetSpentError: Neither was found within the budget.
    """
    rules: dict[str, list[Incompatibility]] = {key: [] for key in full}
    first: list[Incompatibility] = []
    for fact in facts:
        if len(fact.terms) < 2:  # noqa: PLR2004 - it leaves nobody a choice
            first.append(fact)
        else:
            for key in fact.terms:
                rules[key].append(fact)
    search = Search(full, rules, first, preferred=preferred or {}, budget=budget)
    return search.run(), search.steps


@attrs.frozen
class _Entry:
    """One narrowing of a domain: what it was before, why, and after how many decisions."""

    key: str
    before: int
    cause: Incompatibility | None
    level: int


class Search:
    """One search for values that violate no rule.

    As in a SAT solver with clause learning, but over domains of many values: the resolvent of two
    incompatibilities unites the masks of the pivot and intersects the others, so there are no
    positive and negative terms, and learning works the same on versions and on absence.

    Args:
        full: Key of a plugin -> the mask of all of its values.
        rules: Key of a plugin -> the facts that have a term for it.
        first: Facts that exclude something by themselves, or the contradiction.
        preferred: Key of a plugin -> the bit to try first; otherwise the newest version.
        budget: How many rules may be looked at.
    """

    def __init__(
        self,
        full: Mapping[str, int],
        rules: Mapping[str, Sequence[Incompatibility]],
        first: Iterable[Incompatibility],
        *,
        preferred: Mapping[str, int],
        budget: int,
    ) -> None:
        self.steps = 0
        self._full = full
        self._rules = rules
        self._first = first
        self._preferred = preferred
        self._budget = budget
        self._domains = dict(full)
        self._learned: dict[str, list[Incompatibility]] = {}
        self._trail: list[_Entry] = []
        self._places: dict[str, list[int]] = {key: [] for key in full}
        self._level = 0
        self._needed: list[str] = []  # what cannot be absent, in the order in which that was seen
        self._undecided = 0  # before this place in `_needed`, everything has one value
        self._queue: deque[str] = deque()

    def run(self) -> dict[str, int] | Incompatibility:
        """Return the bit of each plugin that is taken, or the derivation of the contradiction.

        Raises:
            BudgetSpentError: Neither was found within the budget.
        """
        for rule in self._first:
            if not rule.terms:
                return rule
        conflict = self._begin()
        while True:
            while conflict is not None:
                learned, back = self._learn(conflict)
                if not learned.terms:
                    return learned
                conflict = self._go_back(back, learned) or self._propagate()
            if not self._decide():
                # What is undecided can be absent, and a fact concerns another plugin only if it
                # is there or is missing where something that is there needs it.
                return {
                    key: mask for key, mask in self._domains.items() if not mask & ABSENT and mask
                }
            conflict = self._propagate()

    def _begin(self) -> Incompatibility | None:
        for key, mask in self._full.items():
            if not mask & ABSENT:
                self._needed.append(key)
        for rule in self._first:
            if (conflict := self._apply(rule)) is not None:
                return conflict
        return self._propagate()

    def _apply(self, rule: Incompatibility) -> Incompatibility | None:
        """Narrow the one plugin that a rule leaves a choice to; return the rule if it is violated."""
        domains = self._domains
        choice = None
        for key, mask in rule.terms.items():
            if domains[key] & ~mask:
                if choice is not None or not domains[key] & mask:
                    return None
                choice = key
        if choice is None:
            return rule
        self._narrow(choice, domains[choice] & ~rule.terms[choice], rule)
        return None

    def _propagate(self) -> Incompatibility | None:
        """Draw every conclusion from what was narrowed; return a rule that is violated."""
        while self._queue:
            key = self._queue.popleft()
            facts, learned = self._rules.get(key, ()), self._learned.get(key, ())
            self.steps += len(facts) + len(learned)
            if self.steps > self._budget:
                raise BudgetSpentError(self._busiest())
            for rule in itertools.chain(facts, learned):
                if (conflict := self._apply(rule)) is not None:
                    self._queue.clear()
                    return conflict
        return None

    def _narrow(self, key: str, mask: int, cause: Incompatibility | None) -> None:
        before = self._domains[key]
        self._places[key].append(len(self._trail))
        self._trail.append(_Entry(key, before, cause, self._level))
        self._domains[key] = mask
        if before & ABSENT and not mask & ABSENT:
            self._needed.append(key)
        self._queue.append(key)

    def _decide(self) -> bool:
        """Take one value for something that is needed; False if there is nothing left to take."""
        while self._undecided < len(self._needed):
            key = self._needed[self._undecided]
            mask = self._domains[key]
            if mask & (mask - 1):
                self._level += 1
                preferred = self._preferred.get(key, 0)
                value = mask & preferred or 1 << (mask.bit_length() - 1)
                self._narrow(key, value, None)
                return True
            self._undecided += 1
        return False

    def _learn(self, conflict: Incompatibility) -> tuple[Incompatibility, int]:
        """Resolve a violated rule with the causes of its violation.

        Returns:
            A rule that, after going back to the level, leaves a choice to one plugin only; or
            the contradiction.
        """
        while conflict.terms:
            places = sorted((self._place(key, mask) for key, mask in conflict.terms.items()))
            entry = self._trail[places[-1]]
            back = self._trail[places[-2]].level if len(places) > 1 else 0
            if entry.cause is None or back < entry.level:
                return conflict, back
            conflict = resolve_on(entry.key, conflict, entry.cause, self._full)
        return conflict, 0

    def _busiest(self) -> tuple[str, ...]:
        return tuple(sorted(self._learned, key=lambda key: (-len(self._learned[key]), key)))

    def _place(self, key: str, mask: int) -> int:
        """Return where in the trail a plugin's domain came to lie within a mask."""
        places = self._places[key]
        return next(place for place in reversed(places) if self._trail[place].before & ~mask)

    def _go_back(self, level: int, learned: Incompatibility) -> Incompatibility | None:
        while self._trail and self._trail[-1].level > level:
            entry = self._trail.pop()
            if entry.before & ABSENT and not self._domains[entry.key] & ABSENT:
                self._needed.pop()
            self._domains[entry.key] = entry.before
            self._places[entry.key].pop()
        self._level, self._undecided = level, 0
        for key in learned.terms:
            self._learned.setdefault(key, []).append(learned)
        # Every fact was known when that level was left, and it was left with nothing to conclude:
        # what is new is the learned rule alone, and what follows from it is queued.
        return self._apply(learned)
