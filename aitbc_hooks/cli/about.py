"""What `info` says of a plugin beyond itself: what it hides, who needs it, whose turn is when."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aitbc_hooks.cli.ground import host_range
from aitbc_hooks.cli.relations import call_order
from aitbc_hooks.discovery.manifest.records import ON_START
from aitbc_hooks.versions import RequirementKind, canonical_name

if TYPE_CHECKING:
    from aitbc_hooks.cli.overview import Listing
    from aitbc_hooks.cli.relations import Link, Relations
    from aitbc_hooks.discovery import Catalogue

__all__ = ["declared", "placed", "related"]


def placed(listing: Listing, catalogue: Catalogue) -> dict[str, Any]:
    """Return what else was found under the plugin's name.

    Args:
        listing: The plugin.
        catalogue: Everything that was found.

    Returns:
        ``shadows``: ``source``, ``location`` and ``message`` of each; the message of what is
        hidden says what hides it, that of what is unfit what is wrong with it.
    """
    key = canonical_name(listing.name)
    others = [each for each in catalogue.rejected if canonical_name(each.name) == key]
    return {
        "shadows": [
            {
                "source": other.source,
                "location": other.location,
                "message": f"[{other.error.code}] {other.error.message}",
            }
            for other in others
        ]
    }


def related(listing: Listing, relations: Relations) -> dict[str, Any]:
    """Return what others have to do with the plugin.

    Args:
        listing: The plugin.
        relations: How all plugins relate.

    Returns:
        ``dependents``: names of what needs it, ``?`` before those that can do without;
        ``conflicts``: names of what it does not run beside, whoever says so; ``call_order``: hook
        -> the enabled plugins that implement it, in the order in which they are called.
    """
    key = canonical_name(listing.name)
    asking = relations.asked_of(key)
    conflicts = {link.source for link in asking if _conflicts(link)} | {
        link.target for link in relations.asked_by(key) if _conflicts(link)
    }
    manifest = listing.candidate.manifest
    rows = relations.listings.values()
    return {
        "dependents": [
            f"{link.kind.value}{relations.name(link.source)}"
            for link in asking
            if not _conflicts(link)
        ],
        "conflicts": [relations.name(other) for other in sorted(conflicts - {key})],
        "call_order": {
            hook: call_order(rows, hook) for hook in (manifest.hooks if manifest else ())
        },
    }


def _conflicts(link: Link) -> bool:
    return link.kind is RequirementKind.CONFLICT


def declared(listing: Listing) -> dict[str, Any]:
    """Return what only the manifest says: interfaces, hosts, what it may do, when it starts."""
    manifest = listing.candidate.manifest
    if manifest is None:
        return {}
    return {
        "interfaces": list(manifest.interfaces),
        "activation": list(manifest.activation or (ON_START,)),
        "platforms": list(manifest.supported_platforms),
        "host_versions": host_range(manifest),
        "permissions": {key: list(scopes) for key, scopes in manifest.permissions.items()},
        "optional_permissions": {
            key: list(scopes) for key, scopes in manifest.optional_permissions.items()
        },
        "limits": dict(manifest.limits),
    }
