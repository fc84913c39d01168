"""Strict SemVer 2.0 versions, and requirements of the form ``name`` or ``name range``."""

from __future__ import annotations

import functools
import operator
import re
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import VersionError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["PLUGIN_NAME", "Requirement", "Version", "canonical_name"]

#: The grammar of a plugin's name: SPEC.md's pattern, anchored to the whole string.
PLUGIN_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")

_NUMBER = r"0|[1-9]\d*"
_IDENTIFIER = rf"(?:{_NUMBER}|\d*[A-Za-z-][0-9A-Za-z-]*)"
_VERSION: Final = re.compile(
    rf"(?P<major>{_NUMBER})\.(?P<minor>{_NUMBER})\.(?P<patch>{_NUMBER})"
    rf"(?:-(?P<pre>{_IDENTIFIER}(?:\.{_IDENTIFIER})*))?"
    r"(?:\+(?P<build>[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
_CLAUSE: Final = re.compile(
    rf"(?P<op>>=|<=|==|!=|>|<|\^|~)\s*(?P<version>(?:{_NUMBER})(?:\.(?:{_NUMBER})){{0,2}}\S*)",
    re.ASCII,
)


def canonical_name(name: str) -> str:
    """Return the form under which names are compared: lower case (DESIGN: names)."""
    return name.lower()


@functools.total_ordering
@attrs.frozen(eq=False)
class Version:
    """A version as SemVer 2.0 defines it; ordering is its precedence, build metadata aside."""

    major: int
    minor: int
    patch: int
    pre: tuple[int | str, ...] = ()
    build: str = ""

    @classmethod
    def parse(cls, text: object) -> Version:
        """Parse ``MAJOR.MINOR.PATCH[-pre][+build]``.

        Raises:
            VersionError: `text` is not a SemVer 2.0 version (https://semver.org, section 2 ff.).
        """
        match = _VERSION.fullmatch(text) if isinstance(text, str) else None
        if match is None:
            raise VersionError(
                f"expected a SemVer 2.0 version such as '1.4.0' or '2.0.0-rc.1', got {text!r}."
            )
        pre = match["pre"].split(".") if match["pre"] else []
        return cls(
            int(match["major"]),
            int(match["minor"]),
            int(match["patch"]),
            tuple(int(part) if part.isdecimal() else part for part in pre),
            match["build"] or "",
        )

    @property
    def precedence(self) -> tuple[object, ...]:
        """The sort key of SemVer 2.0, section 11."""
        # A pre-release precedes its release; numbers precede words; fewer fields precede more.
        identifiers = tuple(
            (0, part, "") if isinstance(part, int) else (1, 0, part) for part in self.pre
        )
        return (self.major, self.minor, self.patch, not self.pre, identifiers)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and self.precedence == other.precedence

    def __lt__(self, other: Version) -> bool:
        return self.precedence < other.precedence

    def __hash__(self) -> int:
        return hash(self.precedence)

    def __str__(self) -> str:
        pre = "-" + ".".join(map(str, self.pre)) if self.pre else ""
        build = f"+{self.build}" if self.build else ""
        return f"{self.major}.{self.minor}.{self.patch}{pre}{build}"


def _parse_bound(text: str) -> tuple[Version, int]:
    """Parse a bound that may leave out trailing parts; return it and how many it gave."""
    core = re.match(r"[\d.]+", text)
    given = core[0].count(".") + 1 if core and "-" not in text else 3
    padded = text + ".0" * (3 - given)
    return Version.parse(padded), given


def _caret_end(low: Version, given: int) -> Version:
    """Return the first version that ``^low`` excludes: the left-most non-zero part may not move."""
    if low.major or given == 1:
        return Version(low.major + 1, 0, 0)
    if low.minor or given == 2:  # noqa: PLR2004 - two parts: ^0.2
        return Version(0, low.minor + 1, 0)
    return Version(0, 0, low.patch + 1)


def _tilde_end(low: Version, given: int) -> Version:
    """Return the first version that ``~low`` excludes: the minor part may not move."""
    return Version(low.major + 1, 0, 0) if given == 1 else Version(low.major, low.minor + 1, 0)


_COMPARE: Final[dict[str, Callable[[Version, Version], bool]]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}
_RANGE_END: Final = {"^": _caret_end, "~": _tilde_end}

_Bound = tuple[str, Version]


def _parse_range(text: str) -> tuple[_Bound, ...]:
    bounds: list[_Bound] = []
    for clause in filter(None, (part.strip() for part in text.split(","))):
        match = _CLAUSE.fullmatch(clause)
        if match is None:
            raise VersionError(
                f"expected a comparison such as '>=1.2' or '^1.4', got {clause!r} in {text!r}."
            )
        low, given = _parse_bound(match["version"])
        if match["op"] in _RANGE_END:
            bounds += [(">=", low), ("<", _RANGE_END[match["op"]](low, given))]
        else:
            bounds.append((match["op"], low))
    return tuple(bounds)


@attrs.frozen
class Requirement:
    """A plugin that another one needs: ``name``, or ``name range`` such as ``wallet >=1.2,<2``."""

    name: str
    bounds: tuple[_Bound, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Parse one entry of a ``dependencies`` list.

        Raises:
            VersionError: The name or the range is not well-formed.
        """
        match = re.fullmatch(rf"\s*({PLUGIN_NAME.pattern})(?=\s|[<>=!^~]|$)\s*(.*?)\s*", text)
        if match is None:
            raise VersionError(f"expected 'name' or 'name range', got {text!r}.")
        return cls(match[1], _parse_range(match[2]))

    def allows(self, version: Version) -> bool:
        """Whether `version` lies within the range; no range allows everything."""
        return all(_COMPARE[op](version, bound) for op, bound in self.bounds)

    def __str__(self) -> str:
        return " ".join(filter(None, [self.name, ",".join(f"{op}{v}" for op, v in self.bounds)]))
