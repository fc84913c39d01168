"""Writing a folder that is there completely or not at all, and never over another one."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from aitbc_hooks.errors import StateError

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["write_folder"]

#: What renaming a folder onto something that is not an empty folder raises.
_OCCUPIED: Final = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR})


def write_folder(target: Path, files: Mapping[str, str]) -> None:
    """Write a folder.

    Everything is written into a hidden folder beside it, which is then renamed: whatever happens
    meanwhile, `target` is what it was, or complete.

    Args:
        target: The folder; it does not exist, or is empty.
        files: Path in it, with ``/`` -> text.

    Raises:
        StateError: Something is there already, or it cannot be written (``AITBC-S03``).
    """
    _refuse_what_is_there(target)
    try:
        made = Path(tempfile.mkdtemp(prefix=f".{target.name[:32]}.", dir=target.parent))
    except OSError as error:
        raise _failed(target, error) from error
    try:
        _fill(made, files)
        made.rename(target)
    except OSError as error:
        if error.errno in _OCCUPIED:
            _refuse_what_is_there(target)
        raise _failed(target, error) from error
    finally:
        # After the renaming there is nothing left to remove.
        shutil.rmtree(made, ignore_errors=True)


def _fill(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        path = folder.joinpath(*name.split("/"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    # A temporary folder is its owner's alone; this one is as any other that the user makes.
    mask = os.umask(0)
    os.umask(mask)
    folder.chmod(0o777 & ~mask)


def _refuse_what_is_there(target: Path) -> None:
    """Say what stands in the way, if anything does."""
    try:
        if target.is_symlink():
            raise _occupied(target, "it is a symbolic link.")
        if not target.exists():
            return
        if not target.is_dir():
            raise _occupied(target, "it is a file.")
        first = min((child.name for child in target.iterdir()), default=None)
    except OSError as error:
        raise _failed(target, error) from error
    if first is not None:
        raise _occupied(target, f"the folder is not empty: it has {first!r}.")


def _occupied(target: Path, why: str) -> StateError:
    return StateError(
        f"{target} exists, and is not overwritten: {why}",
        hint="Choose another name, or another folder with --path.",
        code="AITBC-S03",
    )


def _failed(target: Path, error: OSError) -> StateError:
    return StateError(
        f"{target} cannot be written: {error.strerror or error}.",
        hint="Choose a folder that you may write to with --path.",
        code="AITBC-S03",
    )
