"""The resting states of one plugin, how to reach each, and what operations ask of methods."""

from __future__ import annotations

from lifecycle_faults import Fault

#: What an operation asks of which methods, in order.
ASKS = {
    "load": ("construct", "initialize"),
    "start": ("start",),
    "stop": ("stop",),
    "unload": ("stop", "cleanup"),
}
#: How to reach a resting state from UNLOADED: operations, and the fault of the last one's method.
WAYS = {
    "unloaded": ([], None),
    "loaded": (["load"], None),
    "active": (["load", "start"], None),
    "inactive": (["load", "start", "stop"], None),
    "error": (["load"], ("initialize", Fault.FALSE)),
    "error without an instance": (["load"], ("construct", Fault.RAISES)),
    "error with an abandoned call": (["load"], ("initialize", Fault.STUBBORN)),
}
