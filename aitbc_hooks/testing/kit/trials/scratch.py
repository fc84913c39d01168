"""A folder that trials use one after the other: emptied between them, which costs next to nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
import weakref
from pathlib import Path
from typing import Final

__all__ = ["SCRATCH", "Scratch"]

#: What the names of these folders begin with.
SCRATCH: Final = "aitbc-trial-"

#: The folders of one instance, that stay.
_KEPT: Final = frozenset({"data", "temp", "room"})


class Scratch:
    """A folder of its own, removed with this object or by `remove`."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix=SCRATCH))
        self.remove = weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)

    def empty(self) -> None:
        """Remove all that is in the folder."""
        try:
            for entry in os.scandir(self.path):
                if entry.name in _KEPT and entry.is_dir(follow_symlinks=False):
                    _empty(entry.path)
                else:
                    _remove(entry)
        except OSError:  # a plugin may have done anything to it
            shutil.rmtree(self.path, ignore_errors=True)
            self.path.mkdir(parents=True, exist_ok=True)


def _empty(folder: str) -> None:
    for entry in os.scandir(folder):
        _remove(entry)


def _remove(entry: os.DirEntry[str]) -> None:
    if entry.is_dir(follow_symlinks=False):
        shutil.rmtree(entry.path)
    else:
        os.unlink(entry.path)  # noqa: PTH108 - an entry has no method for it
