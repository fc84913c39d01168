"""The lifecycle as data: which operation is legal in which status, and where it leads.

Everything that knows the lifecycle reads this table: the driver, the documentation's diagram
(checked by a test) and the messages of `LifecycleError`. It resolves what SPEC.md, "State
Transitions", leaves open: an operation that has nothing left to do succeeds, ERROR is left by
unloading, and unloading always ends in UNLOADED.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

import attrs

from aitbc_hooks.errors import LifecycleError
from aitbc_hooks.interfaces import PluginStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["NOTHING_TO_DO", "OPERATION_OF", "TABLE", "Operation", "Transition", "find_transition"]

_S = PluginStatus


class Operation(Enum):
    """What can be asked of a plugin's lifecycle."""

    LOAD = "load"
    START = "start"
    STOP = "stop"
    UNLOAD = "unload"


@attrs.frozen
class Transition:
    """One row of the table.

    Attributes:
        operation: What was asked.
        sources: The statuses in which it is legal.
        method: The plugin's method that performs it.
        success: The status after the method has returned True.
        failure: The status after anything else.
        via: The status while the method runs; None leaves it unchanged.
        first: An operation to perform before, whatever its outcome.
    """

    operation: Operation
    sources: frozenset[PluginStatus]
    method: str
    success: PluginStatus
    failure: PluginStatus
    via: PluginStatus | None = None
    first: Operation | None = None


TABLE: Final = (
    Transition(
        Operation.LOAD,
        frozenset({_S.UNLOADED}),
        "initialize",
        success=_S.LOADED,
        failure=_S.ERROR,
        via=_S.LOADING,
    ),
    Transition(
        Operation.START,
        frozenset({_S.LOADED, _S.INACTIVE}),
        "start",
        success=_S.ACTIVE,
        failure=_S.ERROR,
    ),
    Transition(
        Operation.STOP,
        frozenset({_S.ACTIVE}),
        "stop",
        success=_S.INACTIVE,
        failure=_S.ERROR,
    ),
    Transition(
        Operation.UNLOAD,
        frozenset({_S.LOADED, _S.INACTIVE, _S.ERROR}),
        "cleanup",
        success=_S.UNLOADED,
        failure=_S.UNLOADED,
        via=_S.UNLOADING,
    ),
    Transition(
        Operation.UNLOAD,
        frozenset({_S.ACTIVE}),
        "cleanup",
        success=_S.UNLOADED,
        failure=_S.UNLOADED,
        via=_S.UNLOADING,
        first=Operation.STOP,
    ),
)

#: Statuses in which an operation is done already: it returns True and calls nothing.
NOTHING_TO_DO: Final[Mapping[Operation, frozenset[PluginStatus]]] = {
    Operation.LOAD: frozenset({_S.LOADED, _S.ACTIVE, _S.INACTIVE}),
    Operation.START: frozenset({_S.ACTIVE}),
    Operation.STOP: frozenset({_S.LOADED, _S.INACTIVE}),
    Operation.UNLOAD: frozenset({_S.UNLOADED}),
}

#: A plugin's lifecycle method -> the operation that calls it.
OPERATION_OF: Final[Mapping[str, Operation]] = {row.method: row.operation for row in TABLE}

_BY_OPERATION_AND_SOURCE: Final = {
    (row.operation, source): row for row in TABLE for source in row.sources
}


def find_transition(operation: Operation, status: PluginStatus, plugin: str) -> Transition | None:
    """Return the row for `operation` in `status`; None where there is nothing to do.

    Raises:
        LifecycleError: The operation is illegal there (``AITBC-L01``); the message names the
            legal ones.
    """
    row = _BY_OPERATION_AND_SOURCE.get((operation, status))
    if row is None and status not in NOTHING_TO_DO[operation]:
        legal = [op.value for op in Operation if (op, status) in _BY_OPERATION_AND_SOURCE]
        raise LifecycleError(
            f"cannot {operation.value} in status {status.name}.",
            plugin=plugin,
            hint=f"Legal here: {', '.join(legal) or 'nothing until the transition has ended'}.",
        )
    return row
