"""What plugins say of themselves: those that cannot, and those that lie."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.discovery.manifest.structuring import structure
from aitbc_hooks.hosting.describing.comparing import (
    compare,
    disagreements_before,
    keep_disagreements,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene
    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.discovery import Candidate, Index

__all__ = ["CHECKS"]


def _undescribed(scene: Scene) -> Iterator[Trouble]:
    if scene.known is None:
        return
    for name, problem in sorted(scene.known.undescribed.items()):
        candidate = scene.known.overview.catalogue.get(name)
        place = candidate.location if candidate else name
        fix = f"Mend its code, or write a plugin.toml; to see more: aitbc-hooks test {place}"
        text = f"it has no plugin.toml, and asking its code failed: {problem}"
        yield Trouble(name, text, f"{fix}.", "AITBC-P02")


def _disagreeing(scene: Scene) -> Iterator[Trouble]:
    """Compare the enabled plugins in folders, each once for as long as it is the same."""
    yield from _compared_all(scene, lambda row: row.enabled and row.candidate.folder is not None)


def _disagreeing_others(scene: Scene) -> Iterator[Trouble]:
    """Compare all others."""
    yield from _compared_all(scene, lambda row: not row.enabled or row.candidate.folder is None)


def _compared_all(scene: Scene, concerns: Callable[[Listing], bool]) -> Iterator[Trouble]:
    if scene.known is None:
        return
    overview = scene.known.overview
    candidates = [row.candidate for row in overview.listings if concerns(row)]
    asked = [(each, question) for each in candidates if (question := _question(each)) is not None]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = pool.map(lambda pair: _compared(pair[0], pair[1], overview.index), asked)
        for (candidate, _), (problem, wrong) in zip(asked, found, strict=True):
            if problem is not None:
                text = f"its code does not say what it is: {problem}"
                yield Trouble(candidate.name, text, "Mend its code.", "AITBC-P02")
                continue
            if candidate.folder is not None:
                keep_disagreements(candidate.folder, overview.index, wrong)
            if wrong:
                yield Trouble(
                    candidate.name,
                    f"manifest and code disagree: {' '.join(wrong)}",
                    f"Run: aitbc-hooks manifest build --update {candidate.location}",
                    "AITBC-P04",
                )
    overview.index.save()


def _question(candidate: Candidate) -> dict[str, str] | None:
    """Return what `describe` is asked of a plugin; None where the code has said all that is known."""
    manifest = candidate.manifest
    if manifest is None or not manifest.is_complete:
        return None
    if candidate.source != "directory":
        return {"name": candidate.name, "entry": candidate.location.partition("[")[0].strip()}
    if candidate.folder is None or not (candidate.folder / "plugin.toml").exists():
        return None
    folder = str(candidate.folder.resolve())
    return {"name": candidate.name, "folder": folder, "entry": manifest.entry}


def _compared(
    candidate: Candidate, question: dict[str, str], index: Index
) -> tuple[str | None, list[str]]:
    """Return why a plugin's code says nothing, and where it says something else."""
    from aitbc_hooks.hosting.describing import describe  # noqa: PLC0415 - the host

    folder, manifest = candidate.folder, candidate.manifest
    before = None if folder is None else disagreements_before(folder, index)
    if before is not None or manifest is None:
        return None, before or []
    said = describe(question)
    if said.table is None:
        return said.problem, []
    differences = compare(manifest, structure(said.table))
    return None, [str(each) for each in differences if not each.is_gap]


CHECKS: Final = (
    Check("plugins without a manifest", _undescribed),
    Check("manifests against code", _disagreeing),
    Check("all manifests against code", _disagreeing_others, deep=True),
)
