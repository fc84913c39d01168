"""The small-scope grid: whatever one plugin can meet, once each and nothing left out.

A resting status x an operation x a fault of each method that it calls x a rival operation, begun
at the same time or a turn of the loop later x the turn in which the caller is cancelled. All of
it is written down here or in the model; nothing is taken from `aitbc_hooks.lifecycle`.
"""

from __future__ import annotations

from itertools import product

import attrs
from lifecycle_faults import FINE, OPERATIONS, Behaviour, Fault
from lifecycle_states import WAYS

#: What a lifecycle method does, a turn of the loop after it was entered.
FAULTS = (
    Fault.NONE,
    Fault.FALSE,
    Fault.NOTHING,
    Fault.ONE,
    Fault.RAISES,
    Fault.EXITS,
    Fault.HANGS,
    Fault.STUBBORN,
    Fault.LATE,
)
#: What a constructor does, and what is not seen because `initialize` is not called then.
CONSTRUCTIONS = (Fault.RAISES, Fault.EXITS, Fault.CANCELS_ITSELF)
#: What an event handler does, at its first step or a turn of the loop later.
HANDLINGS = tuple(
    Behaviour(fault, pauses)
    for fault in (Fault.NONE, Fault.RAISES, Fault.EXITS, Fault.HANGS, Fault.STUBBORN, Fault.LATE)
    for pauses in (0, 1)
)

#: (resting status, operation) -> the methods that it calls; where it calls none, nothing.
CALLED = {
    ("unloaded", "load"): ("initialize",),
    ("loaded", "start"): ("start",),
    ("inactive", "start"): ("start",),
    ("active", "stop"): ("stop",),
    ("active", "unload"): ("stop", "cleanup"),
    ("loaded", "unload"): ("cleanup",),
    ("inactive", "unload"): ("cleanup",),
    ("error", "unload"): ("cleanup",),
    ("active", "broadcast"): ("handle_event",),
}

ASKED = (*OPERATIONS, "broadcast")
#: The cells of the table, those in which something happens first.
CELLS = tuple(sorted(product(WAYS, ASKED), key=lambda cell: cell not in CALLED))
#: The turns of the loop in which a rival may begin.
BEGINNINGS = (0, 1)
RIVALS = (None, *product(ASKED, BEGINNINGS))
#: The turns of the loop in which the caller is cancelled: all that any operation takes that does
#: not wait for a clock (a test holds this against the longest one).
TURNS = tuple(range(13))


@attrs.frozen
class Case:
    """A scenario but for the cancellation of its caller."""

    state: str
    operation: str
    plan: tuple[tuple[str, Behaviour], ...]
    rival: tuple[str, int] | None = None

    @property
    def faults(self):
        return sum(behaviour.fault is not Fault.NONE for _, behaviour in self.plan)

    def happens(self):
        """Return how much happens in it, to be compared."""
        return self.rival is not None, self.faults

    def __str__(self):
        doing = [f"{method}={what.fault.name}" for method, what in self.plan if what != FINE]
        rival = "{}@{}".format(*self.rival) if self.rival else "alone"
        return f"{self.state}: {self.operation}({', '.join(doing)}), {rival}"


@attrs.frozen
class Scenario:
    """A case, the turn in which the operation's caller is cancelled, and how tasks are scheduled.

    A deviation is the number of a choice among the steps of tasks that are ready, and the index
    of the one that is run; all other choices fall on the first.
    """

    case: Case
    turn: int | None = None
    deviation: tuple[int, int] | None = None

    def __str__(self):
        turn = "" if self.turn is None else f", cancelled@{self.turn}"
        return f"{self.case}{turn}" + (
            ", choice {} -> {}".format(*self.deviation) if self.deviation else ""
        )


def plans(state, operation):
    """Return every plan for the methods that an operation calls in a resting status."""
    methods = CALLED.get((state, operation), ())
    if methods == ("handle_event",):
        return [(("handle_event", handling),) for handling in HANDLINGS]
    found = [
        tuple(
            (method, Behaviour(fault, pauses=1))
            for method, fault in zip(methods, faults, strict=True)
        )
        for faults in product(FAULTS, repeat=len(methods))
    ]
    if operation == "load" and methods:
        found += [(("construct", Behaviour(fault)),) for fault in CONSTRUCTIONS]
    return found


def every_case(cells=CELLS):
    """Return the whole product, the turns excepted; what is quick to find fault with comes first."""
    found = [
        Case(*cell, plan, rival) for cell in cells for rival in RIVALS for plan in plans(*cell)
    ]
    return sorted(found, key=Case.happens)


def usual_cases(cells=CELLS):
    """Return the product without two faults and a rival in one case."""
    return [case for case in every_case(cells) if case.rival is None or case.faults < 2]


def plain_cases(cells=CELLS):
    """Return the cases in which one operation is on its own and nothing goes wrong."""
    return [case for case in every_case(cells) if case.rival is None and not case.faults]
