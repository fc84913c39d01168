"""The index: what was read of plugins before, so that it need not be read again.

One file for each set of places under the user's cache directory: a line of JSON that says what it
is, then a line for each thing that is kept. A line is taken apart when it is asked for, so that a
thousand plugins that nobody asks about cost next to nothing. Whatever is wrong with the file, it is
forgotten and made anew: nothing is in it that cannot be found out again.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from aitbc_hooks import __version__
from aitbc_hooks.config.locating import default_cache_dir
from aitbc_hooks.discovery.signature import digest, is_doubtful, sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = [
    "Entry",
    "Index",
    "clear_indexes",
    "index_folder",
    "index_for",
    "problem_of_index",
    "settings_index",
]

#: Changed with everything that is kept here: the lines, and what is checked before.
_FORMAT: Final = 2
_LARGEST: Final = 64 << 20
_SUFFIX: Final = ".index"
_PREFIX: Final = "plugins-"
_SETTINGS: Final = "settings-"


class Entry:
    """What one file has said.

    Args:
        name: The plugin's name; that of its folder where the file says none.
        text: The file's table as JSON; empty if the file is wrong.
        problem: What is wrong with it; empty if nothing is.
    """

    __slots__ = ("name", "problem", "text")

    def __init__(self, name: str, text: str, problem: str = "") -> None:
        self.name = name
        self.text = text
        self.problem = problem

    def table(self) -> dict[str, Any]:
        """Return the table."""
        table: dict[str, Any] = json.loads(self.text or "{}")
        return table


class Index:
    """What was read before, by place and key.

    Args:
        path: The file; None keeps nothing beyond this object.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self._is_changed = False
        # Place -> key -> line. Places and keys are names of files: they may hold anything but NUL.
        self._places: dict[str, dict[str, str]] = {} if path is None else _read(path)

    def file(self, place: str, key: str, found: os.stat_result, path: str) -> Entry | None:
        """Return what a file has said, if it is the same as it was then.

        Args:
            place: Where the file belongs to, such as a folder of plugins.
            key: Which one it is there.
            found: The file, as `os.stat` sees it now.
            path: Where it is, for a look at its content where times prove nothing.
        """
        try:
            line = self._places[place][key]
            signature, seen, content, name, text, problem = line.split("\t")
        except (KeyError, ValueError):  # unknown, or something else is kept there
            return None
        if signature != sign(found):
            return None
        if is_doubtful(found, int(seen)):
            now = time.time_ns()
            try:
                if digest(Path(path).read_bytes()) != content:
                    return None
            except OSError:
                return None
            self._set(place, key, (signature, str(now), content, name, text, problem))
        return Entry(_plain(name), text, problem and json.loads(problem))

    def note_file(
        self, place: str, key: str, found: os.stat_result, data: bytes, entry: Entry
    ) -> None:
        """Keep what a file has said.

        Args:
            place: As for `file`.
            key: Likewise.
            found: The file, as `os.stat` saw it before it was read.
            data: Its content.
            entry: What it says.
        """
        problem = entry.problem and json.dumps(entry.problem)
        seen, name = str(time.time_ns()), _escaped(entry.name)
        self._set(place, key, (sign(found), seen, digest(data), name, entry.text, problem))

    def kept(self, place: str, key: str, state: object) -> Any:
        """Return what was kept for a state of things, if it is the same now; else None."""
        line = self._places.get(place, {}).get(key, "")
        before, _, value = line.partition("\t")
        return json.loads(value) if value and before == json.dumps(state) else None

    def keep(self, place: str, key: str, state: object, value: object) -> None:
        """Keep a value, which can be written as JSON, for a state of things."""
        self._set(place, key, (json.dumps(state), json.dumps(value)))

    def forget_others(self, place: str, keys: Iterable[str]) -> None:
        """Forget what belongs to a place and is none of the keys."""
        lines = self._places.get(place)
        if lines and (gone := lines.keys() - set(keys)):
            self._is_changed = True
            for key in gone:
                del lines[key]

    def _set(self, place: str, key: str, fields: Iterable[str]) -> None:
        self._is_changed = True
        self._places.setdefault(place, {})[key] = "\t".join(fields)

    def save(self) -> None:
        """Write the file if there is anything new; where it cannot be written, go without."""
        if self.path is None or not self._is_changed:
            return
        self._is_changed = False
        blocks = [_escaped(place) + _block(lines) for place, lines in self._places.items()]
        body = "\n".join(blocks).encode("utf-8", "surrogateescape")
        header = json.dumps(_header() | {"sum": zlib.crc32(body)}).encode("ascii")
        with contextlib.suppress(OSError):
            _replace(self.path, header + b"\n" + body)


