"""A package's public names, imported where they live when they are first used (PEP 562)."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

__all__ = ["lazy_names"]


def lazy_names(
    package: str, homes: Mapping[str, str], *, extra: str = "", brings: Collection[str] = ()
) -> Callable[[str], Any]:
    """Return a ``__getattr__`` for a package.

    Args:
        package: The package's name.
        homes: Public name -> the module that it is imported from.
        extra: The extra of this distribution that the package needs.
        brings: The packages that it brings: where one is missing, one sentence says so.
    """

    def get(name: str) -> Any:
        home = homes.get(name)
        if home is None:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            value = getattr(importlib.import_module(home), name)
        except ModuleNotFoundError as error:
            if error.name not in brings:
                raise
            message = (
                f"{package}.{name} needs {error.name}: python -m pip install 'aitbc-hooks[{extra}]'"
            )
            raise ModuleNotFoundError(message, name=error.name) from None
        setattr(sys.modules[package], name, value)  # the next look-up finds it at once
        return value

    return get
