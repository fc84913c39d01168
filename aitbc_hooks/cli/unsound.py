"""Files of the cache that this host does not trust: not whole, or of another version."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from aitbc_hooks.discovery.index import index_folder, problem_of_index

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["unsound_indexes"]


def unsound_indexes(environ: Mapping[str, str] = os.environ) -> Iterator[tuple[Path, str]]:
    """Yield the files of the cache that are of no use, with the reason.

    The host itself passes over them in silence, and makes them anew.
    """
    try:
        files = sorted(index_folder(environ).glob("*.index"))
    except OSError:  # told as a folder that cannot be used
        return
    for path in files:
        if reason := problem_of_index(path):
            yield path, reason
