"""What plugins say of themselves: those that cannot, and, if asked deeply, those that lie."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.discovery.manifest.structuring import structure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.cli.doctoring.scene import Scene
    from aitbc_hooks.discovery import Candidate

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
    """Load each plugin that has a manifest of its own, and compare."""
    if scene.known is None:
        return
    candidates = [row.candidate for row in scene.known.overview.listings]
    asked = [(each, question) for each in candidates if (question := _question(each)) is not None]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for troubles in pool.map(lambda pair: list(_compared(*pair)), asked):
            yield from troubles


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


def _compared(candidate: Candidate, question: dict[str, str]) -> Iterator[Trouble]:
    from aitbc_hooks.hosting.describing import describe  # noqa: PLC0415 - the host
    from aitbc_hooks.hosting.describing.comparing import compare  # noqa: PLC0415 - as above

    name, manifest = candidate.name, candidate.manifest
    said = describe(question)
    if said.table is None or manifest is None:
        text = f"its code does not say what it is: {said.problem}"
        yield Trouble(name, text, "Mend its code.", "AITBC-P02")
        return
    wrong = [str(each) for each in compare(manifest, structure(said.table)) if not each.is_gap]
    if wrong:
        place = candidate.folder or candidate.location
        yield Trouble(
            name,
            f"manifest and code disagree: {' '.join(wrong)}",
            f"Run: aitbc-hooks manifest build --update {place}",
            "AITBC-P04",
        )


CHECKS: Final = (
    Check("plugins without a manifest", _undescribed),
    Check("manifests against code", _disagreeing, deep=True),
)
