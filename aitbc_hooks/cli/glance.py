"""A glance at the configuration and its folders: which plugins are enabled; nothing is checked."""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from aitbc_hooks.config.interpolation import InterpolationError, interpolate
from aitbc_hooks.config.layers import apply_environment, apply_overrides
from aitbc_hooks.config.locating import expand
from aitbc_hooks.config.reading import read_document
from aitbc_hooks.discovery import Catalogue, add
from aitbc_hooks.discovery.sources import find_built_ins, find_in_folder
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from aitbc_hooks.discovery import Candidate

__all__ = ["glance"]


def glance(path: Path | None, overrides: Sequence[str]) -> tuple[frozenset[str], list[Candidate]]:
    """Return the canonical names of the enabled plugins, and the plugins that have a place.

    Entry points are none of them: they have no manifest. It takes a fraction of the time of `load_config`, and passes over what that would refuse.

    Args:
        path: The file; None for the embedded default.
        overrides: As after ``--set``.

    Raises:
        InvalidConfigError: The file cannot be read.
    """
    if path is None:
        from aitbc_hooks.config.loading import DEFAULT_FILE  # noqa: PLC0415 - cattrs, jsonschema

        document, base = read_document(DEFAULT_FILE), Path()
    else:
        document, base = read_document(path), path.absolute().parent
    apply_environment(document, os.environ)
    apply_overrides(document, overrides)
    plugins = document.data.get("plugins")
    listed = plugins.items() if isinstance(plugins, dict) else ()
    enabled = frozenset(
        canonical_name(name)
        for name, block in listed
        if isinstance(block, dict) and block.get("enabled") is True
    )
    catalogue = Catalogue()
    folders = (base / folder for folder in _folders(document.data.get("plugin_paths")))
    for finding in itertools.chain(*map(find_in_folder, folders), find_built_ins()):
        add(catalogue, finding)
    return enabled, list(catalogue.candidates.values())


def _folders(items: Any) -> Iterator[Path]:
    for item in items if isinstance(items, list) else ():
        try:
            yield expand(interpolate(item, os.environ).text, os.environ)
        except (InterpolationError, TypeError):
            continue  # `config validate` says what is wrong
