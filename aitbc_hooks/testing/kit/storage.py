"""Where Hypothesis keeps its files while the kit uses it: not in the author's folder."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from hypothesis.configuration import set_hypothesis_home_dir, storage_directory

from aitbc_hooks.testing.kit.trials.scratch import Scratch

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["stored_aside"]


@contextlib.contextmanager
def stored_aside() -> Iterator[None]:
    """Have what Hypothesis stores meanwhile thrown away; where it stores stays as it was."""
    home = storage_directory(intent_to_write=False).home_directory
    aside = Scratch()
    set_hypothesis_home_dir(aside.path)
    try:
        yield
    finally:
        set_hypothesis_home_dir(home)
        aside.remove()
