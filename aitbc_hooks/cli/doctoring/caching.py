"""The cache of what was read of plugins, and the folders that the host writes to."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from aitbc_hooks.cli.doctoring.records import Check, Trouble
from aitbc_hooks.cli.unsound import unsound_indexes
from aitbc_hooks.config.locating import default_state_dir
from aitbc_hooks.discovery import index_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from aitbc_hooks.cli.doctoring.scene import Scene

__all__ = ["CHECKS"]

_CLEAR: Final = "Nothing depends on it, and it is made anew; to remove it: aitbc-hooks cache clear"


def _indexes(scene: Scene) -> Iterator[Trouble]:
    if scene.session.cache:
        for path, reason in unsound_indexes(scene.environ):
            yield Trouble(str(path), reason, f"{_CLEAR}.")


def _cache_folder(scene: Scene) -> Iterator[Trouble]:
    folder = index_folder(scene.environ)
    if reason := _why_unwritable(folder):
        yield Trouble(
            str(folder),
            f"the cache cannot be written: {reason}",
            "Set XDG_CACHE_HOME to a folder that can; until then every look takes its full time.",
        )


def _state_folder(scene: Scene) -> Iterator[Trouble]:
    config = scene.config
    folder = config.state_dir if config else default_state_dir(scene.environ)
    if reason := _why_unwritable(folder):
        yield Trouble(
            str(folder),
            f"the host's state cannot be written: {reason}",
            "Set state_dir, or --state-dir, to a folder that can.",
            "AITBC-S01",
        )


def _why_unwritable(folder: Path) -> str | None:
    """Return why nothing can be written to a folder, which need not be there yet."""
    for place in (folder, *folder.parents):
        try:
            is_folder = stat.S_ISDIR(place.stat().st_mode)
        except FileNotFoundError:
            continue
        except (OSError, ValueError) as error:
            why = error.strerror if isinstance(error, OSError) else error
            return f"{place}: {why}"
        if not is_folder:
            return f"{place} is no folder"
        if not os.access(place, os.W_OK | os.X_OK):
            return f"{place} may not be written to"
        return None
    return None


CHECKS: Final = (
    Check("cache files", _indexes),
    Check("cache folder", _cache_folder),
    Check("state folder", _state_folder),
)
