"""Looking at one plugin again: its manifest may have been edited since it was found."""

from __future__ import annotations

from pathlib import Path

from aitbc_hooks.discovery.folders import find_at
from aitbc_hooks.discovery.records import Candidate, Rejected
from aitbc_hooks.errors import MetadataError, PluginLoadError
from aitbc_hooks.versions import canonical_name

__all__ = ["find_again"]


def find_again(candidate: Candidate) -> Candidate:
    """Return a candidate as it would be found now; one that is in no folder of its own, unchanged.

    Raises:
        PluginLoadError: Its folder is gone, or holds no plugin any more (``AITBC-P06``).
        PluginError: Its manifest cannot be read (``AITBC-P09``).
        MetadataError: Its manifest names another plugin (``AITBC-P05``).
    """
    if candidate.source != "directory":
        return candidate
    found = find_at(Path(candidate.location))
    if isinstance(found, Rejected):
        raise found.error
    if not isinstance(found, Candidate):
        raise PluginLoadError(
            f"there is no plugin in {candidate.location} any more.",
            plugin=candidate.name,
            hint="Bring it back, or disable it.",
            code="AITBC-P06",
        )
    if canonical_name(found.name) != canonical_name(candidate.name):
        raise MetadataError(
            f"its manifest says that it is {found.name!r} now.",
            plugin=candidate.name,
            hint="Start the host again to use it under another name.",
            code="AITBC-P05",
        )
    return found
