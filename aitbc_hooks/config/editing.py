"""One change to a user's file, ``enabled`` of one plugin, with everything else left as it is.

The text is edited in place. Where the change belongs follows from the positions that the readers
recorded; whether it is right is not argued but checked: the new text is read back, and only if
exactly that one value has changed does it replace the file.
"""

from __future__ import annotations

import copy
import json
import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.config.loading import DEFAULT_FILE
from aitbc_hooks.config.problems import InvalidConfigError, KeyPath
from aitbc_hooks.config.reading import parse_text, read_text
from aitbc_hooks.errors import ConfigError
from aitbc_hooks.versions import PLUGIN_NAME, canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aitbc_hooks.config.document import Document

__all__ = ["set_enabled"]


def set_enabled(location: Path, name: str, *, enabled: bool) -> Path:
    """Write ``enabled`` of plugin `name` into the configuration file `location`.

    YAML, JSON and TOML are edited in place: the one scalar is replaced, or a line, an entry or a
    table is inserted, and comments and formatting stay. The new text is read back first, and the
    file is replaced only if nothing but that value differs. TOML for which no such edit exists is
    written anew when it has no comments to lose. A missing file is begun with the embedded
    default, which was in force until then. The write is atomic (a file beside it, synchronised and
    renamed), keeps the file's mode, and follows a symbolic link.

    Args:
        location: A ``.yaml``, ``.yml``, ``.toml`` or ``.json`` file.
        name: The plugin, in any case; one that is not listed is added.
        enabled: What to write.

    Returns:
        The path that was written, or that says so already.

    Raises:
        ConfigError: The file cannot be read or written (``AITBC-C01``), the name is none
            (``AITBC-C06``), or no edit changes that value alone (``AITBC-C11``).
    """
    if not PLUGIN_NAME.fullmatch(name):
        raise ConfigError(f"{name!r} is not a plugin's name (a letter, then letters, digits, '-').")
    target = location.resolve()
    text = read_text(target) if target.exists() else _default_text(target)
    if target.suffix.lower() == ".json" and not text.strip("\ufeff \t\r\n"):
        text = "{}\n"
    document = parse_text(location, text)
    if document.problems:
        raise InvalidConfigError(document.problems)
    edit = _Edit(
        text, document, _listed(document.data, name), enabled=enabled, suffix=target.suffix
    )
    new_text = edit.result()
    if new_text != text or not target.exists():
        _write(target, new_text)
    return location


def _listed(data: dict[str, Any], name: str) -> str:
    """Return `name` as the file writes it."""
    plugins = data.get("plugins")
    known = plugins if isinstance(plugins, dict) else {}
    same = (key for key in known if canonical_name(key) == canonical_name(name))
    return next(same, name)


def _default_text(target: Path) -> str:
    text = DEFAULT_FILE.read_text(encoding="utf-8")
    if target.suffix.lower() in {".yaml", ".yml"}:
        return text
    data = parse_text(DEFAULT_FILE, text).data
    return json.dumps(data, indent=2) + "\n" if target.suffix.lower() == ".json" else _toml(data)


def _toml(data: dict[str, Any]) -> str:
    import tomli_w  # noqa: PLC0415 - rarely needed

    return tomli_w.dumps(data)


#: How a format writes an entry inside braces.
_ENTRIES: Final = {
    ".json": '"{key}": {value}',
    ".toml": "{key} = {value}",
    ".yaml": "{key}: {value}",
    ".yml": "{key}: {value}",
}


