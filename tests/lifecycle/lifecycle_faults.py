"""What a plugin's method may do: as asked, wrongly, never, or something else altogether."""

from __future__ import annotations

import asyncio
import contextlib
from enum import Enum, auto

import attrs

#: Seconds that each method of a plugin of the tests has.
DEADLINE = 1.0

METHODS = ("initialize", "start", "stop", "cleanup")
OPERATIONS = ("load", "start", "stop", "unload")


class Fault(Enum):
    NONE = auto()
    FALSE = auto()
    NOTHING = auto()
    ONE = auto()
    RAISES = auto()
    EXITS = auto()
    INTERRUPTS = auto()
    CANCELS_ITSELF = auto()
    HANGS = auto()  # until it is cancelled
    LATE = auto()  # hangs, and makes up for it within the grace period
    STUBBORN = auto()  # ignores every cancellation until the test releases it


RETURNS = {Fault.FALSE: False, Fault.NOTHING: None, Fault.ONE: 1}
RAISES = {
    Fault.RAISES: ValueError,
    Fault.EXITS: SystemExit,
    Fault.INTERRUPTS: KeyboardInterrupt,
    Fault.CANCELS_ITSELF: asyncio.CancelledError,
}
#: In the place of a fault: the caller's cancellation has ended the method.
CUT_SHORT = "cut short"
TIMELESS = (*RETURNS, *RAISES)
LASTING = (Fault.HANGS, Fault.LATE, Fault.STUBBORN)


@attrs.frozen
class Request:
    """What a plugin asks of the manager from inside one of its methods."""

    operation: str  # one of OPERATIONS, or "broadcast"
    target: str = ""


@attrs.frozen
class Behaviour:
    fault: Fault = Fault.NONE
    pauses: int = 0  # turns of the loop before anything happens
    request: Request | None = None


FINE = Behaviour()


async def act(fault, release):
    """Do what the fault says, as a method of a plugin."""
    if fault in RAISES:
        raise RAISES[fault]
    if fault is Fault.STUBBORN:
        while not release.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await release.wait()
    if fault in (Fault.HANGS, Fault.LATE):
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            if fault is Fault.HANGS:
                raise
            await asyncio.sleep(DEADLINE / 4)
    return RETURNS.get(fault, True)
