"""What is said about events: one event, a receiver's limits, and what has become of its events."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import attrs

__all__ = ["Event", "EventLimits", "EventStatistics", "WhenFull"]

WhenFull: TypeAlias = Literal["wait", "drop_oldest", "error"]


@attrs.frozen
class Event:
    """One event.

    Attributes:
        type: A dotted name.
        data: The payload, shared by all receivers.
        source: The plugin that published it; None for the host.
    """

    type: str
    data: dict[str, Any]
    source: str | None = None


@attrs.frozen
class EventLimits:
    """How many events may wait, and how many failures pause a plugin's events.

    Attributes:
        mailbox: Events that may wait for one receiver.
        when_full: What happens to one more: its publisher waits until there is room, the oldest
            waiting one is dropped for it, or it is refused with an `EventError`.
        max_failures: Failures of one owner that make its events pause; None never pauses them.
        failure_window: Seconds within which they count.
        retry_after: Seconds after which a paused owner is tried with one event.
    """

    mailbox: int = attrs.field(
        default=1000, validator=[attrs.validators.instance_of(int), attrs.validators.ge(1)]
    )
    when_full: WhenFull = attrs.field(
        default="wait", validator=attrs.validators.in_(("wait", "drop_oldest", "error"))
    )
    max_failures: int | None = attrs.field(default=5)
    failure_window: float = attrs.field(default=60.0, validator=attrs.validators.gt(0))
    retry_after: float = attrs.field(default=30.0, validator=attrs.validators.gt(0))

    @max_failures.validator
    def _check_max_failures(self, _: object, value: int | None) -> None:
        if value is not None and (type(value) is not int or value < 1):
            raise ValueError(f"max_failures must be a whole number from 1, or None, got {value}.")


@attrs.frozen
class EventStatistics:
    """What has become of the events for one owner, or for one of its subscriptions.

    Attributes:
        handled: Its handlers have returned.
        failed: They have raised, or passed their deadline.
        dropped: Accepted, and then withdrawn, pushed out by newer ones, or cut off.
        running: Being handled now.
        waiting: Accepted and not yet begun.
        refused: Not accepted: the mailbox was full, and its policy is to refuse.
        paused: Not accepted: the owner's events were paused after failures.
        timed: Of those begun, the ones that were handled by the clock: about one in 64.
        seconds: How long these took together, waiting included.
    """

    handled: int = 0
    failed: int = 0
    dropped: int = 0
    running: int = 0
    waiting: int = 0
    refused: int = 0
    paused: int = 0
    timed: int = attrs.field(default=0, eq=False)
    seconds: float = attrs.field(default=0.0, eq=False)

    @property
    def mean(self) -> float | None:
        """Seconds that an event took, on the average of the timed ones; None without any."""
        return self.seconds / self.timed if self.timed else None

    @property
    def accepted(self) -> int:
        """How many events have been accepted, whatever has become of them."""
        return self.handled + self.failed + self.dropped + self.running + self.waiting

    def __add__(self, other: EventStatistics) -> EventStatistics:
        mine, others = attrs.astuple(self), attrs.astuple(other)
        return EventStatistics(*map(sum, zip(mine, others, strict=True)))
