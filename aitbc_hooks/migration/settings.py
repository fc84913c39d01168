"""Configurations of the old kind: other spellings of keys and names, and values in quotes.

Whether an edit is right is not argued but checked: the new text is read back, and counts only if
exactly what was meant has changed.
"""

from __future__ import annotations

import copy
import re
from typing import TYPE_CHECKING, Any, Final

import attrs

from aitbc_hooks.config import InvalidConfigError, host_schema, load_config
from aitbc_hooks.config.reading import parse_text
from aitbc_hooks.migration.findings import Edit, Finding, apply
from aitbc_hooks.versions import PLUGIN_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aitbc_hooks.config.document import Document
    from aitbc_hooks.config.problems import KeyPath, Problem

__all__ = ["find_settings"]

_WORDS: Final = {
    **dict.fromkeys(("true", "yes", "on", "1"), "true"),
    **dict.fromkeys(("false", "no", "off", "0"), "false"),
}

#: What the host's own schema complains about; the rest depends on plugins and the environment.
_OWN: Final = frozenset({"AITBC-C05", "AITBC-C06"})

_WHY_KEY: Final = "The specification's configuration has that key in this spelling."
_WHY_NAME: Final = "A plugin's name is letters, digits and '-' (SPEC.md, Configuration Schema)."
_WHY_VALUE: Final = "The specification's configuration has a value of another type there."
_WHY_OTHER: Final = "The host refuses a configuration in which this stands."


def find_settings(path: Path, text: str) -> Iterator[Finding]:
    """Yield what a configuration file needs.

    Args:
        path: The file; its suffix says what format it has.
        text: What stands in it.
    """
    try:
        document = parse_text(path, text)
    except InvalidConfigError as error:
        for problem in error.problems:
            yield _by_hand(path, problem)
        return
    change = _Change(path, text, document)
    found = [*change.keys(), *change.values()]
    yield from found
    # What is left is told as the host tells it, about the text as it would be.
    yield from _left_over(path, apply(text, found))


def _left_over(path: Path, text: str) -> Iterator[Finding]:
    import tempfile  # noqa: PLC0415 - for this alone
    from pathlib import Path as File  # noqa: PLC0415 - the annotation's class, at run time

    with tempfile.TemporaryDirectory() as folder:
        # Where it lies does not matter: relative paths in it are not looked at.
        copied = File(folder, path.name)
        copied.write_text(text, encoding="utf-8", newline="")
        try:
            load_config(copied, environ={})
        except InvalidConfigError as error:
            for problem in error.problems:
                if problem.code in _OWN and problem.file == str(copied):
                    yield _by_hand(path, problem)


def _by_hand(path: Path, problem: Problem) -> Finding:
    what = f"{problem.message} [{problem.code}]"
    return Finding("config", str(path), problem.line, what, _WHY_OTHER)


def _plain(key: str) -> str:
    """Return a key without what spellings differ in: ``pluginPaths`` and ``plugin-paths``."""
    return re.sub(r"[-_]", "", key).lower()


