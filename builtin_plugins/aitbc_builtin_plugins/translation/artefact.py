"""The model on disk: versioned JSON, compressed, under a checksum; never pickle.

The file ``model.json.z`` is one line of ASCII, ``aitbc-translation <format> <sha256>``, followed by
zlib data of which the checksum is taken. It is replaced as a whole or not at all. A file that
this version cannot read is never overwritten: it steps aside under a name of its own when a new
model takes its place.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import attrs

from .inputs import SOURCE_LANGUAGE, TARGET_LANGUAGE
from .model import Candidate, Example, TranslationModel

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["FILE_NAME", "FORMAT", "ArtefactError", "Draft", "decode", "draft", "encode", "load"]

FORMAT: Final = 1
FILE_NAME: Final = "model.json.z"
_HEADER: Final = re.compile(rb"aitbc-translation ([0-9]{1,9}) ([0-9a-f]{64})\n")
_TABLES: Final = ("memory", "phrases", "lexicon")


class ArtefactError(Exception):
    """A model file cannot be read; the message says why."""


def encode(model: TranslationModel) -> bytes:
    """Return `model` as the bytes of an artefact; equal models give equal bytes."""
    document = {
        "languages": [SOURCE_LANGUAGE, TARGET_LANGUAGE],
        "starter_examples": model.starter_examples,
        "target_words": model.target_words,
        "examples": [[example.source, example.target] for example in model.examples],
    } | {name: _plain(getattr(model, name)) for name in _TABLES}
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    packed = zlib.compress(text.encode(), 6)
    return b"aitbc-translation %d %s\n" % (FORMAT, _checksum(packed)) + packed


def decode(data: bytes) -> TranslationModel:
    """Return the model that `data` holds.

    Raises:
        ArtefactError: The data is damaged, of a newer format, or not an artefact at all.
    """
    header = _HEADER.match(data)
    if header is None:
        raise ArtefactError("it is not a model of translation-ai, or its first line is damaged")
    if int(header[1]) != FORMAT:
        raise ArtefactError(f"it has format {int(header[1])}; this version reads {FORMAT}")
    packed = data[header.end() :]
    if header[2] != _checksum(packed):
        raise ArtefactError("it is damaged: the checksum does not fit")
    try:
        return _model(json.loads(zlib.decompress(packed)))
    except (zlib.error, ValueError, TypeError, KeyError, RecursionError) as error:
        raise ArtefactError(f"its content is not what format {FORMAT} prescribes") from error


def load(directory: Path) -> TranslationModel | None:
    """Return the model kept in `directory`, or None where there is none.

    Raises:
        ArtefactError: There is a file, and it cannot be read.
    """
    try:
        return decode((directory / FILE_NAME).read_bytes())
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ArtefactError(f"it cannot be read: {error.strerror}") from error


@attrs.frozen
class Draft:
    """A written model file that is not in its place yet.

    Attributes:
        path: Where it is now.
        place: Where `commit` puts it.
        aside: Where `commit` puts an unreadable file that it finds at `place`, else None.
    """

    path: Path
    place: Path
    aside: Path | None

    def commit(self) -> None:
        """Put the file in its place: two renames at most, no further writing.

        Raises:
            OSError: It cannot be renamed; it has been discarded.
        """
        try:
            if self.aside is not None:
                self.place.rename(self.aside)
            self.path.replace(self.place)
        except OSError:
            self.discard()
            raise

    def discard(self) -> None:
        """Remove the file; nothing happens after `commit`."""
        self.path.unlink(missing_ok=True)


def draft(model: TranslationModel, directory: Path) -> Draft:
    """Write `model` beside its place in `directory`, which is made if needed.

    Raises:
        OSError: The file cannot be written; none is left behind.
    """
    directory.mkdir(parents=True, exist_ok=True)
    data = encode(model)
    handle, name = tempfile.mkstemp(prefix=f"{FILE_NAME}.", suffix=".new", dir=directory)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        return Draft(Path(name), directory / FILE_NAME, _aside(directory))
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _aside(directory: Path) -> Path | None:
    try:
        load(directory)
    except ArtefactError:
        number = 1
        while (name := directory / f"{FILE_NAME}.kept-{number}").exists():
            number += 1
        return name
    return None


def _checksum(data: bytes) -> bytes:
    return hashlib.sha256(data).hexdigest().encode()


def _plain(table: Mapping[str, Candidate]) -> dict[str, list[str | float]]:
    return {source: [found.target, found.probability] for source, found in table.items()}


def _model(document: dict[str, Any]) -> TranslationModel:
    if document["languages"] != [SOURCE_LANGUAGE, TARGET_LANGUAGE]:
        raise ValueError(document["languages"])
    return TranslationModel(
        examples=tuple(Example(_of(str, s), _of(str, t)) for s, t in document["examples"]),
        starter_examples=_of(int, document["starter_examples"]),
        target_words=_of(int, document["target_words"]),
        **{name: _table(document[name]) for name in _TABLES},
    )


def _table(value: dict[str, list[Any]]) -> dict[str, Candidate]:
    table = {}
    for source, (target, probability) in _of(dict, value).items():
        if not 0 < _of(float, probability) <= 1:
            raise ValueError(probability)
        table[source] = Candidate(_of(str, target), probability)
    return table


def _of(kind: type[Any], value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(value)
    return value
