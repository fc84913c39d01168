"""A check: one testable sentence of the contract, and the registry of them all.

Everything that names checks reads the registry: reports, the pytest classes, the command line,
and the documentation, which has a page for each.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Final

import attrs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from aitbc_hooks.testing.kit.outcomes import Level
    from aitbc_hooks.testing.kit.specimen import Specimen

    Examine = Callable[[Specimen], None]
    #: Returns why a check does not concern a plugin; None if it does.
    Concern = Callable[[Specimen], str | None]

__all__ = ["REGISTRY", "Check", "Registry", "Untested", "check"]


@attrs.frozen
class Check:
    """One testable sentence of the contract.

    Attributes:
        id: Family and number, such as ``LIFE-05``; it never changes its meaning.
        level: How binding the sentence is.
        title: The sentence in the kit's words, about "it", the plugin.
        sentence: The sentence of the contract, quoted.
        source: Where that stands.
        why: What goes wrong in a host where a plugin breaks it.
        fix: What an author does about it.
        example: Source of a plugin, or of what differs from a sound one, that fails the check.
        needs: Checks that must pass before this one can say anything.
        provides: Capabilities that the author must declare, such as ``network``.
        concern: Says why the check does not concern a plugin, or None.
        examine: Runs it: returns, or raises `Violation`, `NotApplicable` or `Inconclusive`.
    """

    id: str
    level: Level
    title: str
    sentence: str
    source: str
    why: str
    fix: str
    example: str
    examine: Examine = attrs.field(eq=False, repr=False)
    needs: tuple[str, ...] = ()
    provides: frozenset[str] = frozenset()
    concern: Concern | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def label(self) -> str:
        """Level and identifier, such as ``MUST-LIFE-05``."""
        return f"{self.level.value}-{self.id}"

    @property
    def family(self) -> str:
        """The first part of the identifier."""
        return self.id.partition("-")[0]


@attrs.frozen
class Untested:
    """A sentence of the contract that no check can decide.

    Attributes:
        id: Its identifier in reports.
        sentence: The sentence, quoted.
        source: Where it stands.
        reason: Why no check decides it.
    """

    id: str
    sentence: str
    source: str
    reason: str


class Registry:
    """Checks by identifier, in the order in which they are run."""

    def __init__(self) -> None:
        self._checks: Final[dict[str, Check]] = {}

    def check(
        self,
        id: str,  # noqa: A002 - the reader's word for it
        level: Level,
        title: str,
        *,
        sentence: str,
        source: str,
        fix: str,
        example: str,
        needs: Iterable[str] = (),
        provides: Iterable[str] = (),
        concern: Concern | None = None,
    ) -> Callable[[Examine], Examine]:
        """Register the decorated function as a check; its docstring says why it matters.

        The arguments are the attributes of `Check`.

        Raises:
            ValueError: The identifier is taken, or `needs` names a check that is not there yet.
        """
        if id in self._checks:
            raise ValueError(f"check {id}: the identifier is taken.")
        if unknown := [need for need in needs if need not in self._checks]:
            raise ValueError(f"check {id}: it needs {', '.join(unknown)}, which is not there yet.")

        def register(examine: Examine) -> Examine:
            self._checks[id] = Check(
                id=id,
                level=level,
                title=title,
                sentence=sentence,
                source=source,
                why=inspect.getdoc(examine) or "",
                fix=fix,
                example=inspect.cleandoc(example) + "\n",
                examine=examine,
                needs=tuple(needs),
                provides=frozenset(provides),
                concern=concern,
            )
            return examine

        return register

    def as_mapping(self) -> Mapping[str, Check]:
        """Return identifier -> check."""
        return dict(self._checks)


#: The checks of this distribution; the modules of `checks` fill it when they are imported.
REGISTRY: Final = Registry()
check = REGISTRY.check
