"""Writing a report to a file, in the form that the file's name asks for."""

from __future__ import annotations

import json
import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks.testing.kit.forms.badge import badge
from aitbc_hooks.testing.kit.forms.junit import junit
from aitbc_hooks.testing.kit.forms.table import table

if TYPE_CHECKING:
    from collections.abc import Callable

    from aitbc_hooks.testing.kit.report import Report

__all__ = ["FORMS", "schema", "write"]

#: Suffix of a file -> what makes its text of a report.
FORMS: Final[dict[str, Callable[[Report], str]]] = {
    ".json": lambda report: report.json(),
    ".xml": junit,
    ".svg": badge,
    ".txt": table,
}
_SCHEMA: Final = Path(__file__).parents[1] / "report.schema.json"


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a report's JSON form."""
    found: dict[str, Any] = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    return found


def write(report: Report, path: Path) -> None:
    """Write a report to a file; a reader sees the old one or the new one, never a half.

    Args:
        report: The report.
        path: ``.json``, ``.xml`` (JUnit), ``.svg`` (a badge) or ``.txt`` (the table).

    Raises:
        ValueError: The name asks for no form that there is.
        OSError: The file cannot be written.
    """
    form = FORMS.get(path.suffix.lower())
    if form is None:
        raise ValueError(f"{path}: the name has to end in {', '.join(FORMS)}.")
    # In JSON and in the table, this escape means the character that UTF-8 does not have.
    _replace(path, form(report).encode("utf-8", "backslashreplace"))


def _replace(path: Path, data: bytes) -> None:
    target = path.resolve()  # what a link points to is replaced, not the link
    temporary = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
        if target.exists():
            shutil.copymode(target, temporary)
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
