"""The ground that plugins have to fit: the host's version and its platform."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING

from aitbc_hooks.versions import Version, VersionRange

if TYPE_CHECKING:
    from aitbc_hooks.discovery import Manifest

__all__ = ["host_range", "misfits", "platform_names"]


def platform_names() -> tuple[str, ...]:
    """Return what manifests may call this platform, its usual name first."""
    system = platform.system().lower()
    names = [system, sys.platform, *(["macos"] if system == "darwin" else [])]
    return tuple(dict.fromkeys(names))


def host_range(manifest: Manifest) -> str:
    """Return the host versions that a manifest allows, as one range; empty for all."""
    low, high = manifest.min_aitbc_version, manifest.max_aitbc_version
    parts = [manifest.requires_aitbc, f">={low}" if low else "", f"<={high}" if high else ""]
    return ",".join(dict.fromkeys(filter(None, parts)))


def misfits(manifest: Manifest, host_version: str) -> list[str]:
    """Return what of this host does not fit a plugin, in words.

    Args:
        manifest: What the plugin says.
        host_version: The version that plugins are held against.
    """
    found = []
    wanted = host_range(manifest)
    if not VersionRange.parse(wanted).allows(Version.parse(host_version), prereleases=True):
        found.append(f"it works with host versions {wanted}, and this is {host_version}")
    supported = [name.lower() for name in manifest.supported_platforms]
    if supported and {"any", *platform_names()}.isdisjoint(supported):
        listed = ", ".join(manifest.supported_platforms)
        found.append(f"it supports {listed}, and this is {platform_names()[0]}")
    return found
