"""All results of one plugin: the verdict, and the forms in which it is told."""

from __future__ import annotations

import functools
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks import __version__
from aitbc_hooks.lifecycle import TABLE
from aitbc_hooks.testing.kit.forms.badge import badge
from aitbc_hooks.testing.kit.forms.junit import junit
from aitbc_hooks.testing.kit.forms.table import table
from aitbc_hooks.testing.kit.forms.writing import write
from aitbc_hooks.testing.kit.outcomes import Level, Outcome, Verdict

if TYPE_CHECKING:
    from pathlib import Path

    from aitbc_hooks.testing.kit.checking import Untested
    from aitbc_hooks.testing.kit.outcomes import Result

__all__ = ["EXIT_STATUS", "SPECIFICATION", "Report", "table_digest"]

#: The specification that the checks were written to: the digest of its text.
SPECIFICATION: Final = "sha256:1a83e1160c33"

#: Version of the JSON form, described by ``report.schema.json``.
_FORMAT: Final = 1

#: Verdict -> exit status of ``aitbc-hooks test``.
EXIT_STATUS: Final = {
    Verdict.CONFORMANT: 0,
    Verdict.WITH_ADVISORIES: 0,
    Verdict.NON_CONFORMANT: 1,
    Verdict.INCONCLUSIVE: 8,
}


@functools.cache
def table_digest() -> str:
    """Return the digest of the transition table that the host and the checks share."""
    rows = sorted(
        f"{row.operation.value} {sorted(s.value for s in row.sources)} {row.method} "
        f"{row.success.value} {row.failure.value} {row.via and row.via.value}"
        for row in TABLE
    )
    return "sha256:" + hashlib.sha256("\n".join(rows).encode()).hexdigest()[:12]


@attrs.frozen
class Report:
    """What all checks of one plugin came to.

    Attributes:
        plugin: Its name.
        results: What each check came to, in the order of the checks.
        seed: The seed of what was generated; the same one gives the same report.
        untested: The sentences that no check decides.
        level: The lowest level whose failures make the plugin non-conformant.
    """

    plugin: str
    results: tuple[Result, ...]
    seed: int = 0
    untested: tuple[Untested, ...] = ()
    level: Level = Level.MUST

    @property
    def verdict(self) -> Verdict:
        """What it all comes to."""
        binding = [result for result in self.results if self.binds(result)]
        if any(r.outcome is Outcome.FAIL for r in binding):
            return Verdict.NON_CONFORMANT
        if any(r.outcome is Outcome.INCONCLUSIVE for r in binding):
            return Verdict.INCONCLUSIVE
        return Verdict.WITH_ADVISORIES if self.advisories else Verdict.CONFORMANT

    @property
    def advisories(self) -> list[Result]:
        """The failures that an author is advised of: none of a MAY, which is up to the author."""
        return [r for r in self.failures() if r.level is not Level.MAY and not self.binds(r)]

    @property
    def exit_status(self) -> int:
        """The exit status of ``aitbc-hooks test``: 0 conformant, 1 not, 8 inconclusive."""
        return EXIT_STATUS[self.verdict]

    def binds(self, result: Result) -> bool:
        """Whether a failure of that check makes the plugin non-conformant."""
        return result.level.rank <= self.level.rank

    def __getitem__(self, id: str) -> Result:  # noqa: A002 - the reader's word for it
        for result in self.results:
            if result.id == id:
                return result
        raise KeyError(id)

    def failures(self, level: Level | None = None) -> list[Result]:
        """Return the results that are FAIL, of one level or of all."""
        return [r for r in self.results if r.outcome is Outcome.FAIL and level in (None, r.level)]

    @property
    def stamp(self) -> dict[str, Any]:
        """What has to be the same for a report to be the same: kit, specification, table, seed."""
        return {
            "kit": __version__,
            "specification": SPECIFICATION,
            "table": table_digest(),
            "seed": self.seed,
        }

    def to_json(self) -> dict[str, Any]:
        """Return the report as ``report.schema.json`` describes it."""
        return {
            "schema_version": _FORMAT,
            "plugin": self.plugin,
            "verdict": self.verdict.value,
            "level": self.level.value,
            "stamp": self.stamp,
            "results": [result.to_json() for result in self.results],
            "untested": [attrs.asdict(sentence) for sentence in self.untested],
        }

    def json(self) -> str:
        """Return the report as a JSON document."""
        return json.dumps(self.to_json(), indent=2, ensure_ascii=False) + "\n"

    def table(self, *, color: bool = False, width: int = 80) -> str:
        """Return the report as a table for a terminal of that many columns."""
        return table(self, color=color, width=width)

    def junit(self) -> str:
        """Return the report as a JUnit document, with the time that each check took."""
        return junit(self)

    def badge(self) -> str:
        """Return the report as a badge, an SVG document."""
        return badge(self)

    def write(self, path: Path) -> None:
        """Write the report to a file whose name says the form: .json, .xml, .svg or .txt.

        Raises:
            ValueError: The name says no form.
            OSError: The file cannot be written.
        """
        write(self, path)
