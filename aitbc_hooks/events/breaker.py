"""The circuit breaker: after too many failures an owner's events pause, and are tried again."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from aitbc_hooks.events.records import EventLimits

__all__ = ["Breaker"]


class Breaker:
    """Closed while an owner handles its events; open after `max_failures` within the window.

    While it is open it admits one event every `retry_after` seconds, as a trial: a success closes
    it, a failure starts the waiting anew. A trial that has no outcome (its receiver was withdrawn,
    say) is followed by the next one. Times are those of one clock that never goes back.

    Attributes:
        trial: What was admitted as the last trial, until its outcome is known.
    """

    def __init__(self, limits: EventLimits) -> None:
        self._limits = limits
        self._failures: deque[float] = deque(maxlen=limits.max_failures or 0)
        self._retry_at: float | None = None
        self.trial: object = None

    @property
    def is_open(self) -> bool:
        """Whether events pause."""
        return self._retry_at is not None

    def admits(self, event: object, now: float) -> bool:
        """Whether an event may be delivered now; while open, it is the trial if it may."""
        if self._retry_at is None:
            return True
        if now < self._retry_at:
            return False
        self._retry_at = now + self._limits.retry_after
        self.trial = event
        return True

    def failed(self, event: object, now: float) -> bool:
        """Note a failure; return whether it has opened a closed breaker."""
        if self._retry_at is not None:
            # What had begun before the opening says nothing new.
            if event is self.trial:
                self.trial = None
                self._retry_at = now + self._limits.retry_after
            return False
        self._failures.append(now)
        if (
            self._limits.max_failures is None
            or len(self._failures) < self._limits.max_failures
            or now - self._failures[0] > self._limits.failure_window
        ):
            return False
        self._retry_at = now + self._limits.retry_after
        return True

    def succeeded(self, event: object) -> bool:
        """Note a success; return whether it was the trial, which closes the breaker."""
        if self._retry_at is None or self.trial is None or event is not self.trial:
            return False
        self._failures.clear()
        self._retry_at = self.trial = None
        return True
