"""The lifecycle: the transition table, and the one driver that performs transitions."""

from aitbc_hooks.lifecycle.driver import DEADLINE, Lifecycle, Listener
from aitbc_hooks.lifecycle.failure import Failure
from aitbc_hooks.lifecycle.subject import LIFECYCLE_METHODS, Subject
from aitbc_hooks.lifecycle.table import (
    NOTHING_TO_DO,
    OPERATION_OF,
    TABLE,
    Operation,
    Transition,
    find_transition,
)
from aitbc_hooks.lifecycle.turns import Turns, outside_turns

__all__ = [
    "DEADLINE",
    "LIFECYCLE_METHODS",
    "NOTHING_TO_DO",
    "OPERATION_OF",
    "TABLE",
    "Failure",
    "Lifecycle",
    "Listener",
    "Operation",
    "Subject",
    "Transition",
    "Turns",
    "find_transition",
    "outside_turns",
]
