"""Doing the mechanical part: a diff, a backup that is never overwritten, and one step."""

from __future__ import annotations

import difflib
import itertools
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from aitbc_hooks.errors import StateError
from aitbc_hooks.migration.findings import apply
from aitbc_hooks.migration.scanning import findings_in

if TYPE_CHECKING:
    from aitbc_hooks.migration.scanning import FileReport

__all__ = ["diff", "migrated", "write"]


def migrated(report: FileReport) -> str | None:
    """Return a file's text after the mechanical part; None if there is none to do.

    The new text is looked at again. Where it could not be parsed, or needed the same once more,
    the edits do not understand the file, and it is left alone.
    """
    if report.text is None:
        return None
    new = apply(report.text, report.findings)
    if new == report.text:
        return None
    after = findings_in(report.path, new, is_main=report.is_main)
    before = {finding.rule for finding in report.findings if not finding.mechanical}
    strange = any(each.mechanical or each.rule not in before for each in after)
    return None if strange else new


def diff(report: FileReport) -> str:
    """Return a unified diff of the mechanical part, empty if there is none to do."""
    new = migrated(report)
    if new is None or report.text is None:
        return ""
    lines = difflib.unified_diff(
        report.text.splitlines(keepends=True),
        new.splitlines(keepends=True),
        str(report.path),
        str(report.path),
    )
    marked = (
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )
    return "".join(marked)


def write(report: FileReport) -> Path | None:
    """Do the mechanical part of one file; the file is replaced in one step and keeps its mode.

    Returns:
        The backup, which has what stood there before; None if there was nothing to do.

    Raises:
        StateError: The file has changed since it was read, or it cannot be written
            (``AITBC-S03``).
    """
    new = migrated(report)
    if new is None or report.text is None:
        return None
    path = report.path
    old = report.text.encode(report.encoding)
    try:
        if path.read_bytes() != old:
            raise StateError(
                f"{path} has changed since it was read.", hint="Run it again.", code="AITBC-S03"
            )
        content = new.encode(report.encoding)
        backup = _back_up(path)
        _replace(path, content)
    except (OSError, UnicodeEncodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise StateError(f"{path} cannot be written: {reason}.", code="AITBC-S03") from error
    return backup


def _back_up(path: Path) -> Path:
    """Copy a file beside it, under a name that is free; exclusive creation makes sure of that."""
    for number in itertools.count():
        backup = path.with_name(f"{path.name}.bak" + (f".{number}" if number else ""))
        try:
            with backup.open("xb") as copy:
                copy.write(path.read_bytes())
        except FileExistsError:
            continue
        shutil.copystat(path, backup)
        return backup
    raise AssertionError("there are infinitely many names")


def _replace(path: Path, content: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        shutil.copymode(path, temporary)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
