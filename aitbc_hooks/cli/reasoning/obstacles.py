"""What keeps a plugin from running, each in one sentence with what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.cli.names import did_you_mean
from aitbc_hooks.cli.sentences import sentence
from aitbc_hooks.versions import RequirementKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.relations import Link
    from aitbc_hooks.discovery import Rejected

__all__ = ["Obstacle"]

#: So many names of a chain are shown.
_LONGEST: Final = 5


@attrs.frozen
class Obstacle:
    """One thing that keeps a plugin from running.

    Attributes:
        code: A key of `aitbc_hooks.errors.CODES`.
        text: What it is: a clause about the plugin, without its name.
        fix: What to do: one or more imperative sentences.
        through: Where it is the fault of a plugin that is needed: the names that lead there.
        cause: What is wrong there, as `text`; empty where it is the plugin's own.
    """

    code: str
    text: str
    fix: str
    through: tuple[str, ...] = ()
    cause: str = ""

    @property
    def sentence(self) -> str:
        """The clause as a sentence with its code."""
        return f"{sentence(self.text)} [{self.code}]"

    @classmethod
    def disabled(cls, name: str, origin: str | None) -> Obstacle:
        """It is disabled; `origin` is what says so, None if nothing mentions the plugin."""
        if origin is None:
            text = "no configuration mentions it, and what is not mentioned is disabled"
            return cls("AITBC-H02", text, f"Enable it: aitbc-hooks enable {name}.")
        fix = f"Enable it: aitbc-hooks enable {name}."
        if origin == "--set":
            fix = f"Leave out --set plugins.{name}.enabled."
        elif origin.startswith("environment "):
            fix = f"Unset {origin.removeprefix('environment ')}."
        return cls("AITBC-H02", f"it is disabled by {_place(origin)}", fix)

    @classmethod
    def blocked(cls, name: str) -> Obstacle:
        """It is blocked on the command line."""
        return cls("AITBC-H02", f"it is blocked by -p no:{name}", f"Leave out -p no:{name}.")

    @classmethod
    def passed_over(cls, rejected: Rejected) -> Obstacle:
        """There is something of its name that is unfit."""
        error = rejected.error
        text = f"{rejected.source} {rejected.location} was passed over: {error.message}"
        return cls(error.code, text, error.hint or f"Mend {rejected.location}.")

    @classmethod
    def unknown(cls, name: str, known: Iterable[str], advice: str) -> Obstacle:
        """Nobody has a plugin of its name."""
        text = f"no plugin of that name is known.{did_you_mean(name, known)}"
        return cls("AITBC-P01", text, advice)

    @classmethod
    def undescribed(cls, listing: Listing, problem: str) -> Obstacle:
        """It has no manifest, and its code does not say what it is."""
        text = f"it has no plugin.toml, and asking its code what it is failed: {problem}"
        location = listing.candidate.location
        return cls(
            "AITBC-P02",
            text,
            f"Mend its code, and see what it says then: aitbc-hooks manifest build {location} "
            "--print.",
        )

    @classmethod
    def misfit(cls, what: str, host_range: str) -> Obstacle:
        """The host or its platform is none that it supports."""
        wanted = f", or run a host of {host_range}" if "host version" in what else ""
        return cls("AITBC-D05", what, f"Install a release of it for this host{wanted}.")

    @classmethod
    def circle(cls, path: Iterable[str]) -> Obstacle:
        """It waits for itself."""
        text = f"it waits for itself: {' → '.join(path)}"
        return cls("AITBC-D02", text, "Remove one of these dependencies.")

    @classmethod
    def missing(cls, link: Link, known: Iterable[str]) -> Obstacle:
        """What it needs is not there."""
        name = link.requirement.name
        hint = did_you_mean(name, known)
        return cls(
            "AITBC-D01",
            f"it needs {link.requirement}, and no such plugin is known.{hint}",
            f"Install {name}, or put it into a folder of plugin_paths.",
        )

    @classmethod
    def lacks(cls, name: str, why: Obstacle) -> Obstacle:
        """What it needs does not run itself; at the end of a chain stands the first reason."""
        through, cause = (name, *why.through), why.cause or why.text
        text = f"it needs {_chain(through)}, of which this holds: {cause}"
        return cls("AITBC-D03", text, why.fix, through, cause)

    @classmethod
    def waits(cls, name: str) -> Obstacle:
        """What it needs waits for a cycle."""
        return cls(
            "AITBC-D02",
            f"it needs {name}, which waits for plugins that wait for each other",
            f"See aitbc-hooks graph {name}.",
            (name,),
        )

    @classmethod
    def version(cls, link: Link, other: Listing) -> Obstacle:
        """What it needs, or works with, has another version."""
        wants = link.requirement
        optional = wants.kind is RequirementKind.OPTIONAL
        verb = f"works with {wants.name} only as {wants.range}" if optional else f"needs {wants}"
        seen = other.candidate.version or "without a version"
        return cls(
            "AITBC-D04",
            f"it {verb}, and {other.name} is {seen}",
            f"Install {other.name} {wants.range}, or a release that works with {seen}.",
        )

    @classmethod
    def conflict(cls, name: str, other: str, *, declared_by: str) -> Obstacle:
        """It does not work beside a plugin that starts before it."""
        return cls(
            "AITBC-D06",
            f"it does not run beside {other}, which starts first, as {declared_by} says",
            f"Disable one of them: aitbc-hooks disable {other}, or aitbc-hooks disable {name}.",
        )


def _chain(names: tuple[str, ...]) -> str:
    """Return the names on a way, the middle of a long one left out."""
    shown = names if len(names) <= _LONGEST else (*names[:2], "…", names[-1])
    return " → ".join(shown)


def _place(origin: str) -> str:
    return "the embedded default" if origin == "default" else origin
