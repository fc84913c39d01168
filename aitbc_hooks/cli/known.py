"""What the commands that explain look at: all plugins, described, and how they relate."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from aitbc_hooks.cli.described import with_descriptions
from aitbc_hooks.cli.overview import overview
from aitbc_hooks.cli.relations import Relations
from aitbc_hooks.errors import PluginNotFoundError
from aitbc_hooks.versions import canonical_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aitbc_hooks.cli.overview import Listing, Overview
    from aitbc_hooks.cli.session import Session

__all__ = ["Known", "look"]


@attrs.frozen
class Known:
    """All that is known.

    Attributes:
        session: Says which configuration is in force.
        overview: The plugins.
        undescribed: Name -> why a plugin without a manifest could not be described.
        relations: What they ask of each other.
    """

    session: Session
    overview: Overview
    undescribed: Mapping[str, str]
    relations: Relations

    def listing(self, name: str) -> Listing:
        """Return the plugin of a name.

        Raises:
            PluginNotFoundError: There is none, or it is blocked; the message says what comes close.
        """
        found = self.relations.listings.get(canonical_name(name))
        if found is None:
            self.session.manager().report(name)  # raises, with all that is to be said
            raise PluginNotFoundError("no plugin of that name is known.", plugin=name)
        return found


def look(session: Session) -> Known:
    """Look at all plugins; none is imported into this process but what ``-p`` names.

    Raises:
        InvalidConfigError: The configuration is invalid.
    """
    from aitbc_hooks.cli.root import COMMANDS  # noqa: PLC0415 - it names this module's users

    seen, undescribed = with_descriptions(session, overview(session, COMMANDS), COMMANDS)
    return Known(session, seen, undescribed, Relations(seen.listings))
