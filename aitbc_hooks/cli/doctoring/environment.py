"""The interpreter, the packages, the import path."""

from __future__ import annotations

import importlib.metadata
import sys
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble

if TYPE_CHECKING:
    from collections.abc import Iterator
    from importlib.machinery import ModuleSpec

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS", "DISTRIBUTION", "own_requirements"]

#: This project as the package index has it.
DISTRIBUTION: Final = "aitbc-hooks"
_LEAST_PYTHON: Final = (3, 11)
_OURS: Final = ("aitbc_hooks", "aitbc_hookspecs", "aitbc_builtin_plugins")


def _python(_scene: Scene) -> Iterator[Trouble]:
    if sys.version_info < _LEAST_PYTHON:
        least = ".".join(map(str, _LEAST_PYTHON))
        seen = ".".join(map(str, sys.version_info[:3]))
        yield Trouble(
            sys.executable, f"this is Python {seen}", f"Use Python {least} or a later one."
        )


def own_requirements() -> list[tuple[str, str, str | None]]:
    """Return what this package needs: name, range, and the version that is installed, if any.

    Nothing, if it runs from a checkout that is not installed: no metadata says it.
    """
    from packaging.requirements import Requirement  # noqa: PLC0415 - for this alone

    found: list[tuple[str, str, str | None]] = []
    try:
        texts = importlib.metadata.requires(DISTRIBUTION) or ()
    except importlib.metadata.PackageNotFoundError:
        return found
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            try:
                version = importlib.metadata.version(requirement.name)
            except importlib.metadata.PackageNotFoundError:
                version = None
            found.append((requirement.name, str(requirement.specifier), version))
    return found


def _packages(_scene: Scene) -> Iterator[Trouble]:
    from packaging.specifiers import SpecifierSet  # noqa: PLC0415 - for this alone

    for name, specifier, version in own_requirements():
        fix = f'Run: {sys.executable} -m pip install "{name}{specifier}"'
        if version is None:
            yield Trouble(name, "the package is not installed", fix)
        elif not SpecifierSet(specifier).contains(version, prereleases=True):
            yield Trouble(name, f"version {version} is installed, {specifier} is needed", fix)


def _import_path(scene: Scene) -> Iterator[Trouble]:
    """Our packages have to be of one piece: an old copy earlier on the path hides a part of it."""
    host = Path(__file__).parents[2]
    for name in _OURS:
        spec = PathFinder.find_spec(name, list(scene.path))
        if spec is None or spec.origin is None:
            yield Trouble(
                name,
                "the package is not on the import path",
                f"Install {DISTRIBUTION} anew: its parts belong together.",
            )
        elif name == host.name and not _same(Path(spec.origin).parent, host):
            yield Trouble(
                name,
                f"{Path(spec.origin).parent} would be imported, and {host} is running",
                "Remove one of the two from the import path.",
            )


def _shadowed(scene: Scene) -> Iterator[Trouble]:
    """``aitbc.plugins`` is our portion of a namespace, which any regular package ``aitbc`` hides."""
    spec = PathFinder.find_spec("aitbc", list(scene.path))
    ours = _own_portion(scene)
    if spec is None:
        fix = f"Install {DISTRIBUTION} anew."
        yield Trouble("aitbc.plugins", "the import path has no package aitbc", fix)
        return
    found = _plugins_in(spec)
    if ours is not None and found is not None and _same(found, ours):
        return
    # A namespace has no origin; a regular package has its __init__, a module itself.
    hider = spec.origin or found or "another package"
    yield Trouble(
        "aitbc.plugins",
        f"{hider} hides it, so that plugins cannot import it",
        "Remove or rename that package, or make it a namespace: without an __init__.py.",
    )


def _plugins_in(spec: ModuleSpec) -> Path | None:
    """Return the file of ``aitbc.plugins`` as an import of it would find it."""
    if spec.submodule_search_locations is None:
        return None
    inner = PathFinder.find_spec("aitbc.plugins", list(spec.submodule_search_locations))
    return Path(inner.origin) if inner is not None and inner.origin else None


def _own_portion(scene: Scene) -> Path | None:
    """Return the file of our ``aitbc.plugins``: it stands beside our hookspecs."""
    spec = PathFinder.find_spec("aitbc_hookspecs", list(scene.path))
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parents[1] / "aitbc" / "plugins" / "__init__.py"


def _same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return False


CHECKS: Final = (
    Check("Python version", _python),
    Check("package versions", _packages),
    Check("import path", _import_path),
    Check("shadowed aitbc package", _shadowed),
)
