"""Incompatibilities: values that cannot all be taken. Facts are given, the others derived."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from aitbc_hooks.versions import Requirement

__all__ = ["Fact", "FactKind", "Incompatibility", "facts_beneath", "resolve_on"]


class FactKind(enum.Enum):
    """Where a fact comes from."""

    ROOT = "root"
    NEED = "need"
    OPTIONAL = "optional"
    CONFLICT = "conflict"
    HOST = "host"
    PLATFORM = "platform"
    DISABLED = "disabled"
    YANKED = "yanked"
    PRERELEASE = "pre-release"
    UNASKED = "pre-release that a requirement does not name"


@attrs.frozen(eq=False)
class Incompatibility:
    """For at least one of these plugins the value is not in the mask.

    A plugin whose mask would hold all of its values is left out: it excludes nothing. Without any
    plugin it is the contradiction.

    Attributes:
        terms: Key of a plugin -> mask.
        parents: The two that it was resolved from; a fact has none.
        pivot: The plugin that they were resolved on.
    """

    terms: Mapping[str, int]
    parents: tuple[Incompatibility, ...] = ()
    pivot: str = ""


@attrs.frozen(eq=False)
class Fact(Incompatibility):
    """An incompatibility that is given, and what is needed to say why.

    Attributes:
        kind: Where it comes from.
        subject: Key of the plugin that it is about.
        mask: The versions of that plugin that it is about.
        requirement: What these versions (or the user) ask for, where they ask for something.
        allowed: The versions of the other plugin that are in the requirement's range.
    """

    kind: FactKind = attrs.field(kw_only=True)
    subject: str = attrs.field(default="", kw_only=True)
    mask: int = attrs.field(default=0, kw_only=True)
    requirement: Requirement | None = attrs.field(default=None, kw_only=True)
    allowed: int = attrs.field(default=0, kw_only=True)


def resolve_on(
    pivot: str, one: Incompatibility, other: Incompatibility, full: Mapping[str, int]
) -> Incompatibility:
    """Return what follows from two incompatibilities, whatever the value of `pivot`.

    Whoever takes values in the union for the pivot, and in both masks for every other plugin,
    violates one of the two.
    """
    terms = {
        key: mask & other.terms.get(key, full[key])
        for key, mask in one.terms.items()
        if key != pivot
    }
    for key, mask in other.terms.items():
        if key != pivot and key not in terms:
            terms[key] = mask
    union = one.terms[pivot] | other.terms[pivot]
    if union != full[pivot]:
        terms[pivot] = union
    return Incompatibility(terms, (one, other), pivot)


def facts_beneath(derived: Incompatibility) -> Iterator[Fact]:
    """Yield each fact that a derivation rests on, once."""
    waiting, seen = [derived], {id(derived)}
    while waiting:
        rule = waiting.pop()
        if isinstance(rule, Fact):
            yield rule
        for parent in rule.parents:
            if id(parent) not in seen:
                seen.add(id(parent))
                waiting.append(parent)