@attrs.frozen
class _Change:
    """One configuration, and the changes that it needs."""

    path: Path
    text: str
    document: Document

    def keys(self) -> Iterator[Finding]:
        """Yield keys and names in another spelling."""
        top = host_schema()["properties"]
        yield from self._misspelt((), self.document.data, top)
        for section, plugins in self.document.data.items():
            if _plain(section) != "plugins" or not isinstance(plugins, dict):
                continue
            for name, block in plugins.items():
                place = (section, name)
                better = name.replace("_", "-")
                if not PLUGIN_NAME.fullmatch(name) and PLUGIN_NAME.fullmatch(better):
                    taken = {other.lower() for other in plugins}
                    yield self._rename("config-name", place, better, taken, _WHY_NAME)
                if isinstance(block, dict):
                    yield from self._misspelt(place, block, _block_schema())

    def _misspelt(
        self, place: KeyPath, block: dict[str, Any], known: dict[str, Any]
    ) -> Iterator[Finding]:
        spellings = {_plain(key): key for key in known}
        for key in block:
            better = spellings.get(_plain(key))
            if better is not None and key not in known:
                yield self._rename("config-key", (*place, key), better, set(block), _WHY_KEY)

    def _rename(self, rule: str, place: KeyPath, better: str, taken: set[str], why: str) -> Finding:
        edits: tuple[Edit, ...] = ()
        if better.lower() not in taken and better not in taken:
            edits = self._checked(self._key_edits(place, better), _renamed, place, better)
        what = f"{place[-1]}: call it {better}."
        return self._finding(rule, place, what, why, edits)

    def _key_edits(self, place: KeyPath, better: str) -> tuple[Edit, ...]:
        """Return a replacement of the key wherever it, or what is below it, begins."""
        key = re.escape(str(place[-1]))
        word = re.compile(rf"(?<![\w-])(?:(?P<quote>[\"']){key}(?P=quote)|{key})(?![\w-])")
        edits = set()
        for path, origin in self.document.origins.items():
            if path[: len(place)] != place:
                continue
            start = self._offset(origin.line, origin.column)
            end = self.text.find("\n", start)
            found = word.search(self.text, start, end if end >= 0 else len(self.text))
            # A value has no business here: the key stands where its path begins.
            if found and (path == place or self._is_table(found.start())):
                quote = found["quote"] or ""
                edits.add(Edit(*found.span(), f"{quote}{better}{quote}"))
        return tuple(sorted(edits))

    def _is_table(self, at: int) -> bool:
        """Whether a key of TOML stands in a header or before a dot, and is repeated below it."""
        line = self.text[self.text.rfind("\n", 0, at) + 1 :].partition("\n")[0]
        return self.path.suffix.lower() == ".toml" and bool(
            re.match(r"\s*\[|\s*[\w\"'-]+\s*\.", line)
        )

    def values(self) -> Iterator[Finding]:
        """Yield booleans and integers that are written as something else."""
        data = self.document.data
        yield from self._types((), data, host_schema()["properties"])
        for section, plugins in data.items():
            if _plain(section) == "plugins" and isinstance(plugins, dict):
                for name, block in plugins.items():
                    if isinstance(block, dict):
                        yield from self._types((section, name), block, _block_schema())

    def _types(
        self, place: KeyPath, block: dict[str, Any], known: dict[str, Any]
    ) -> Iterator[Finding]:
        spellings = {_plain(key): key for key in known}
        for key, value in block.items():
            kind = known.get(spellings.get(_plain(key), ""), {}).get("type")
            better = _better(kind, value)
            if better is None:
                continue
            path = (*place, key)
            span = self.document.spans.get(path)
            edits: tuple[Edit, ...] = ()
            if span is not None:
                shift = self._shift
                wanted = (Edit(span.start + shift, span.end + shift, better),)
                edits = self._checked(wanted, _assigned, path, better)
            what = f"{key}: {value!r} is written {better}."
            yield self._finding("config-value", path, what, _WHY_VALUE, edits)

    @property
    def _shift(self) -> int:
        """Characters before what the readers have read: a byte-order mark."""
        return int(self.text.startswith("\ufeff"))

    def _offset(self, line: int, column: int) -> int:
        start = 0
        for _ in range(line - 1):
            start = self.text.find("\n", start) + 1
        return start + column - 1 + (self._shift if line == 1 else 0)

    def _checked(
        self, edits: tuple[Edit, ...], meant: Any, place: KeyPath, better: str
    ) -> tuple[Edit, ...]:
        """Return the edits if they change what was meant, and nothing else."""
        if not edits:
            return ()
        new = apply(self.text, [Finding("", "", 0, "", "", edits)])
        expected = copy.deepcopy(self.document.data)
        meant(expected, place, better)
        try:
            found = parse_text(self.path, new).data
        except InvalidConfigError:
            return ()
        # As texts, because 1 and True are equal as values; the order of keys does not matter.
        return edits if _as_text(found) == _as_text(expected) else ()

    def _finding(
        self, rule: str, place: KeyPath, what: str, why: str, edits: tuple[Edit, ...]
    ) -> Finding:
        origin = self.document.origin(place)
        return Finding(rule, str(self.path), origin.line if origin else 0, what, why, edits)


def _block_schema() -> dict[str, Any]:
    """Return the schema of the keys in one plugin's block."""
    known: dict[str, Any] = host_schema()["definitions"]["plugin"]["properties"]
    return known


def _better(kind: object, value: object) -> str | None:
    """Return how a value of that type is written, if it is written otherwise."""
    if kind == "boolean" and isinstance(value, str):
        return _WORDS.get(value.strip().lower())
    if kind == "boolean" and type(value) is int:
        return _WORDS.get(str(value))
    if kind == "integer" and isinstance(value, str) and re.fullmatch(r"0|[1-9]\d*", value):
        return value
    return None


def _at(data: dict[str, Any], place: KeyPath) -> dict[str, Any]:
    for key in place[:-1]:
        data = data[str(key)]
    return data


def _renamed(data: dict[str, Any], place: KeyPath, better: str) -> None:
    block = _at(data, place)
    block[better] = block.pop(str(place[-1]))


def _assigned(data: dict[str, Any], place: KeyPath, better: str) -> None:
    block = _at(data, place)
    block[str(place[-1])] = {"true": True, "false": False}.get(better, better)
    if better.isdecimal():
        block[str(place[-1])] = int(better)


def _as_text(value: Any) -> str:
    import json  # noqa: PLC0415 - for this alone

    return json.dumps(value, sort_keys=True)
