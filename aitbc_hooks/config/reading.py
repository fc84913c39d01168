"""A configuration file becomes a `Document`: size, encoding, and the format by suffix."""

from __future__ import annotations

import importlib
import stat
from typing import TYPE_CHECKING

from aitbc_hooks.config.document import MAX_BYTES, Document, Origin
from aitbc_hooks.config.problems import InvalidConfigError, Problem
from aitbc_hooks.config.suffixes import SUFFIXES

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["SUFFIXES", "parse_text", "read_document", "read_text"]


def read_document(path: Path) -> Document:
    """Read `path` as YAML, TOML or JSON by its suffix; an empty file is an empty mapping.

    Raises:
        InvalidConfigError: The file cannot be read, is too large (1 MiB) or too deep (64 levels),
            or is not well-formed. Lesser problems are in the document's `problems`.
    """
    return parse_text(path, read_text(path))


def read_text(path: Path) -> str:
    """Return the text of `path`, byte-order mark and line ends as they are.

    Raises:
        InvalidConfigError: The file is missing, unreadable, too large or not UTF-8.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a FIFO may wait for ever
            raise _unreadable("AITBC-C01", path, "cannot be read: it is no regular file")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _unreadable("AITBC-C01", path, f"cannot be read: {reason}") from error
    if len(raw) > MAX_BYTES:
        raise _unreadable("AITBC-C02", path, f"the file is larger than {MAX_BYTES} bytes")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        problem = Problem("AITBC-C03", str(path), line, column, (), "the text is not UTF-8")
        raise InvalidConfigError([problem]) from None


def parse_text(path: Path, text: str) -> Document:
    """Parse `text`, which stands in the file `path`; the suffix of `path` says how.

    Raises:
        InvalidConfigError: As `read_document`.
    """
    reader = SUFFIXES.get(path.suffix.lower())
    if reader is None:
        known = ", ".join(SUFFIXES)
        raise _unreadable("AITBC-C01", path, f"the suffix {path.suffix!r} is none of {known}")
    document = Document(source=str(path))
    document.origins[()] = Origin(str(path), 1, 1)
    importlib.import_module(reader).parse(text.removeprefix("\ufeff"), document)
    document.normalise()
    return document


def _unreadable(code: str, path: Path, reason: str) -> InvalidConfigError:
    return InvalidConfigError([Problem(code, str(path), 0, 0, (), reason)])
