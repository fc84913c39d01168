"""A plugin's static schema ``config_schema.json``: found beside its code, read without running it."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any, Final

from aitbc_hooks.errors import PluginError

__all__ = [
    "CONFIG_SCHEMA",
    "folder_of_module",
    "read_schema_file",
    "schema_beside",
    "schema_of_module",
]

#: The file beside a plugin's code that holds the schema of its configuration.
CONFIG_SCHEMA: Final = "config_schema.json"

_MAX_SIZE: Final = 1 << 20


def schema_beside(folder: Path, entry: str) -> Path | None:
    """Return the schema file beside the code of ``module[:attribute]`` in `folder`, if any."""
    path = _folder_of(folder.joinpath(*_parts(entry))) / CONFIG_SCHEMA
    return path if path.is_file() else None


def schema_of_module(entry: str) -> Path | None:
    """Return the schema file beside ``package.module[:attribute]``; nothing is imported."""
    folder = folder_of_module(entry)
    path = None if folder is None else folder / CONFIG_SCHEMA
    return path if path is not None and path.is_file() else None


def folder_of_module(entry: str) -> Path | None:
    """Return the folder that the code of ``package.module[:attribute]`` is in.

    Nothing is imported. None if it cannot be found so.
    """
    import importlib.util  # noqa: PLC0415 - together with what it finds

    top, *inner = _parts(entry)
    try:
        # Only a name without dots can be looked for without importing the packages around it.
        spec = importlib.util.find_spec(top)
        if spec is None:
            return None
        for place in spec.submodule_search_locations or ():
            return _folder_of(Path(place, *inner))
        return _folder_of(Path(spec.origin)) if spec.has_location and spec.origin else None
    except (ImportError, AttributeError, OSError, ValueError):
        return None  # it fails when it is loaded, and says so then


def _parts(entry: str) -> list[str]:
    return entry.partition(":")[0].split(".")


def _folder_of(code: Path) -> Path:
    """Return the folder of a module's code: its own, if it is a package."""
    return code if (code / "__init__.py").is_file() else code.parent


def read_schema_file(path: Path) -> dict[str, Any]:
    """Read a schema file.

    Raises:
        PluginError: It cannot be read, or holds no JSON object (``AITBC-C10``).
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode) or found.st_size > _MAX_SIZE:
            raise PluginError(
                f"{path}: expected a file of at most {_MAX_SIZE} bytes.", code="AITBC-C10"
            )
        schema = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise PluginError(f"{path}: {error}.", code="AITBC-C10") from None
    if not isinstance(schema, dict):
        raise PluginError(f"{path}: expected an object.", code="AITBC-C10")
    return schema