def index_for(places: Iterable[Path], environ: Mapping[str, str] | None = None) -> Index:
    """Return the index of a set of places, as it was left.

    Args:
        places: Folders of plugins; in any order.
        environ: Says where the user's cache directory is; by default the process's own.
    """
    names = "\0".join(sorted({os.path.abspath(place) for place in places}))  # noqa: PTH100 - no I/O
    key = digest(os.fsencode(f"{sys.prefix}\0{names}"))
    return Index(index_folder(environ) / f"{_PREFIX}{key}{_SUFFIX}")


def settings_index(path: Path, environ: Mapping[str, str] | None = None) -> Index:
    """Return what is known of a configuration file, as it was left."""
    key = digest(os.fsencode(path))
    return Index(index_folder(environ) / f"{_SETTINGS}{key}{_SUFFIX}")


def index_folder(environ: Mapping[str, str] | None = None) -> Path:
    """Return the folder with the indexes: ``$XDG_CACHE_HOME/aitbc-hooks``."""
    return default_cache_dir(os.environ if environ is None else environ)


def clear_indexes(environ: Mapping[str, str] | None = None) -> list[Path]:
    """Remove all indexes; return what was removed.

    Raises:
        OSError: One cannot be removed.
    """
    found = sorted(index_folder(environ).glob(f"*{_SUFFIX}*"))
    for path in found:
        path.unlink(missing_ok=True)
    return found


def problem_of_index(path: Path) -> str | None:
    """Return why an index is of no use, in words; None if it is. It is made anew when needed."""
    try:
        _body(path)
    except _USELESS as error:
        return str(error) if isinstance(error, _UselessError | OSError) else "it is not whole"
    return None


class _UselessError(ValueError):
    """An index is not whole, or of another version."""


#: What reading one may raise, whatever is in it.
_USELESS: Final = (OSError, ValueError, KeyError, TypeError, RecursionError)


def _header() -> dict[str, object]:
    return {"format": _FORMAT, "host": __version__, "python": sys.version}


def _read(path: Path) -> dict[str, dict[str, str]]:
    """Return what is in a file; nothing if it is not there, not whole, or of another version."""
    places: dict[str, dict[str, str]] = {}
    try:
        body = _body(path).decode("utf-8", "surrogateescape")
    except _USELESS:
        return places
    lines: dict[str, str] = {}
    for text in body.split("\n"):
        key, tab, line = text.partition("\t")
        if tab:
            lines[_plain(key)] = line
        else:
            lines = places[_plain(key)] = {}
    return places


def _body(path: Path) -> bytes:
    """Return what follows an index's first line.

    Raises:
        OSError: There is none, or it cannot be read.
        ValueError: It is of no use.
    """
    if path.stat().st_size > _LARGEST:
        raise _UselessError(f"it is larger than {_LARGEST} bytes")
    first, _, body = path.read_bytes().partition(b"\n")
    header = json.loads(first)
    for key, value in _header().items():
        if header[key] != value:
            raise _UselessError(f"it is of another version: {key} is {header[key]!r}")
    if header["sum"] != zlib.crc32(body):
        raise _UselessError("it is not whole")
    return body


def _block(lines: Mapping[str, str]) -> str:
    """Return the lines of one place, each after a line end."""
    keys = "".join(lines)
    pairs: Iterable[tuple[str, str]] = lines.items()
    if "\n" in keys or "\t" in keys:
        pairs = ((_escaped(key), line) for key, line in pairs)
    return "".join(map("\n".__add__, map("\t".join, pairs)))


def _escaped(name: str) -> str:
    """Return the name of a file, which has no NUL, without what separates lines and fields."""
    return name.replace("\n", "\0n").replace("\t", "\0t")


def _plain(name: str) -> str:
    return name.replace("\0t", "\t").replace("\0n", "\n") if "\0" in name else name


def _replace(path: Path, data: bytes) -> None:
    """Write a file so that whoever reads it finds the old or the new one, whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.{os.getpid()}.{time.monotonic_ns()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
