"""Version ranges: ``>=1.2,<2``, ``^1.2``, ``~1.2``, ``1.x``, ``*`` and what they allow."""

from __future__ import annotations

import functools
import operator
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.errors import VersionError
from aitbc_hooks.versions.version import NUMBER, Version

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VersionRange"]

_PARTS: Final = 3  # major, minor, patch
_CLAUSE: Final = re.compile(
    r"(?P<op>>=|<=|==|!=|>|<|\^|~)?\s*"
    rf"(?P<numbers>{NUMBER}(?:\.{NUMBER}){{0,2}})(?P<free>(?:\.[xX*]){{0,2}})(?P<rest>(?:[-+]\S*)?)",
    re.ASCII,
)

_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@attrs.frozen
class _Comparison:
    op: str
    bound: Version

    def holds(self, version: Version) -> bool:
        return _COMPARE[self.op](version.precedence, self.bound.precedence)


@attrs.frozen
class _Outside:
    """``!=1.x``: whatever is not in a window."""

    low: Version
    end: Version

    def holds(self, version: Version) -> bool:
        return not self.low <= version < self.end


_Clause = _Comparison | _Outside


@attrs.frozen
class VersionRange:
    """A set of versions, written as clauses between commas that all have to hold.

    ============== ==================================================================
    ``>=1.2``      also ``>``, ``<=``, ``<``: compared; parts that are left out are 0
    ``==1.2.3``    that version; ``!=1.2.3`` any other; ``==1.x`` and ``!=1.x`` too
    ``^1.2``       at least 1.2.0; the left-most part that is not 0 stays
    ``~1.2``       at least 1.2.0; the minor part stays
    ``1.x``        also ``1.*``, ``1.2.x``: what begins so
    ``1.2``        the same as ``1.2.x``; ``1.2.3`` is exactly that version
    ``*``          all; so is an empty text
    ============== ==================================================================

    Build metadata plays no part. A pre-release is off unless a clause (other than ``!=``) names
    a pre-release of the same major, minor and patch, as npm and Cargo have it. ``<2.0.0``, and
    the upper ends of ``^``, ``~`` and ``x``, leave out the pre-releases of 2.0.0 too, whatever
    is allowed: who writes ``<2`` does not want ``2.0.0-rc.1``.

    Two ranges are equal if their clauses are; how they were written is not compared.

    Attributes:
        text: The range as it was written, for messages.
    """

    text: str = attrs.field(default="", eq=False)
    _clauses: tuple[_Clause, ...] = attrs.field(default=(), repr=False)
    _named: frozenset[tuple[int, int, int]] = attrs.field(default=frozenset(), repr=False)

    @classmethod
    def parse(cls, text: str) -> VersionRange:
        """Parse a range.

        Raises:
            VersionError: It is not well-formed.
        """
        return _parse(text.strip())

    @property
    def is_any(self) -> bool:
        """Whether no version is outside (pre-releases aside)."""
        return not self._clauses

    def names(self, version: Version) -> bool:
        """Whether the range names a pre-release of the same major, minor and patch."""
        return version.core in self._named

    def allows(self, version: Version, *, prereleases: bool = False) -> bool:
        """Whether a version lies within the range.

        Args:
            version: The version.
            prereleases: Take pre-releases by their order alone, whether they are named or not.
        """
        if version.pre and not (prereleases or self.names(version)):
            return False
        return all(clause.holds(version) for clause in self._clauses)

    def __str__(self) -> str:
        return self.text


@functools.lru_cache(1024)  # a thousand plugins ask for few different ranges
def _parse(text: str) -> VersionRange:
    written = [_read(part.strip(), text) for part in text.split(",")] if text else []
    return VersionRange(
        text,
        tuple(clause for each in written for clause in each.meaning()),
        frozenset(w.version.core for w in written if w.version.pre and w.op != "!="),
    )


@attrs.frozen
class _Written:
    """One clause as it is written: how many parts of its version it gives, the others being 0."""

    op: str | None
    version: Version
    given: int
    free: bool

    def meaning(self) -> tuple[_Clause, ...]:
        """Return the clauses that it stands for."""
        op, version = self.op, self.version
        if not self.given:
            return ()
        if op == "^":
            return _window(version, _caret_end(version, self.given))
        if op == "~" or (op is None and self.given < _PARTS) or (self.free and op == "=="):
            return _window(version, _tilde_end(version, self.given))
        if self.free:
            return (_Outside(version, _tilde_end(version, self.given)),)
        if op == "<" and not version.pre:
            return (_Comparison("<", _floor(*version.core)),)
        return (_Comparison(op or "==", version),)


def _read(clause: str, text: str) -> _Written:
    """Read one clause of the range `text`."""
    if clause == "*":
        return _Written(None, Version(0, 0, 0), 0, free=True)
    match = _CLAUSE.fullmatch(clause)
    given = match["numbers"].count(".") + 1 if match else 0
    parts = given + match["free"].count(".") if match else 0
    if (
        match is None
        or parts > _PARTS
        or (match["rest"] and given < _PARTS)
        or (match["free"] and match["op"] not in (None, "==", "!="))
    ):
        raise VersionError(
            f"expected a comparison such as '>=1.2' or '^1.4', got {clause[:80]!r} in {text[:80]!r}."
        )
    version = Version.parse(match["numbers"] + ".0" * (_PARTS - given) + match["rest"])
    return _Written(match["op"], version, given, free=bool(match["free"]))


def _window(low: Version, end: Version) -> tuple[_Clause, ...]:
    return _Comparison(">=", low), _Comparison("<", end)


def _floor(major: int, minor: int, patch: int) -> Version:
    """Return what precedes every version of these parts: the lowest pre-release there can be."""
    return Version(major, minor, patch, (0,))


def _caret_end(low: Version, given: int) -> Version:
    """Return what ``^low`` stays below: the left-most part that is not 0 may not move."""
    if low.major or given == 1:
        return _floor(low.major + 1, 0, 0)
    if low.minor or given == 2:  # noqa: PLR2004 - two parts: ^0.0
        return _floor(0, low.minor + 1, 0)
    return _floor(0, 0, low.patch + 1)


def _tilde_end(low: Version, given: int) -> Version:
    """Return what ``~low`` stays below: the minor part may not move, if it is given."""
    return _floor(low.major + 1, 0, 0) if given == 1 else _floor(low.major, low.minor + 1, 0)
