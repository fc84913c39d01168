"""What is said of a broken class: whose place it takes, and what has to find it out."""

from __future__ import annotations

import attrs

GRID, DEVIATIONS, WALKS = "the grid", "the grid with a deviation", "the walks"

#: The broken managers that the conformance kit was designed against. One that is not here, a
#: payload shared by all handlers, is no fault of this host: it is what the contract says.
#: "broadcast while stopping" has taken its place.
KNOWN = {
    "ACTIVE before start returns",
    "ERROR not set",
    "broadcast stops at first error",
    "broadcast to INACTIVE",
    "broadcast to LOADED",
    "broadcast while stopping",
    "cancel-before-begin is ERROR",
    "cleanup skipped when stop fails",
    "ignores False",
    "legality before lock",
    "lock leak on cancel",
    "no cleanup after failed start",
    "no lock",
    "no timeout",
    "reload in place",
    "stale broadcast",
    "start from ERROR",
    "stop twice",
    "stuck on quarantine cancel",
    "success lost on cancel",
    "swallows CancelledError",
    "truthy success",
    "two locks",
    "unload cancellable",
    "unload skips stop",
    "zombie overlap",
}


@attrs.frozen
class Mutant:
    """One broken class.

    Attributes:
        place: The name that it takes the place of.
        broken: The class.
        tiers: What has to find it out, each in the default run.
        known_as: What it is among `KNOWN`, if it is.
    """

    place: str
    broken: type
    tiers: tuple[str, ...]
    known_as: str | None

    def __str__(self):
        return self.broken.__name__


class Mutants(list):
    """Broken classes that take the same place."""

    def __init__(self, place):
        super().__init__()
        self._place = place

    def killed_by(self, *tiers, known_as=None):
        """Register a broken class, and say what has to find it out."""

        def register(broken):
            self.append(Mutant(self._place, broken, tiers, known_as))
            return broken

        return register
