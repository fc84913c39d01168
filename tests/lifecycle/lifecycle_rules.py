"""The transition table of DESIGN.md, section 3, written out a second time.

Nothing of `aitbc_hooks.lifecycle` is imported: a table that is wrong there is right here.
"""

from __future__ import annotations

from itertools import product

from lifecycle_faults import OPERATIONS

from aitbc_hooks.interfaces import PluginStatus as S

#: (operation, status) -> (status while the method runs, method, status after True, after failure)
ROWS = {
    ("load", S.UNLOADED): (S.LOADING, "initialize", S.LOADED, S.ERROR),
    ("start", S.LOADED): (S.LOADED, "start", S.ACTIVE, S.ERROR),
    ("start", S.INACTIVE): (S.INACTIVE, "start", S.ACTIVE, S.ERROR),
    ("stop", S.ACTIVE): (S.ACTIVE, "stop", S.INACTIVE, S.ERROR),
    ("unload", S.LOADED): (S.UNLOADING, "cleanup", S.UNLOADED, S.UNLOADED),
    ("unload", S.INACTIVE): (S.UNLOADING, "cleanup", S.UNLOADED, S.UNLOADED),
    ("unload", S.ERROR): (S.UNLOADING, "cleanup", S.UNLOADED, S.UNLOADED),
    ("unload", S.ACTIVE): (S.UNLOADING, "cleanup", S.UNLOADED, S.UNLOADED),
}
DONE_ALREADY = {
    ("load", S.LOADED),
    ("load", S.ACTIVE),
    ("load", S.INACTIVE),
    ("start", S.ACTIVE),
    ("stop", S.LOADED),
    ("stop", S.INACTIVE),
    ("unload", S.UNLOADED),
}
RESTING = (S.UNLOADED, S.LOADED, S.ACTIVE, S.INACTIVE, S.ERROR)

#: (operation, status, outcome) of everything that an operation can come to.
OUTCOMES = (
    {(*row, outcome) for row in ROWS for outcome in ("success", "failure")}
    | {(*pair, "nothing to do") for pair in DONE_ALREADY}
    | {
        (operation, status, "refused")
        for operation, status in product(OPERATIONS, RESTING)
        if (operation, status) not in ROWS and (operation, status) not in DONE_ALREADY
    }
)

#: The arrows of the diagram. An unload of an ACTIVE plugin goes by way of its stop.
ARROWS = {
    (S.UNLOADED, S.LOADING),
    (S.LOADING, S.LOADED),
    (S.LOADING, S.ERROR),
    (S.LOADED, S.ACTIVE),
    (S.LOADED, S.ERROR),
    (S.INACTIVE, S.ACTIVE),
    (S.INACTIVE, S.ERROR),
    (S.ACTIVE, S.INACTIVE),
    (S.ACTIVE, S.ERROR),
    (S.LOADED, S.UNLOADING),
    (S.INACTIVE, S.UNLOADING),
    (S.ERROR, S.UNLOADING),
    (S.UNLOADING, S.UNLOADED),
}

#: What a plugin sees of itself inside a method.
SEEN_INSIDE = {
    "initialize": {S.LOADING},
    "start": {S.LOADED, S.INACTIVE},
    "stop": {S.ACTIVE},
    "cleanup": {S.UNLOADING},
    "handle_event": {S.ACTIVE},
}
