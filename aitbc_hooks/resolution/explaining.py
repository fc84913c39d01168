"""Facts and steps as sentences, in the words that their authors have written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aitbc_hooks.resolution.domains import ABSENT
from aitbc_hooks.resolution.facts import Fact, FactKind
from aitbc_hooks.resolution.request import HOST
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from aitbc_hooks.resolution.domains import Domain
    from aitbc_hooks.resolution.proving import Step
    from aitbc_hooks.resolution.request import Release
    from aitbc_hooks.resolution.stating import Statement
    from aitbc_hooks.versions import Version

__all__ = ["Explainer"]

#: How much of a text that somebody else has written is shown.
_SHOWN: Final = 120

#: So many reasons make one clause.
_PAIR: Final = 2


class Explainer:
    """Writes the sentences of one proof.

    Args:
        statement: What the proof is about.
        facts: The facts that it uses.
    """

    def __init__(self, statement: Statement, facts: Iterable[Fact]) -> None:
        self._statement = statement
        self._domains: Mapping[str, Domain] = statement.domains
        self._clauses: Mapping[FactKind, Callable[[Fact], str]] = {
            FactKind.ROOT: self._need,
            FactKind.NEED: self._need,
            FactKind.HOST: self._need,
            FactKind.UNASKED: self._unasked,
            FactKind.OPTIONAL: self._optional,
            FactKind.CONFLICT: self._conflict,
            FactKind.PLATFORM: self._platform,
            FactKind.DISABLED: self._disabled,
            FactKind.YANKED: self._yanked,
            FactKind.PRERELEASE: self._prerelease,
        }
        self._texts: dict[tuple[str, int], str] = {}
        for fact in facts:
            if fact.requirement is not None and not fact.requirement.range.is_any:
                place = (canonical_name(fact.requirement.name), fact.allowed)
                self._texts.setdefault(place, str(fact.requirement.range))

    def sentences(self, steps: tuple[Step, ...]) -> tuple[str, ...]:
        """Return each step as a sentence that names everything it follows from."""
        concluded = {step.number: self.conclusion(step.terms) for step in steps}
        return tuple(
            _because([self._premise(each, concluded) for each in step.premises])
            + f" {concluded[step.number]}."
            for step in steps
        )

    def _premise(self, premise: Fact | int, concluded: Mapping[int, str]) -> str:
        if isinstance(premise, Fact):
            return self.fact(premise)
        return f"{concluded[premise]} ({premise})"

    def fact(self, fact: Fact) -> str:
        """Return a fact as a clause."""
        return self._clauses[fact.kind](fact)

    def conclusion(self, terms: Mapping[str, int]) -> str:
        """Return an incompatibility as a clause."""
        there = [self._versions(key, mask) for key, mask in terms.items() if not mask & ABSENT]
        wanted = [
            self._versions(key, self._domains[key].full & ~mask)
            for key, mask in terms.items()
            if mask & ABSENT
        ]
        if not terms:
            return "no set of versions works"
        if not wanted:
            if len(there) == 1:
                return f"{there[0]} cannot be taken"
            return f"{_listed(there)} cannot be taken together"
        if not there:
            return f"{_listed(wanted, 'or')} has to be taken"
        verb = "needs" if len(there) == 1 else "together need"
        return f"{_listed(there)} {verb} {_listed(wanted, 'or')}"

    def _versions(self, key: str, mask: int) -> str:
        return self._domains[key].describe(mask, self._texts)

    def _release(self, fact: Fact) -> Release:
        """Return the only release that a fact is about."""
        return self._statement.release(fact.subject, fact.mask)

    def _who_needs(self, fact: Fact) -> str:
        who = f"{self._versions(fact.subject, fact.mask)} needs" if fact.subject else "you need"
        return f"{who} {fact.requirement}"

    def _need(self, fact: Fact) -> str:
        domain = self._other(fact)
        remark = ""
        if domain.key == HOST:
            remark = f" (the host is {HOST} {domain.versions[0]})"
        elif not domain.versions:
            remark = " (no plugin of that name is known)"
        elif not fact.allowed:
            remark = f" (there is only {_extent(domain.versions)})"
        return self._who_needs(fact) + remark

    def _unasked(self, fact: Fact) -> str:
        excluded = fact.terms[self._other(fact).key]
        return f"{self._who_needs(fact)} ({self._other(fact).list(excluded)} is a pre-release)"

    def _optional(self, fact: Fact) -> str:
        name, versions = self._other(fact).name, self._versions(fact.subject, fact.mask)
        wanted = fact.requirement.range if fact.requirement else ""
        return f"{versions} works with {name} only as {wanted}"

    def _conflict(self, fact: Fact) -> str:
        domain = self._other(fact)
        written = f"{domain.name} {fact.requirement.range if fact.requirement else ''}".rstrip()
        remark = f" (the host is {HOST} {domain.versions[0]})" if domain.key == HOST else ""
        return f"{self._versions(fact.subject, fact.mask)} conflicts with {written}{remark}"

    def _platform(self, fact: Fact) -> str:
        release = self._release(fact)
        supported = _quoted(", ".join(sorted(release.platforms)))
        here = self._statement.request.platforms[0]
        return f"{release.name} {release.version} is for {supported} (this is {here})"

    def _disabled(self, fact: Fact) -> str:
        return f"{self._domains[fact.subject].name} is disabled"

    def _yanked(self, fact: Fact) -> str:
        release = self._release(fact)
        reason = f' ("{_quoted(release.yanked)}")' if release.yanked else ""
        return f"{release.name} {release.version} was yanked{reason}"

    def _prerelease(self, fact: Fact) -> str:
        release = self._release(fact)
        return f"{release.name} {release.version} is a pre-release (these are off)"

    def _other(self, fact: Fact) -> Domain:
        return self._domains[canonical_name(fact.requirement.name if fact.requirement else "")]


def _extent(versions: Sequence[Version]) -> str:
    return " to ".join(dict.fromkeys(str(end) for end in (versions[0], versions[-1])))


def _quoted(text: str) -> str:
    """Return what somebody else has written, safe for a terminal."""
    shown = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return "".join(c if c.isprintable() else f"\\x{ord(c):02x}" for c in shown)


def _because(reasons: Sequence[str]) -> str:
    if len(reasons) <= _PAIR:
        return f"Because {' and '.join(reasons)},"
    return f"Because {'; '.join(reasons[:-1])}; and {reasons[-1]}:"  # ranges have commas


def _listed(items: Iterable[str], last: str = "and") -> str:
    *most, end = items
    return f"{', '.join(most)} {last} {end}" if most else end
