"""The files of a plugin, or one file: what each of them needs. Nothing is run."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.discovery import read_manifest
from aitbc_hooks.errors import AitbcError, PluginNotFoundError
from aitbc_hooks.migration.deprecated import find_deprecated
from aitbc_hooks.migration.findings import Finding
from aitbc_hooks.migration.imports import find_imports
from aitbc_hooks.migration.interface import find_interface
from aitbc_hooks.migration.methods import find_methods
from aitbc_hooks.migration.shapes import find_shapes
from aitbc_hooks.migration.source import Source, Unreadable, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["FileReport", "findings_in", "scan"]

_MANIFEST: Final = "plugin.toml"
_SETTINGS: Final = (".yaml", ".yml", ".toml", ".json")
_MAX_SIZE: Final = 1 << 20

#: Folders that hold no code of the plugin's own.
_PASSED_OVER: Final = frozenset({"__pycache__", "build", "dist", "node_modules", "site-packages"})

_LEFT_ALONE: Final = "What cannot be understood is left as it is."


@attrs.frozen
class FileReport:
    """One file, and what it needs.

    Attributes:
        path: The file.
        text: Its text; None if it cannot be read.
        encoding: How the text is encoded.
        findings: In the order of their lines.
        is_main: Whether it is the module that holds the plugin.
    """

    path: Path
    text: str | None
    encoding: str = "utf-8"
    findings: tuple[Finding, ...] = ()
    is_main: bool = False


def scan(path: Path) -> list[FileReport]:
    """Return a report for each file in which something is to be changed.

    Args:
        path: A plugin's folder, a module of a plugin, or a configuration file.

    Raises:
        PluginNotFoundError: There is nothing, or nothing of these (``AITBC-P01``).
    """
    if path.is_dir():
        main = _main_module(path)
        reports = [_report(each, is_main=each == main) for each in _files(path)]
    elif path.is_file() and (path.suffix == ".py" or path.suffix.lower() in _SETTINGS):
        reports = [_report(path, is_main=True)]
    else:
        raise PluginNotFoundError(
            f"{path} is no folder, no module and no configuration file.",
            hint=f"Name a folder, or a file that ends in .py, {', '.join(_SETTINGS)}.",
        )
    return [report for report in reports if report.findings]


def _main_module(folder: Path) -> Path:
    """Return the module that the manifest names as the plugin's, or ``plugin.py``."""
    try:
        manifest = read_manifest(folder)
    except AitbcError:
        manifest = None
    module = manifest.entry.partition(":")[0] if manifest else "plugin"
    path = folder.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a plugin, sorted; links are not followed."""
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _PASSED_OVER and not name.startswith(".") and "egg-info" not in name
        )
        here = Path(root)
        for name in sorted(names):
            if (name.endswith(".py") or name == _MANIFEST) and not (here / name).is_symlink():
                yield here / name


def _report(path: Path, *, is_main: bool) -> FileReport:
    try:
        text, encoding = _read(path)
    except Unreadable as error:
        return FileReport(path, None, findings=(_unreadable(path, error),))
    found = tuple(findings_in(path, text, is_main=is_main))
    return FileReport(path, text, encoding, found, is_main)


def _read(path: Path) -> tuple[str, str]:
    try:
        if not stat.S_ISREG(path.stat().st_mode) or path.stat().st_size > _MAX_SIZE:
            raise Unreadable(f"it is no file of at most {_MAX_SIZE} bytes.")
        raw = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror}.") from None
    if path.suffix == ".py":
        return decode(raw)
    try:
        return raw.decode(), "utf-8"
    except UnicodeDecodeError as error:
        raise Unreadable(f"it is not UTF-8: {error.reason}.") from None


def _unreadable(path: Path, error: Unreadable) -> Finding:
    return Finding("unreadable", str(path), error.line, str(error), _LEFT_ALONE)


def findings_in(path: Path, text: str, *, is_main: bool) -> list[Finding]:
    """Return what a text needs that stands, or would stand, in a file.

    Args:
        path: The file; its name says what it is.
        text: The text.
        is_main: Whether it is the module that holds the plugin.
    """
    if path.name == _MANIFEST:
        found = list(find_interface(str(path), text))
    elif path.suffix == ".py":
        found = list(_python(path, text, is_main=is_main))
    else:
        from aitbc_hooks.migration.settings import find_settings  # noqa: PLC0415 - jsonschema

        found = list(find_settings(path, text))
    return sorted(found, key=lambda finding: (finding.line, finding.rule))


def _python(path: Path, text: str, *, is_main: bool) -> Iterator[Finding]:
    try:
        source = Source.parse(path, text)
    except Unreadable as error:
        yield _unreadable(path, error)
        return
    yield from find_imports(source)
    yield from find_methods(source)
    yield from find_deprecated(source)
    if is_main:
        yield from find_shapes(source)
