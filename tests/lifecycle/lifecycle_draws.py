"""What the state machine draws."""

from __future__ import annotations

from hypothesis import strategies as st
from lifecycle_faults import LASTING, METHODS, OPERATIONS, TIMELESS, Behaviour, Fault, Request
from lifecycle_rules import ROWS
from lifecycle_states import WAYS

from aitbc_hooks.interfaces import PluginStatus as S

#: What an event handler may do wrong without ending the loop.
HANDLER_FAULTS = (
    Fault.FALSE,
    Fault.RAISES,
    Fault.EXITS,
    Fault.CANCELS_ITSELF,
    Fault.HANGS,
    Fault.LATE,
    Fault.STUBBORN,
)

pauses = st.integers(0, 2)
fine = st.builds(Behaviour, pauses=pauses)
timeless = st.builds(Behaviour, st.sampled_from(TIMELESS), pauses)
faulty = st.builds(Behaviour, st.sampled_from([*TIMELESS, *LASTING]), pauses)
behaviours = fine | faulty

operations = st.sampled_from(OPERATIONS)
asked = st.sampled_from([*OPERATIONS, "broadcast"])
names = st.sampled_from(["ant", "bee", "cat", "dog"])
ticks = st.integers(0, 12)
transitions = st.builds(Request, operations, names)
requests = transitions | st.just(Request("broadcast"))
states = st.sampled_from(sorted(WAYS))
rows = st.sampled_from(
    [
        (state, operation)
        for state in sorted(WAYS)
        for operation in OPERATIONS
        if (operation, S[state.split()[0].upper()]) in ROWS
    ]
)
withdrawals = st.sampled_from(["stop", "unload"])
edges = st.sampled_from([("ant", "bee"), ("bee", "cat"), ("ant", "cat")])
handlings = st.builds(Behaviour, st.sampled_from([Fault.NONE, *HANDLER_FAULTS]), st.integers(0, 1))
others = st.none() | st.tuples(names, st.sampled_from(METHODS), behaviours)