@attrs.frozen(kw_only=True)
class _Edit:
    """One wish and the ways to fulfil it, the least intrusive first."""

    text: str = attrs.field(kw_only=False)
    document: Document = attrs.field(kw_only=False)
    name: str = attrs.field(kw_only=False)
    enabled: bool
    suffix: str

    @property
    def path(self) -> KeyPath:
        return ("plugins", self.name, "enabled")

    @property
    def value(self) -> str:
        return "true" if self.enabled else "false"

    def result(self) -> str:
        """Return the first candidate that reads back as the old data with this one change."""
        wanted = self._wanted()
        if _same(wanted, self.document.data):
            return self.text
        for candidate in self._candidates():
            with suppress(InvalidConfigError):
                again = parse_text(Path(f"edited{self.suffix}"), candidate)
                if not again.problems and _same(again.data, wanted):
                    return candidate
        raise ConfigError(
            f"{self.document.source} cannot be changed without touching more than"
            f" {'.'.join(map(str, self.path))}.",
            code="AITBC-C11",
            hint=f"Set it to {self.value} by hand.",
        )

    def _wanted(self) -> dict[str, Any]:
        data = copy.deepcopy(self.document.data)
        # What is no mapping and not empty is left to fail the comparison.
        plugins = data["plugins"] = _mapping(data.get("plugins"))
        block = plugins[self.name] = _mapping(plugins.get(self.name))
        block["enabled"] = self.enabled
        return data

    def _candidates(self) -> Iterator[str]:
        """Yield edited texts; one that is wrong does no harm, it does not read back right."""
        offset = len(self.text) - len(self.text.removeprefix("\ufeff"))
        span = self.document.spans.get(self.path)
        if span is not None:
            yield self._spliced(span.start + offset, span.end + offset, self.value)
        for depth in (2, 1, 0):
            yield from self._insertions(self.path[:depth], offset)
        if self.suffix.lower() == ".toml":
            yield from self._toml_candidates()

    def _insertions(self, container: KeyPath, offset: int) -> Iterator[str]:
        """Yield texts in which the rest of the path is inserted into `container`."""
        rest = [str(key) for key in self.path[len(container) :]]
        span = self.document.spans.get(container)
        if span is not None and (span.flow or not container) and self._brace(span.start + offset):
            inner = self.text[span.start + offset + 1 : span.end + offset - 1]
            comma = ", " if inner.strip() else ""
            at = span.start + offset + 1
            yield self._spliced(at, at, self._flow_entry(rest) + comma)
        elif self.suffix.lower() != ".json":
            yield from self._block_insertions(container, rest)

    def _brace(self, at: int) -> bool:
        return self.text[at : at + 1] == "{"

    def _flow_entry(self, rest: list[str]) -> str:
        form = _ENTRIES[self.suffix.lower()]
        entry = form.format(key=rest[-1], value=self.value)
        for key in reversed(rest[:-1]):
            entry = form.format(key=key, value=f"{{{entry}}}")
        return entry

    def _block_insertions(self, container: KeyPath, rest: list[str]) -> Iterator[str]:
        """Yield texts with lines inserted right after the line that opens `container`.

        There they part no comment from what it is about.
        """
        origin = self.document.origins.get(container)
        lines = self.text.splitlines(keepends=True)
        newline = "\r\n" if lines and lines[0].endswith("\r\n") else "\n"
        if self.suffix.lower() == ".toml":
            if origin is not None and len(container) == 2:  # noqa: PLR2004 - [plugins.name]
                new = f"enabled = {self.value}{newline}"
                yield "".join([*lines[: origin.line], new, *lines[origin.line :]])
            return
        at = len(lines) if not container or origin is None else origin.line
        before = "".join(lines[:at])
        before += newline if before and not before.endswith("\n") else ""
        for indent in self._indents(container):
            new = self._block_lines(rest, indent, newline)
            yield before + new + "".join(lines[at:])

    def _indents(self, container: KeyPath) -> list[int]:
        """Return the columns where a key of `container` may begin: its keys' own, or one deeper."""
        depth = len(container)
        below = {
            origin.column - 1
            for path, origin in self.document.origins.items()
            if len(path) == depth + 1 and path[:depth] == container
        }
        own = self.document.origins.get(container)
        return sorted(below) or [own.column + 1 if own and container else 0]

    def _block_lines(self, rest: list[str], indent: int, newline: str) -> str:
        lines = [f"{' ' * (indent + 2 * i)}{key}:" for i, key in enumerate(rest)]
        return newline.join([*lines[:-1], f"{lines[-1]} {self.value}", ""])

    def _toml_candidates(self) -> Iterator[str]:
        from aitbc_hooks.config.toml_reader import has_comments  # noqa: PLC0415 - TOML only

        newline = "\r\n" if "\r\n" in self.text else "\n"
        gap = newline if not self.text or self.text.endswith("\n") else newline * 2
        gap = "" if not self.text.strip() else gap
        yield f"{self.text}{gap}[plugins.{self.name}]{newline}enabled = {self.value}{newline}"
        if not has_comments(self.text):
            yield _toml(self._wanted())

    def _spliced(self, start: int, end: int, new: str) -> str:
        return self.text[:start] + new + self.text[end:]


def _mapping(value: Any) -> dict[str, Any]:
    return dict(value) if isinstance(value, dict) else {}


def _same(left: Any, right: Any) -> bool:
    """Whether two values are equal in kind too: ``1`` is not ``True``."""
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(_same(left[k], right[k]) for k in left)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return type(left) is type(right) and bool(left == right)


def _write(target: Path, text: str) -> None:
    """Replace `target` in one step: a reader sees the old file or the new one."""
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
                file.flush()
                if mode is not None:
                    os.fchmod(file.fileno(), mode)
                os.fsync(file.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written: {error.strerror}.", code="AITBC-C01"
        ) from error
