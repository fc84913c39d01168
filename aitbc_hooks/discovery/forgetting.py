"""Forgetting a package: what a process keeps of imported code beyond `sys.modules`."""

from __future__ import annotations

import contextlib
import importlib.util
import inspect
import linecache
import logging
import sys
import typing
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping

__all__ = ["forget_bytecode", "forget_modules"]


def forget_modules(package: str) -> None:
    """Forget a package with its modules, and whatever the standard library keeps by their names.

    Two of its modules hold classes themselves: `typing` the arguments of the generic types that
    were asked for last, and `inspect`, in Python 3.12, those that were looked at statically.
    """
    for mapping in (sys.modules, logging.Logger.manager.loggerDict):
        _drop(mapping, [key for key in mapping if _belongs(key, package)])
    # attrs enters the source of the methods that it generates, under names with the class in it.
    _drop(linecache.cache, [key for key in linecache.cache if f" {package}." in key])
    for clear in getattr(typing, "_cleanups", ()):  # kept for the same purpose: regrtest's
        clear()
    looked_at: Any = getattr(inspect, "_shadowed_dict_from_mro_tuple", None)
    if looked_at is not None:
        looked_at.cache_clear()


def _belongs(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def _drop(mapping: MutableMapping[str, Any], keys: Iterable[str]) -> None:
    for key in keys:
        mapping.pop(key, None)


def forget_bytecode(folder: Path) -> None:
    """Remove the bytecode of a folder's sources, so that the next import compiles them.

    Bytecode counts as fresh while its source has the same size and was written within the same
    second: too coarse for a source that is edited while the host runs.
    """
    with contextlib.suppress(OSError):  # the folder may be gone
        for source in list(folder.rglob("*.py")):
            with contextlib.suppress(OSError):
                Path(importlib.util.cache_from_source(str(source))).unlink(missing_ok=True)
