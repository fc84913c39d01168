"""What was raised, and where in the author's code."""

from __future__ import annotations

import sysconfig
import traceback
from pathlib import Path
from typing import Final

import click

from aitbc_hooks.lifecycle.failure import shown

__all__ = ["told"]

_LIBRARY: Final = sysconfig.get_paths()["stdlib"]
_NOT_AUTHORS: Final = (str(Path(__file__).parents[2]), str(Path(click.__file__).parent), "<frozen")


def told(error: BaseException) -> str:
    """Return in words what was raised, and where in the author's code."""
    first = "".join(shown(error, str).splitlines()[:1])
    what = f"{type(error).__name__}: {first}" if first else type(error).__name__
    frames = [f for f in traceback.extract_tb(error.__traceback__) if _is_foreign(f.filename)]
    own = [frame for frame in frames if "site-packages" not in frame.filename] or frames
    if not own:
        return what
    return f"{what} at {Path(own[-1].filename).name}:{own[-1].lineno} in {own[-1].name}()"


def _is_foreign(file: str) -> bool:
    """Whether a file is neither this package's, nor click's, nor of the standard library."""
    if file.startswith(_NOT_AUTHORS):
        return False
    return "site-packages" in file or not file.startswith(_LIBRARY)
